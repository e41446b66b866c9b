/** Traces for the page: states as deltas, calls as texts that are stored once. */
import type { CallNode, StepCalls } from "../../model/kernel/call-node.ts";
import { formatOperation } from "../../model/race/race-calls.ts";
import type { TraceReport, TraceReportStep } from "../../verify/report/report.ts";
import { callText } from "../text/call.ts";
import { diagnosticText } from "../text/diagnostic.ts";
import { placeText } from "../text/place.ts";
import { formatSubject, nonzero } from "../text/subject.ts";
import { callHeading } from "../trace/call-heading.ts";
import { drawnStates } from "../trace/drawn-states.ts";
import { memoryOf } from "../trace/race-state.ts";
import { isRaceTrace } from "../trace/race-trace.ts";
import { sentenceOf } from "../trace/sentence.ts";
import type { ContentFact, EncodedCall, EncodedCallKind, EncodedCalls, EncodedStep, TraceContent } from "./content.ts";
import { deltaOf } from "./delta.ts";
import { raceContent } from "./race-content.ts";

/** Additions of a report to a trace. */
export interface TraceSetting {
  readonly shows: TraceContent["shows"];
  readonly also: readonly TraceReport[];
  readonly commands: readonly ContentFact[];
}

/** Converts a trace. */
export function traceContent(trace: TraceReport, { shows, also, commands }: TraceSetting): TraceContent {
  const { property, claim, source, config, kernel, against, warning, faults = [], queries = [] } = trace;
  const isRace = isRaceTrace(trace);
  const states = drawnStates(trace);
  const shownStates = isRace ? states.map(memoryOf) : states;
  const texts = new Texts();
  let before = shownStates[0];
  const steps = trace.steps.map((step, i): EncodedStep => {
    const after = shownStates[i + 1];
    const delta = deltaOf(before, after);
    before = after;
    return {
      sentence: stepSentence(step),
      call: stepCall(step),
      delta,
      calls: step.functions.map((each) => encodedCalls(each, texts)),
    };
  });
  return {
    property,
    claim,
    source,
    shows,
    also: also.map((each) => ({ property: each.property, claim: each.claim })),
    subject: formatSubject({ ...trace, bounds: nonzero(trace.bounds) }),
    commands,
    config: config.split(","),
    kernels: [kernel, ...(against === undefined ? [] : [against])],
    ...(warning === undefined ? {} : { warning: diagnosticText(warning) }),
    faults,
    state: shownStates[0],
    steps,
    ...(isRace ? { race: raceContent(trace) } : {}),
    queries: queries.map((call) => encodedCall(call, texts)),
    texts: texts.all,
  };
}

/** Steps of single accesses have no sentence: their row of the interleaving describes them. */
function stepSentence(step: TraceReportStep): string {
  const { action, parameters } = step;
  if (step.accesses === undefined) {
    return sentenceOf(step) ?? callHeading(step);
  }
  const { cpu, ...others } = parameters;
  return sentenceOf({ action, parameters: others }) ?? `CPU ${cpu}`;
}

function stepCall(step: TraceReportStep): string {
  const { cpu, ...parameters } = step.parameters;
  return step.accesses === undefined
    ? callHeading(step)
    : `${formatOperation({ operation: step.action, parameters })} on CPU ${cpu}`;
}

/** Texts by position, each stored once. */
class Texts {
  readonly all: string[] = [];
  private readonly positions = new Map<string, number>();

  position(text: string): number {
    const known = this.positions.get(text);
    if (known !== undefined) {
      return known;
    }
    this.positions.set(text, this.all.length);
    this.all.push(text);
    return this.all.length - 1;
  }
}

function encodedCalls({ kernel, calls, leftOut, isCut }: StepCalls, texts: Texts): EncodedCalls {
  const remark =
    isCut === true
      ? "the log had no room for more calls"
      : leftOut === undefined
        ? undefined
        : `${leftOut} more calls are left out`;
  return {
    ...(kernel === undefined ? {} : { kernel }),
    calls: calls.map((call) => encodedCall(call, texts)),
    ...(remark === undefined ? {} : { remark }),
  };
}

const KINDS: readonly EncodedCallKind[] = ["function", "code", "warning", "cpu", "interrupted"];

function encodedCall(call: CallNode, texts: Texts): EncodedCall {
  const { place, ...rest } = call;
  const isInterrupted = call.isContinued === true || call.isInterrupted === true;
  const kind = isInterrupted && call.kind === "function" ? "interrupted" : call.kind;
  return [
    texts.position(callText(rest)) * KINDS.length + KINDS.indexOf(kind),
    place === undefined ? -1 : texts.position(placeText(place)),
    ...call.calls.map((each) => encodedCall(each, texts)),
  ];
}
