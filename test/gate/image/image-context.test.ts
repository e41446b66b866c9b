/** Reports of operations, as logged by the actions of the machine. */
import { describe, expect, test } from "vitest";
import { noWarning } from "../../../explore/model/model.ts";
import { int, never, type StructField, struct } from "../../../explore/model/schema.ts";
import { type KnownViolation, withoutKnown } from "../../../gate/adapter/known-violations.ts";
import { BlockedOperations } from "../../../gate/image/machine/blocked-operations.ts";
import { REPORT_CODES } from "../../../gate/image/machine/image-claims.ts";
import { ImageContext, type ImageState } from "../../../gate/image/machine/image-context.ts";
import type { ImageInstance, Outcome } from "../../../gate/image/module/image-instance.ts";
import type { ImageReport } from "../../../gate/image/module/image-report.ts";
import type { AnyModel } from "../../../machines/machine.ts";

/** Returns the report that an operation with this outcome logs, given known ones. */
function raisedBy(outcome: Outcome, known: readonly ImageReport[]): ImageReport | undefined {
  const instance = { load: () => {}, execute: () => outcome } as unknown as ImageInstance;
  const context = new ImageContext(
    instance,
    { reports: [], differences: [], notices: new Map() },
    new BlockedOperations(),
    undefined,
  );
  const model = {
    name: "reports",
    schema: struct({ memory: int(0, 9, 0), ended: never() }) as StructField<ImageState>,
    context,
    actions: [],
    properties: [noWarning({ id: "KERNEL", claim: "nothing is reported", source: "tests", codes: REPORT_CODES })],
    warnings: { log: context.log, data: (code: number) => context.warning(code) },
  } as unknown as AnyModel;
  withoutKnown(
    model,
    known.map((report): KnownViolation => ({ property: "KERNEL", warning: { kind: "image", report } })),
  );
  context.take({ memory: 0, ended: false }, "write", { operation: "write", parameters: [] });
  const raised = context.log.first === 0 ? undefined : context.warning(context.log.first);
  return raised?.kind === "image" ? raised.report : undefined;
}

const LOST: ImageReport = { kind: "harness", report: "queue-lost-by-migration" };
const FREED: ImageReport = { kind: "harness", report: "free-object-freed" };

describe("An operation with several reports", () => {
  test("an operation with several reports logs the first", () => {
    expect(raisedBy({ kind: "done", state: 1, reports: [LOST, FREED] }, [])).toEqual(LOST);
  });

  test.each<Outcome>([
    { kind: "done", state: 1, reports: [LOST, FREED] },
    { kind: "fault", reports: [LOST, FREED] },
  ])("an operation logs the next report if the first is known: $kind", (outcome) => {
    expect(raisedBy(outcome, [LOST])).toEqual(FREED);
    expect(raisedBy(outcome, [LOST, FREED])).toBeUndefined();
  });
});
