/** Vitest's global setup: brings dist/ up to date once, before any test runs. Tests get at it through built-cli.ts. */
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { TestProject } from "vitest/node";

declare module "vitest" {
  interface ProvidedContext {
    /** What the compiler said when the build failed; empty when dist/ is good. */
    buildFailure: string;
  }
}

/** The project's folder. */
export const projectFolder: string = dirname(dirname(fileURLToPath(import.meta.url)));

/** What the build reads: its sources, and what configures it. */
const buildInputs: readonly string[] = [
  ...(JSON.parse(readFileSync(join(projectFolder, "tsconfig.build.json"), "utf8")) as { include: string[] }).include,
  "package.json",
  "tsconfig.json",
  "tsconfig.build.json",
];

/** A failed build fails only the tests that need it, so that the others still say what they have to say. */
export default function buildOnce(project: TestProject): void {
  project.provide("buildFailure", isFresh() ? "" : build());
}

/** Whether dist/ was written after its sources. A failed build writes nothing, so what is there came from a good one. */
function isFresh(): boolean {
  const command = join(projectFolder, "dist", "cli", "main.js");
  return existsSync(command) && newest(buildInputs) < statSync(command).mtimeMs;
}

/** Last modification among the given files and folders, in milliseconds; folders count, because files disappear too. */
function newest(paths: readonly string[]): number {
  const times = paths.map((path) => {
    const full = join(projectFolder, path);
    if (!existsSync(full)) {
      return 0;
    }
    const stats = statSync(full);
    return stats.isDirectory()
      ? Math.max(stats.mtimeMs, newest(readdirSync(full).map((name) => join(path, name))))
      : stats.mtimeMs;
  });
  return Math.max(0, ...times);
}

/** @returns the compiler's words when it failed, else "" */
function build(): string {
  const { status, stdout, stderr } = spawnSync("npm", ["run", "build"], { cwd: projectFolder, encoding: "utf8" });
  return status === 0 ? "" : `npm run build failed:\n${stdout}${stderr}`;
}
