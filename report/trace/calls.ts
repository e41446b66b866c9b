/** The kernel functions that ran in a step, as lines: what repeats is shown once. */
import type { CallNode, StepCalls } from "../../model/kernel/call-node.ts";
import { callText } from "../text/call.ts";
import { plural } from "../text/numbers.ts";

/** A call as it is shown, with the calls below it. */
interface ShownCall {
  readonly text: string;
  /** The same for calls that are alike but for numbers. */
  readonly shape: string;
  readonly calls: readonly ShownCall[];
}

/** A line of a list of calls: its depth is the number of calls around it. */
export interface CallLine {
  readonly depth: number;
  readonly text: string;
}

/**
 * Shortens calls. Those that are alike but for numbers, and so is everything below them, are shown by the first and by
 * how far they go; a function that only calls another one stands in its line.
 *
 * @param most how many lines there are at most: the deepest calls are left out, then the last ones
 */
export function callLines(trees: readonly StepCalls[], most: number = Infinity): CallLine[] {
  const all = trees.flatMap(shownTree);
  let calls: readonly ShownCall[] = all;
  for (let depth = depthOf(all) - 1; linesOf(calls, 0).length >= most && depth > 0; depth--) {
    calls = all.map((call) => upTo(depth, call));
  }
  while (linesOf(calls, 0).length >= most) {
    calls = calls.slice(0, -1);
  }
  const left = sizeOf(all) - sizeOf(calls) + trees.reduce((sum, { leftOut = 0 }) => sum + leftOut, 0);
  return [
    ...linesOf(calls, 0),
    ...(left === 0 ? [] : [{ depth: 0, text: `… and ${plural(left, "call")} more` }]),
    ...(trees.some(({ isCut }) => isCut) ? [{ depth: 0, text: "… and calls that the log had no room for" }] : []),
  ];
}

/** The calls under one kernel: below its name where there are several. */
function shownTree({ kernel, calls }: StepCalls): ShownCall[] {
  const shown = calls.map(shownCall);
  const text = `under ${kernel}:`;
  return kernel === undefined ? shown : [{ text, shape: text, calls: shown }];
}

/** `folio_remove_rmap_ptes()` and the like do nothing but call the function with the underscores. */
function shownCall(call: CallNode): ShownCall {
  const { kind, name, place, calls } = call;
  const [only] = calls;
  const isWrapper = kind === "function" && place === undefined && (name.endsWith("_ptes") || name.endsWith("_pmd"));
  if (isWrapper && calls.length === 1 && only?.name.startsWith("__") === true) {
    const inner = shownCall(only);
    return { text: `${name} → ${inner.text}`, shape: `${name} → ${inner.shape}`, calls: inner.calls };
  }
  return { text: callText(call), shape: callText(call, () => "#"), calls: calls.map(shownCall) };
}

/** @param depth how many levels of calls are shown */
function upTo(depth: number, { calls, ...call }: ShownCall): ShownCall {
  return { ...call, calls: depth === 1 ? [] : calls.map((each) => upTo(depth - 1, each)) };
}

function depthOf(calls: readonly ShownCall[]): number {
  return calls.reduce((most, call) => Math.max(most, 1 + depthOf(call.calls)), 0);
}

function linesOf(calls: readonly ShownCall[], depth: number): CallLine[] {
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
      lines.push(...block.flatMap(({ text, calls: below }) => [{ depth, text }, ...linesOf(below, depth + 1)]));
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

/** The shortest block of calls at a position that is repeated often enough to be worth shortening. */
function repetitionAt(calls: readonly ShownCall[], start: number): { period: number; times: number } {
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

function shapeOf(calls: readonly ShownCall[]): string {
  return JSON.stringify(calls, (key, value: unknown) => (key === "text" ? undefined : value));
}

function textOf(calls: readonly ShownCall[]): string {
  return JSON.stringify(calls, (key, value: unknown) => (key === "shape" ? undefined : value));
}

function sizeOf(calls: readonly ShownCall[]): number {
  return calls.reduce((sum, call) => sum + 1 + sizeOf(call.calls), 0);
}
