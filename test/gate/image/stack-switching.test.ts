/** Stack switching without its optional dependency. */
import { expect, test, vi } from "vitest";
import { CompileError } from "../../../gate/compile/clang.ts";
import { loadBinaryen } from "../../../gate/image/module/stack-switching.ts";

vi.mock("binaryen", () => {
  throw new Error("cannot be found");
});

test("a missing package is an error of one line that names it, like a missing clang", async () => {
  const error: unknown = await loadBinaryen().catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(CompileError);
  expect((error as CompileError).message).toMatch(
    /^the optional dependency binaryen is not installed, .*npm install binaryen$/,
  );
});
