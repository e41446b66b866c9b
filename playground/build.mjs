/** Builds the playground as static files: node playground/build.mjs FOLDER */
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
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
cpSync(join(ROOT, "live/reproducer/main.c"), join(folder, "main.c"));
writeFileSync(join(folder, "agent.c"), agentSource());

/** Returns the agent as one text: agent.c with the files that it includes from its folder. */
function agentSource() {
  const sourceOf = (name) => readFileSync(join(ROOT, "live/agent", name), "utf8");
  return sourceOf("agent.c").replace(/^#include "(.*)"\n/gm, (_, name) => `${sourceOf(name)}\n`);
}
