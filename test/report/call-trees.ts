/** Builders and text forms of call trees for tests. */
import type { CallNode, CallValue } from "../../model/kernel/call-node.ts";
import { callText } from "../../report/text/call.ts";

/** Creates a call of a kernel function. */
export function ran(
  name: string,
  args: readonly CallValue[] = [],
  calls: readonly CallNode[] = [],
  result?: CallValue,
): CallNode {
  return { kind: "function", name, args, ...(result === undefined ? {} : { result }), calls };
}

/** Creates a node for code that is no function in the kernel. */
export function inLine(name: string, calls: readonly CallNode[] = []): CallNode {
  return { kind: "code", name, args: [], calls };
}

/** Creates a call of a C function. */
export function ranC(name: string, place: string, calls: readonly CallNode[] = []): CallNode {
  const [file = "", line] = place.split(":");
  return { kind: "function", name, args: [], place: { file, line: Number(line) }, calls };
}

/** Creates a node for calls of a CPU. */
export function onCpu(cpu: number, calls: readonly CallNode[]): CallNode {
  return { kind: "cpu", name: String(cpu), args: [], calls };
}

export const mm = (position: number): CallValue => ({ kind: "mm", mm: position });
export const from = (position: number): CallValue => ({ kind: "from", mm: position });
export const folio = (position: number): CallValue => ({ kind: "folio", folio: position });
export const pages = (first: number, count = 1): CallValue => ({ kind: "pages", first, count });
export const entries = (first: number, count = 1): CallValue => ({ kind: "entries", first, count });
export const order = (value: number): CallValue => ({ kind: "order", value });

/** Formats every call as a line, indented by its depth. */
export function callTexts(calls: readonly CallNode[], indent: string = ""): string[] {
  return calls.flatMap((call) => [indent + callText(call), ...callTexts(call.calls, `${indent}  `)]);
}
