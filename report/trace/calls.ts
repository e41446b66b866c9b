/** Calls of a step as lines, with repetitions shortened. */
import type { CallNode, StepCalls } from "../../model/kernel/call-node.ts";
import { callText } from "../text/call.ts";
import { plural } from "../text/numbers.ts";

/** Text of a call, with its callees. */
interface CallText {
  readonly text: string;
  /** Key that is equal for calls which differ only in numbers. */
  readonly shape: string;
  /** If it stands for a turn of a CPU: the CPU. */
  readonly cpu?: number;
  /** Whether a turn begins or ends in the middle of the call. */
  readonly isBorder?: true;
  /** Name of the function, if the call is trivial: a header defines the function, and it calls nothing. */
  readonly trivial?: string;
  readonly calls: readonly CallText[];
}

/** Line of a list of calls. Its depth is the number of callers in the list. */
export interface CallLine {
  readonly depth: number;
  readonly text: string;
  /** Of the line at which a turn of a CPU begins: the CPU. */
  readonly cpu?: number;
}

/** Limits of a list of calls. */
export interface CallLimits {
  /**
   * Largest number of lines: the deepest calls are left out, except for those in which CPUs take turns; then the last
   * ones.
   */
  readonly most?: number;
  /** Leaves trivial callees out of a long list, but for those of these functions; none is left out if absent. */
  readonly unfolded?: ReadonlySet<string>;
}

/** Number of lines from which a list of calls is long. */
const LONG = 12;

/**
 * Formats calls. Repeated calls that differ only in numbers, with their callees, are replaced by the first one and the
 * number of repetitions; a function that only calls another one is on the same line.
 */
export function callLines(trees: readonly StepCalls[], { most = Infinity, unfolded }: CallLimits = {}): CallLine[] {
  const all = trees.flatMap(textsOfTree);
  const folded =
    unfolded !== undefined && linesOf(all, 0).length >= LONG ? all.map((call) => fold(call, unfolded)) : all;
  let calls: readonly CallText[] = folded;
  for (let depth = depthOf(folded) - 1; linesOf(calls, 0).length >= most && depth > 0; depth--) {
    calls = folded.map((call) => limitDepth(depth, call));
  }
  while (linesOf(calls, 0).length >= most) {
    calls = calls.slice(0, -1);
  }
  const omitted = sizeOf(all) - sizeOf(calls) + trees.reduce((sum, { leftOut = 0 }) => sum + leftOut, 0);
  return [
    ...linesOf(calls, 0),
    ...(omitted === 0 ? [] : [{ depth: 0, text: `… and ${plural(omitted, "call")} more` }]),
    ...(trees.some(({ isCut }) => isCut) ? [{ depth: 0, text: "… and calls that the log had no room for" }] : []),
  ];
}

/** Converts the calls under one kernel; with several kernels, below its name. */
function textsOfTree({ kernel, calls }: StepCalls): CallText[] {
  const texts = calls.map(textOfCall);
  const text = `under ${kernel}:`;
  return kernel === undefined ? texts : [{ text, shape: text, calls: texts }];
}

/** Converts a call. Wrappers such as `folio_remove_rmap_ptes()` are joined with the function that they call. */
function textOfCall(call: CallNode): CallText {
  const { kind, name, place, calls, isContinued, isInterrupted } = call;
  const [only] = calls;
  const isWrapper = kind === "function" && place === undefined && (name.endsWith("_ptes") || name.endsWith("_pmd"));
  if (isWrapper && calls.length === 1 && only?.name.startsWith("__") === true) {
    const inner = textOfCall(only);
    return { text: `${name} → ${inner.text}`, shape: `${name} → ${inner.shape}`, calls: inner.calls };
  }
  return {
    text: callText(call),
    shape: callText(call, () => "#"),
    ...(kind === "cpu" ? { cpu: Number(name) } : {}),
    ...(isContinued === true || isInterrupted === true ? { isBorder: true } : {}),
    ...(isTrivial(call) ? { trivial: name } : {}),
    calls: calls.map(textOfCall),
  };
}

/** Whether a call is one of C code that a header defines, calls nothing, and ends. */
function isTrivial({ place, calls, isContinued, isInterrupted, isStopped }: CallNode): boolean {
  const isWhole = isContinued !== true && isInterrupted !== true && isStopped !== true;
  return place?.file.endsWith(".h") === true && calls.length === 0 && isWhole;
}

/** Removes trivial callees. @param unfolded functions whose calls remain */
function fold({ calls, ...call }: CallText, unfolded: ReadonlySet<string>): CallText {
  const others = calls.filter(({ trivial }) => trivial === undefined || unfolded.has(trivial));
  return { ...call, calls: others.map((each) => fold(each, unfolded)) };
}

/**
 * Removes callees, except for the first level of the calls of each CPU, and those that lead to the border of a turn.
 *
 * @param depth number of remaining levels
 */
function limitDepth(depth: number, { calls, ...call }: CallText): CallText {
  const kept = depth > 1 || call.cpu !== undefined ? calls : calls.filter(leadsToBorder);
  return { ...call, calls: kept.map((each) => limitDepth(Math.max(1, depth - 1), each)) };
}

function leadsToBorder({ isBorder, calls }: CallText): boolean {
  return isBorder === true || calls.some(leadsToBorder);
}

function depthOf(calls: readonly CallText[]): number {
  return calls.reduce((most, call) => Math.max(most, 1 + depthOf(call.calls)), 0);
}

function linesOf(calls: readonly CallText[], depth: number): CallLine[] {
  const lines: CallLine[] = [];
  let i = 0;
  while (i < calls.length) {
    const { period, times } = repetitionAt(calls, i);
    const block = calls.slice(i, i + period);
    const last = calls.slice(i + period * (times - 1), i + period * times);
    const isSame = times > 1 && textOf(block) === textOf(last);
    if (isSame && period === 1 && block[0]?.calls.length === 0) {
      lines.push({ depth, text: `${block[0].text} × ${times}` });
    } else {
      lines.push(
        ...block.flatMap(({ text, cpu, calls: below }) => [
          { depth, text, ...(cpu === undefined ? {} : { cpu }) },
          ...linesOf(below, depth + 1),
        ]),
      );
      if (times > 1) {
        lines.push({ depth, text: `… ${repetition(block.length, times, isSame ? undefined : last[0]?.text)}` });
      }
    }
    i += period * times;
  }
  return lines;
}

function repetition(period: number, times: number, last: string | undefined): string {
  const what = period === 1 ? `${times} times in all` : `these ${period} calls ${times} times in all`;
  return last === undefined
    ? what
    : period === 1
      ? `${what}, the last is ${last}`
      : `${what}, the last from ${last} on`;
}

/** Finds the shortest block of calls at a position whose repetitions are worth shortening. */
function repetitionAt(calls: readonly CallText[], start: number): { period: number; times: number } {
  for (let period = 1; start + 2 * period <= calls.length; period++) {
    const shapeAt = (from: number): string => shapeOf(calls.slice(from, from + period));
    const shape = shapeAt(start);
    let times = 1;
    while (start + (times + 1) * period <= calls.length && shapeAt(start + times * period) === shape) {
      times += 1;
    }
    const block = calls.slice(start, start + period);
    const saved = (times - 1) * sizeOf(block);
    if (saved > 2 || (times > 1 && textOf(block) === textOf(calls.slice(start + period, start + 2 * period)))) {
      return { period, times };
    }
  }
  return { period: 1, times: 1 };
}

function shapeOf(calls: readonly CallText[]): string {
  return JSON.stringify(calls, (key, value: unknown) => (key === "text" ? undefined : value));
}

function textOf(calls: readonly CallText[]): string {
  return JSON.stringify(calls, (key, value: unknown) => (key === "shape" ? undefined : value));
}

function sizeOf(calls: readonly CallText[]): number {
  return calls.reduce((sum, call) => sum + 1 + sizeOf(call.calls), 0);
}
