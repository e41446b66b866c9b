/**
 * The built explorer, which finds the files of its threads, and models that these threads can build: toy-models.ts,
 * bundled with imports of the same built explorer.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";
import { afterAll } from "vitest";
import { projectFolder } from "../../build-once.ts";
// Imported for its check that the build exists.
import "../../built-cli.ts";

const explore = join(projectFolder, "dist", "explore");
const built = (file: string): Promise<unknown> => import(pathToFileURL(join(explore, `${file}.js`)).href);

const explorer = (await built("index")) as typeof import("../../../explore/index.ts");
export const compile: typeof explorer.compile = explorer.compile;
export const search: typeof explorer.search = explorer.search;
export const workersOf: typeof explorer.workersOf = explorer.workersOf;
const pools = (await built(
  "search/parallel/idle-threads",
)) as typeof import("../../../explore/search/parallel/idle-threads.ts");
export const IdleThreads: typeof pools.IdleThreads = pools.IdleThreads;
export const WorkerLost: typeof explorer.WorkerLost = explorer.WorkerLost;

const folder = mkdtempSync(join(tmpdir(), "foliocheck-toys-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const outfile = join(folder, "toy-models.mjs");
await build({
  entryPoints: [join(projectFolder, "test", "explore", "parallel", "toy-models.ts")],
  bundle: true,
  format: "esm",
  platform: "node",
  outfile,
  plugins: [
    {
      name: "built-explorer",
      setup: ({ onResolve }) => {
        onResolve({ filter: /\/explore\/.*\.ts$/ }, ({ path, kind }) => {
          if (kind === "entry-point") {
            return undefined;
          }
          const [, file = ""] = path.split("/explore/");
          return { path: pathToFileURL(join(explore, file.replace(/ts$/, "js"))).href, external: true };
        });
      },
    },
  ],
});

/** URL of the module. */
export const toyModule: string = pathToFileURL(outfile).href;

/** Its exports. */
export const toys = (await import(toyModule)) as typeof import("./toy-models.ts");
