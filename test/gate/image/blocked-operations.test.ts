import { expect, test } from "vitest";
import { BlockedOperations } from "../../../gate/image/machine/blocked-operations.ts";

test("counts operations that would block by action, except in repetitions of steps", () => {
  const blocked = new BlockedOperations();
  expect(blocked.notChecked).toEqual([]);
  blocked.add("write");
  blocked.add("write");
  blocked.isRepetition = true;
  blocked.add("write");
  blocked.isRepetition = false;
  blocked.add("read");
  expect(blocked.notChecked).toMatchObject([{ reason: "write 2, read 1" }]);
});
