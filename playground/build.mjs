/**
 * Builds the playground as static files: node playground/build.mjs FOLDER
 *
 * The package must be built: its reader of the C sources is used.
 */
import { cpSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const [folder] = process.argv.slice(2);
if (folder === undefined) {
  throw new Error("want the folder for the files");
}

const shared = { absWorkingDir: ROOT, bundle: true, minify: true, target: "es2023", logLevel: "warning" };
const script = { ...shared, format: "iife", platform: "browser", jsx: "automatic", jsxImportSource: "preact" };

rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
await build({ ...script, entryPoints: ["playground/page/main.tsx"], outfile: join(folder, "page.js") });
await build({ ...script, entryPoints: ["playground/worker/main.ts"], outfile: join(folder, "worker.js") });
await build({
  ...shared,
  target: undefined,
  entryPoints: ["playground/page/page.css"],
  outfile: join(folder, "page.css"),
});
cpSync(join(ROOT, "playground/page/index.html"), join(folder, "index.html"));
const { reproducerSources } = await import(new URL("../dist/live/reproducer/reproducer-sources.js", import.meta.url));
for (const [name, source] of Object.entries(reproducerSources())) {
  writeFileSync(join(folder, `${name}.c`), source);
}
