// Loaded into every process and thread of the editor's server: writes down where a socket is opened to.
const { appendFileSync } = require("node:fs");
const net = require("node:net");

const file = process.env.TIES_MERGE_E2E_CONNECTIONS;
const write = (entry) => appendFileSync(file, JSON.stringify({ pid: process.pid, ...entry }) + "\n");

/** The host of net.connect's many forms: (options), (port, host), (path); internally one array of them. */
function hostOf([first, second]) {
  if (Array.isArray(first)) return hostOf(first);
  if (typeof first === "object" && first !== null) return first.path ? null : (first.host ?? "localhost");
  if (typeof first === "string" && !/^\d+$/.test(first)) return null;
  return typeof second === "string" ? second : "localhost";
}

if (file) {
  write({ started: process.argv.slice(1).join(" ") });
  const { connect } = net.Socket.prototype;
  net.Socket.prototype.connect = function (...parameters) {
    const host = hostOf(parameters);
    if (host !== null) write({ host });
    return connect.apply(this, parameters);
  };
}
