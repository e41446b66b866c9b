/** Reports of operations, as the recipes of the machine raise them. */
import { describe, expect, test } from "vitest";
import { noWarning } from "../../../explore/model.ts";
import { int, type StructField, struct } from "../../../explore/schema.ts";
import { REPORT_CODES } from "../../../gate/image/image-claims.ts";
import { ImageContext, type ImageState } from "../../../gate/image/image-context.ts";
import type { ImageInstance, Outcome } from "../../../gate/image/image-instance.ts";
import { NotTaken } from "../../../gate/image/not-taken.ts";
import { type KnownViolation, withoutKnown } from "../../../gate/known-violations.ts";
import type { AnyModel } from "../../../invariants/machine-definition.ts";

/** The text that is raised by an operation with this outcome, where some are known. */
function raisedBy(outcome: Outcome, known: readonly string[]): string | undefined {
  const instance = { load: () => {}, execute: () => outcome } as unknown as ImageInstance;
  const context = new ImageContext(
    instance,
    { reports: [], differences: [], remarks: new Map() },
    new NotTaken(),
    undefined,
  );
  const text = (code: number): string => context.reports[REPORT_CODES.indexOf(code)] ?? "";
  const model = {
    name: "reports",
    schema: struct({ memory: int(0, 9, 0) }) as StructField<ImageState>,
    context,
    actions: [],
    properties: [noWarning({ id: "KERNEL", claim: "nothing is reported", source: "tests", codes: REPORT_CODES })],
    warnings: { log: context.log, text },
  } as unknown as AnyModel;
  withoutKnown(
    model,
    known.map((warning): KnownViolation => ({ property: "KERNEL", warning })),
    text,
  );
  context.take({ memory: 0 }, "write");
  return context.log.first === 0 ? undefined : text(context.log.first);
}

const LOST = "the new folio is on no queue";
const FREED = "an object that is free is freed";

describe("An operation with several reports", () => {
  test("raises the first", () => {
    expect(raisedBy({ kind: "done", state: 1, warnings: [LOST, FREED] }, [])).toBe(LOST);
  });

  test.each<Outcome>([
    { kind: "done", state: 1, warnings: [LOST, FREED] },
    { kind: "fault", warnings: [LOST, FREED] },
  ])("raises the next one where the first is known: $kind", (outcome) => {
    expect(raisedBy(outcome, [LOST])).toBe(FREED);
    expect(raisedBy(outcome, [LOST, FREED])).toBeUndefined();
  });
});
