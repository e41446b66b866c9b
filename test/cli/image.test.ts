/** Bad usage of `foliocheck image`: one line, exit code 2, no compilation. */
import { describe, expect, test } from "vitest";
import { foliocheck, ownFolder } from "./command.ts";

const folder = ownFolder();

describe("foliocheck image", () => {
  const refused: readonly (readonly [args: readonly string[], message: RegExp])[] = [
    [["--tree", "nowhere"], /^error: "nowhere" is not a folder; want a kernel source tree\n$/],
    [["--tree", ".", "--clang", "./no-clang"], /^error: .*no-clang/],
    [["--tree", ".", "--config", "thp"], /^error: unknown configuration "thp"; known are /],
    [["--tree", ".", "--mms", "4"], /^error: mms 4 is out of range for machine image; want 1 … 3\n$/],
    [["--tree", ".", "--patch", "missing.patch"], /^error: cannot read the patch "missing\.patch": /],
  ];
  test.each(refused)("image refuses %j", (args, message) => {
    const { code, out, err } = foliocheck(["image", ...args], folder.path);
    expect(err).toMatch(message);
    expect({ code, out, files: folder.files() }).toEqual({ code: 2, out: "", files: [] });
  });

  test("the help of image has examples, all of that command", () => {
    const { code, out } = foliocheck(["image", "--help"]);
    expect(code).toBe(0);
    expect(out.match(/^ {2}foliocheck image --tree .*$/gm)).toHaveLength(3);
  });
});
