/** Vitest's global setup: updates dist/ once, before the first test. Tests access it through built-cli.ts. */
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { TestProject } from "vitest/node";

declare module "vitest" {
  interface ProvidedContext {
    /** Output of the compiler if the build failed; empty if dist/ is up to date. */
    buildFailure: string;
  }
}

/** The project's folder. */
export const projectFolder: string = dirname(dirname(fileURLToPath(import.meta.url)));

/** Inputs of the build: sources and configuration. */
const buildInputs: readonly string[] = [
  ...(JSON.parse(readFileSync(join(projectFolder, "tsconfig.build.json"), "utf8")) as { include: string[] }).include,
  "package.json",
  "tsconfig.json",
  "tsconfig.build.json",
];

/** Builds dist/ if necessary. A failed build fails only the tests that need it; the others run. */
export default function buildOnce(project: TestProject): void {
  project.provide("buildFailure", isFresh() ? "" : build());
}

/**
 * Whether dist/ is newer than its sources. A failed build writes nothing, so an existing dist/ is from a successful
 * one.
 */
function isFresh(): boolean {
  const command = join(projectFolder, "dist", "cli", "main.js");
  return existsSync(command) && newest(buildInputs) < statSync(command).mtimeMs;
}

/** Time of the last change of files and folders, in milliseconds; folders count, because files can be deleted. */
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

/** @returns the compiler's output if it failed, otherwise "" */
function build(): string {
  const { status, stdout, stderr } = spawnSync("npm", ["run", "build"], { cwd: projectFolder, encoding: "utf8" });
  return status === 0 ? "" : `npm run build failed:\n${stdout}${stderr}`;
}
