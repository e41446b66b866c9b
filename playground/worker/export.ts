/** Exports the steps up to the state in view. */
import { modelReproducer } from "../../live/run/model-reproducer.ts";
import { plainText } from "../../report/text/block.ts";
import { type TraceOptions, traceLines } from "../../report/trace/trace.ts";
import type { TracedProperty } from "../../verify/trace/trace-report.ts";
import { type Exploration, positionOf } from "../address/exploration.ts";
import type { ClaimState } from "../protocol/executed.ts";
import type { Exported, ExportFormat } from "../protocol/messages.ts";
import { claimStates } from "./claims.ts";
import { POSSIBLE, traceOfSteps } from "./execute.ts";
import { type ModelUnder, modelsOf, underRevised } from "./model-under.ts";
import type { ReadSources } from "./reproducer-files.ts";
import { type Steps, takeSteps, type Visited } from "./steps.ts";

const TRACE_FILE = "trace.json";

/**
 * Formats the steps under the first kernel; as text, under each kernel.
 *
 * @throws UsageError for a setting that does not exist, and for a C program of steps that user space cannot take
 */
export async function exported(
  exploration: Exploration,
  format: ExportFormat,
  readSources: ReadSources,
): Promise<Exported> {
  const path = exploration.path.slice(0, positionOf(exploration));
  const [first, ...others] = modelsOf(exploration);
  const { steps, decided, trace } = underRevised(first, (under) => decidedTrace(under, path));
  switch (format) {
    case "json":
      return {
        fileName: TRACE_FILE,
        text: `${JSON.stringify(trace, null, 2)}\n`,
        ...(decided.shows === undefined
          ? {
              remark:
                "These steps violate no claim and reach no witness: foliocheck replay refuses the file, the playground " +
                "and foliocheck repro read it.",
            }
          : {}),
      };
    case "text":
      return { fileName: "trace.txt", text: [first, ...others].map((each) => textUnder(each, path)).join("\n") };
    case "c":
      return {
        fileName: "repro.c",
        text: modelReproducer(trace, first.resolved, steps.calls, await readSources()),
      };
  }
}

function decidedTrace(under: ModelUnder, path: readonly string[]) {
  const steps = takeSteps(under, path);
  const decided = decidedBy(under, steps);
  return { steps, decided, trace: traceOfSteps(under, steps, decided.property) };
}

interface Decided {
  readonly property: TracedProperty;
  readonly shows?: NonNullable<TraceOptions["shows"]>;
}

function textUnder(under: ModelUnder, path: readonly string[]): string {
  const { steps, decided, trace } = underRevised(under, (each) => decidedTrace(each, path));
  const { shows } = decided;
  const { obstacle } = steps;
  const end = obstacle === undefined ? "" : `\n  Step ${obstacle.step} is impossible here: ${obstacle.message}\n`;
  // Steps that decide nothing are no trace for foliocheck replay.
  const options = shows === undefined ? {} : { shows, file: TRACE_FILE };
  return `${plainText(traceLines(trace, options))}${end}`;
}

/** Returns a claim that the steps violate, else a witness that they reach: the last one that is decided. */
function decidedBy(under: ModelUnder, { states }: Steps): Decided {
  const decidedLast = (value: ClaimState["value"]): TracedProperty | undefined => {
    for (let i = states.length - 1; i >= 0; i--) {
      const at = states[i] as Visited;
      const claim = claimStates(under, states[i - 1], at).find((each) => each.value === value);
      if (claim !== undefined) {
        return traced(claim, at);
      }
    }
    return undefined;
  };
  const violated = decidedLast("violated");
  const reached = violated ?? decidedLast("reached");
  return reached === undefined
    ? { property: POSSIBLE }
    : { property: reached, shows: violated === undefined ? "reached" : "violated" };
}

function traced({ id, claim, source, warning: text }: ClaimState, { warning }: Visited): TracedProperty {
  return { id, claim, source, ...(text === undefined || warning === undefined ? {} : { warning }) };
}
