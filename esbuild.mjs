// Bundles the extension, the command line, the two workers and the webview into dist/, the SIMD kernels within.
import asc from "assemblyscript/asc";
import { build, context } from "esbuild";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

const maps = (folder) =>
  existsSync(folder)
    ? readdirSync(folder, { recursive: true })
        .filter((name) => name.endsWith(".map"))
        .map((name) => join(folder, name))
    : [];

const KERNELS = "src/engine/kernels/assembly";
/** The entry of each module, its text and what that is called there. */
const KERNEL_MODULES = [
  { entry: "index.ts", module: "src/engine/kernels/simdModule.generated.ts", name: "SIMD_MODULE" },
  { entry: "matrix.ts", module: "src/engine/kernels/matrixModule.generated.ts", name: "MATRIX_MODULE" },
];
const KERNEL_OPTIONS = [
  "-O3",
  "--noAssert",
  "--runtime",
  "stub",
  "--use",
  "abort=",
  "--importMemory",
  "--enable",
  "simd",
];

/** Compiles an entry of the AssemblyScript kernels into a module of text, unless that is up to date. */
async function compileKernels({ entry, module, name }) {
  const sources = readdirSync(KERNELS).sort();
  const hash = createHash("sha256").update(JSON.stringify([asc.version, KERNEL_OPTIONS, sources]));
  for (const name of sources) hash.update(readFileSync(join(KERNELS, name)));
  const stamp = `// Generated from assembly/ by esbuild.mjs: ${hash.digest("hex")}\n`;
  if (existsSync(module) && readFileSync(module, "utf8").startsWith(stamp)) return;
  let wasm;
  const { error, stderr } = await asc.main([join(KERNELS, entry), ...KERNEL_OPTIONS, "--outFile", "kernels.wasm"], {
    writeFile: (_name, contents) => (wasm = contents),
  });
  if (error || !wasm) throw new Error(`${KERNELS} does not compile:\n${stderr.toString()}`);
  // Renamed into place: builds may run side by side.
  const temporary = `${module}.${process.pid}`;
  writeFileSync(temporary, `${stamp}export const ${name} =\n  "${Buffer.from(wasm).toString("base64")}";\n`);
  renameSync(temporary, module);
}

/** Puts each file in place when it is complete: other builds, and what runs their result, may be beside this one. */
async function buildInPlace(options) {
  const { outputFiles } = await build({ ...options, write: false });
  for (const { path, contents } of outputFiles) {
    mkdirSync(dirname(path), { recursive: true });
    const temporary = `${path}.${process.pid}`;
    const isProgram = contents[0] === 0x23 && contents[1] === 0x21; // #!
    writeFileSync(temporary, contents, { mode: isProgram ? 0o755 : 0o644 });
    renameSync(temporary, path);
  }
}

const watch = process.argv.includes("--watch");
const production = process.argv.includes("--production");
const common = {
  bundle: true,
  sourcemap: !production,
  minify: production,
  logLevel: "warning",
  legalComments: "none",
};

const node = {
  ...common,
  platform: "node",
  target: "node20",
  format: "cjs",
  outdir: "dist",
  external: ["vscode"],
  entryPoints: {
    extension: "src/extension.ts",
    cli: "src/cli/main.ts",
    engineWorker: "src/worker/engineWorker.ts",
    computeWorker: "src/worker/computeWorker.ts",
  },
};
const browser = {
  ...common,
  platform: "browser",
  target: "es2022",
  format: "iife",
  outdir: "dist/webview",
  entryPoints: {
    main: "webview/main.ts",
    style: "webview/style.css",
    // A report in one file: the same panel, with what stands in for the editor.
    reportHost: "webview/report/reportHost.ts",
    report: "webview/report/report.css",
  },
  tsconfig: "webview/tsconfig.json",
};

for (const module of KERNEL_MODULES) await compileKernels(module);
// A development build leaves maps behind, which must not ship.
if (production) for (const file of maps("dist")) rmSync(file);
for (const options of [node, browser]) {
  options.entryPoints = Object.fromEntries(Object.entries(options.entryPoints).filter(([, file]) => existsSync(file)));
  if (Object.keys(options.entryPoints).length === 0) continue;
  if (watch) await (await context(options)).watch();
  else await buildInPlace(options);
}
