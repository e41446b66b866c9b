import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { makeTemporaryFolder, removeTemporaryFolder } from "../../files/temporary-folder.ts";
import { projectFolder } from "../build-once.ts";
import "../built-cli.ts";

test("a temporary folder exists until it is removed", () => {
  const folder = makeTemporaryFolder();
  expect(existsSync(folder)).toBe(true);
  removeTemporaryFolder(folder);
  expect(existsSync(folder)).toBe(false);
});

test.each(["process.exit(3)", "throw new Error('not caught')"])("temporary folders are removed on %s", (end) => {
  const module = pathToFileURL(join(projectFolder, "dist/files/temporary-folder.js")).href;
  const script = `import { existsSync } from "node:fs";
    const { makeTemporaryFolder } = await import(${JSON.stringify(module)});
    const folders = [makeTemporaryFolder(), makeTemporaryFolder()];
    console.log(JSON.stringify([folders, folders.map(existsSync)]));
    ${end};`;
  const { stdout } = spawnSync(process.execPath, ["--input-type=module", "-e", script], { encoding: "utf8" });
  const [folders, existed] = JSON.parse(stdout) as [string[], boolean[]];
  expect(existed).toEqual([true, true]);
  expect(folders.map(existsSync)).toEqual([false, false]);
});
