/** The built command, for end-to-end tests. build-once.ts keeps it up to date. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { inject } from "vitest";
import { projectFolder } from "./build-once.ts";

const failure = inject("buildFailure");
if (failure !== "") {
  throw new Error(failure);
}

/** Path of the built command: run it with `process.execPath`. */
export const builtCli: string = join(projectFolder, "dist", "cli", "main.js");
if (!existsSync(builtCli)) {
  throw new Error("the build succeeded and left no dist/cli/main.js: does cli/main.ts exist?");
}
