/** Traces as the components take them: states on demand, calls as trees. A playground can provide the same. */
import type { Fault } from "../../../invariants/fault.ts";
import { type DrawnState, readWorlds, type Worlds } from "../../trace/state.ts";
import type { ContentFact, EncodedCall, EncodedCallKind, RaceContent, TraceContent } from "../content.ts";
import { applyDelta } from "../delta.ts";
import { type PictureShape, shapeOf } from "../picture/shape.ts";

/** Call with the calls that it made. */
export interface CallTree {
  readonly kind: EncodedCallKind;
  readonly text: string;
  /** File and line, of C code. */
  readonly place?: string;
  readonly calls: readonly CallTree[];
}

/** Calls of a step under one kernel. */
export interface CallList {
  readonly kernel?: string;
  readonly calls: readonly CallTree[];
  readonly remark?: string;
}

/** Step: what happened, in words and as a call. */
export interface StepView {
  readonly sentence: string;
  readonly call: string;
}

/** State with its drawable part, and the state before it. */
export interface StateView {
  readonly state: unknown;
  readonly before: unknown;
  readonly worlds: Worlds | undefined;
  readonly worldsBefore: Worlds | undefined;
}

/** Trace. Positions of states count from 0, the initial one; step n leads to state n. */
export interface TraceView {
  readonly property: string;
  readonly claim: string;
  readonly source: string;
  readonly shows: TraceContent["shows"];
  readonly also: TraceContent["also"];
  readonly subject: string;
  readonly commands: readonly ContentFact[];
  readonly config: readonly string[];
  readonly kernels: readonly string[];
  readonly warning?: string;
  readonly steps: readonly StepView[];
  readonly race?: RaceContent;
  /** Extent of its pictures; undefined for states that are shown as fields. */
  readonly shape: PictureShape | undefined;
  /** Returns a state. @param before position of the state that it is compared with */
  readonly stateAt: (position: number, before: number) => StateView;
  readonly callsAt: (position: number) => readonly CallList[];
  readonly queries: readonly CallTree[];
  readonly faults: readonly Fault[];
}

/** Decodes a trace of a report. */
export function traceView(content: TraceContent): TraceView {
  const { steps, texts, queries, ...rest } = content;
  const states: unknown[] = [content.state];
  for (const { delta } of steps) {
    states.push(applyDelta(states.at(-1), delta));
  }
  const worlds = states.map(readWorlds);
  const drawn = worlds.flatMap((each): readonly DrawnState[] => each?.worlds ?? []);
  return {
    ...rest,
    steps: steps.map(({ sentence, call }) => ({ sentence, call })),
    shape: drawn.length === 0 ? undefined : shapeOf(drawn),
    stateAt: (position, before) => ({
      state: states[position],
      before: position === before ? undefined : states[before],
      worlds: worlds[position],
      worldsBefore: position === before ? undefined : worlds[before],
    }),
    callsAt: (position) =>
      (steps[position - 1]?.calls ?? []).map(({ calls, ...list }) => ({
        ...list,
        calls: calls.map((call) => decodedCall(call, texts)),
      })),
    queries: queries.map((call) => decodedCall(call, texts)),
  };
}

const KINDS: readonly CallTree["kind"][] = ["function", "code", "warning", "cpu", "interrupted"];

/** Decodes a call. */
function decodedCall([text, place, ...calls]: EncodedCall, texts: readonly string[]): CallTree {
  const placeText = texts[place];
  return {
    kind: KINDS[text % KINDS.length] ?? "function",
    text: texts[Math.floor(text / KINDS.length)] ?? "",
    ...(placeText === undefined ? {} : { place: placeText }),
    calls: calls.map((call) => decodedCall(call, texts)),
  };
}
