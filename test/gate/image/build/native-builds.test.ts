/**
 * Images that a clang of the host builds. Without a suitable one, the title of the skipped test contains the reason.
 */
import { describe, test } from "vitest";
import { clangOnPath } from "../../../../gate/compile/native-clang.ts";
import { describeBuilds } from "./builds.ts";

const native = clangOnPath();
if (native === undefined) {
  describe("an image that a native clang builds", () => {
    test.skip("is not tested: no clang 16 or later with wasm-ld is on the PATH", () => {});
  });
} else {
  describeBuilds(native.clang);
}
