/** The kernel functions that ran in a step, as lines: what repeats is told once. */

import { plural } from "./numbers.ts";

/** A call with the calls that it made. */
interface Call {
  readonly text: string;
  readonly calls: Call[];
}

/**
 * Shortens a list of calls further, where it has too many lines: the deepest calls are left out, then the last ones.
 *
 * @param lines as for tellCalls()
 * @param most how many lines there are at most; the last one says how many calls are left out
 */
export function tellFewCalls(lines: readonly string[], most: number): string[] {
  const all = readCalls(lines).map(joined);
  let calls = all;
  for (let depth = depthOf(all) - 1; told(calls, "").length >= most && depth > 0; depth--) {
    calls = all.map((call) => upTo(depth, call));
  }
  while (told(calls, "").length >= most) {
    calls = calls.slice(0, -1);
  }
  const left = sizeOf(all) - sizeOf(calls);
  return [...told(calls, ""), ...(left === 0 ? [] : [`… and ${plural(left, "call")} more`])];
}

/** @param depth how many levels of calls are kept */
function upTo(depth: number, { text, calls }: Call): Call {
  return { text, calls: depth === 1 ? [] : calls.map((call) => upTo(depth - 1, call)) };
}

function depthOf(calls: readonly Call[]): number {
  return calls.reduce((most, call) => Math.max(most, 1 + depthOf(call.calls)), 0);
}

/**
 * Shortens a list of calls. Calls that are alike but for numbers, and so is everything below them, are told by the first
 * and by how far they go; what only passes a call on stands in its line.
 *
 * @param lines calls in order; a call made by another one is indented by two spaces
 */
export function tellCalls(lines: readonly string[]): string[] {
  return told(readCalls(lines).map(joined), "");
}

function readCalls(lines: readonly string[]): readonly Call[] {
  const root: Call = { text: "", calls: [] };
  const open: Call[] = [root];
  for (const line of lines) {
    const text = line.trimStart();
    const depth = Math.min((line.length - text.length) / 2 + 1, open.length);
    const call: Call = { text, calls: [] };
    open.length = depth;
    open.at(-1)?.calls.push(call);
    open.push(call);
  }
  return root.calls;
}

/** `folio_remove_rmap_ptes()` and the like do nothing but call the function with the underscores. */
function joined({ text, calls }: Call): Call {
  const [only] = calls;
  const name = /^(\w+_(?:ptes|pmd))\(/.exec(text)?.[1];
  return name !== undefined && calls.length === 1 && only?.text.startsWith("__") === true
    ? joined({ text: `${name} → ${only.text}`, calls: only.calls })
    : { text, calls: calls.map(joined) };
}

function told(calls: readonly Call[], indent: string): string[] {
  const lines: string[] = [];
  let i = 0;
  while (i < calls.length) {
    const { period, times } = repetitionAt(calls, i);
    const block = calls.slice(i, i + period);
    const last = calls.slice(i + period * (times - 1), i + period * times);
    const isSame = times > 1 && textOf(block) === textOf(last);
    if (isSame && period === 1 && block[0]?.calls.length === 0) {
      lines.push(`${indent}${block[0].text} × ${times}`);
    } else {
      lines.push(...block.flatMap(({ text, calls: below }) => [indent + text, ...told(below, `${indent}  `)]));
      if (times > 1) {
        lines.push(`${indent}… ${repetition(block.length, times, isSame ? undefined : last[0]?.text)}`);
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
function repetitionAt(calls: readonly Call[], start: number): { period: number; times: number } {
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

function shapeOf(calls: readonly Call[]): string {
  return textOf(calls).replace(/\d+/g, "#");
}

function textOf(calls: readonly Call[]): string {
  return JSON.stringify(calls);
}

function sizeOf(calls: readonly Call[]): number {
  return calls.reduce((sum, call) => sum + 1 + sizeOf(call.calls), 0);
}
