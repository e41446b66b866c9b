import { expect, test } from "vitest";
import { NotTaken } from "../../../gate/image/machine/not-taken.ts";

test("operations that would wait are counted by action, and not again when steps are repeated", () => {
  const notTaken = new NotTaken();
  expect(notTaken.notChecked).toEqual([]);
  notTaken.add("write");
  notTaken.add("write");
  notTaken.isRepeated = true;
  notTaken.add("write");
  notTaken.isRepeated = false;
  notTaken.add("read");
  expect(notTaken.notChecked).toMatchObject([{ reason: "write 2, read 1" }]);
});
