/** The traces of the fixtures are executions of the model that violate or reach their properties. */
import { expect, test } from "vitest";
import { interpret } from "../../explore/model/interpreter.ts";
import { formatCall, type Model } from "../../explore/model/model.ts";
import { type CountsWorld, ownerTracking } from "../../machines/owner-tracking.ts";
import { parseConfig } from "../../model/kernel/config.ts";
import type { Kernel } from "../../model/kernel/kernel.ts";
import { recording } from "../../model/kernel/recording.ts";
import { VARIANTS } from "../../model/kernels/index.ts";
import { v7_1 } from "../../model/kernels/v7-1.ts";
import { patched } from "../../model/kernels/variant.ts";
import type { World } from "../../model/state/world.ts";
import { machineNamed } from "../../verify/job/job.ts";
import type { TraceReport } from "../../verify/report/report.ts";
import { countsTrace, FAULTY, rmapTrace } from "./fixtures.ts";

/** Executes the calls of a trace, and returns its states and the functions that ran in its steps. */
function executed<S, C, V>(
  trace: TraceReport,
  kernel: Kernel,
  modelOf: (kernel: Kernel) => Model<S, C, V>,
): Pick<TraceReport, "state"> & { steps: Pick<TraceReport["steps"][number], "state" | "functions">[] } {
  const recorder = recording(kernel);
  const interpreter = interpret(modelOf(recorder.kernel));
  let state = interpreter.initialStates[trace.initial] as S;
  recorder.take();
  const first = state;
  const steps = trace.steps.map((call) => {
    state = interpreter.step(state, call);
    return { state, functions: [{ calls: recorder.take() }] };
  });
  return { state: first, steps };
}

const recordedIn = ({ state, steps }: TraceReport): ReturnType<typeof executed> => ({
  state,
  steps: steps.map(({ state, functions }) => ({ state, functions })),
});

const lastState = ({ steps }: TraceReport): unknown => steps.at(-1)?.state;

test("the rmap trace is an execution of a kernel in the catalogue, and ends with a slot that counts too much", () => {
  const variant = VARIANTS.find(({ name }) => name === FAULTY);
  const kernel = patched(variant as NonNullable<typeof variant>, parseConfig(rmapTrace.config));
  const bounds = { pages: 4, minPages: 4, mms: 2, folios: 1, anon: 1, file: 0 };
  expect(rmapTrace.bounds).toEqual(bounds);
  expect(recordedIn(rmapTrace)).toEqual(
    executed(rmapTrace, kernel, (each) => machineNamed("rmap").build(bounds, each)),
  );
  const { folios, mms } = lastState(rmapTrace) as World;
  const slot = folios[0]?.slots[1];
  const mappings = mms[1]?.vmas[0]?.ptes.filter(({ folio }) => folio === 1);
  expect(slot).toEqual({ mmId: 2, mapcount: 3 });
  expect(mappings).toHaveLength(2);
});

test("the owner-tracking trace is an execution of v7.1 that ends with one untracked MM, marked as shared", () => {
  const kernel = v7_1(parseConfig(countsTrace.config));
  const model = (each: Kernel): ReturnType<typeof ownerTracking> => ownerTracking({ pages: 4, mms: 3 }, each, []);
  expect(recordedIn(countsTrace)).toEqual(executed(countsTrace, kernel, model));
  const { folio, mms } = lastState(countsTrace) as CountsWorld;
  expect(kernel.folioMaybeMappedShared(folio)).toBe(true);
  expect(mms.filter(({ mapped }) => mapped > 0)).toHaveLength(1);
});

test("the calls of traces are formatted by formatCall()", () => {
  for (const { call, action, parameters } of [...rmapTrace.steps, ...countsTrace.steps]) {
    expect(call).toBe(formatCall({ action, parameters }));
  }
});
