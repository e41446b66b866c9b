/** The C functions of an operation of an image, as lines of a trace. */
import type { CallTree, FunctionCall } from "../gate/image/call-tree.ts";

/** Calls of one operation that are reported; the fork of a process makes some 200. */
const MOST_CALLS = 400;

/** The calls in order, indented by two spaces each as they called each other: `C do_wp_page() mm/memory.c:4065`. */
export function callLines({ calls, isCut }: CallTree): string[] {
  const lines = calls.flatMap((call) => linesOf(call, ""));
  const left = lines.length - MOST_CALLS;
  return [
    ...lines.slice(0, MOST_CALLS),
    ...(left > 0 ? [`… and ${left.toLocaleString("en")} calls more`] : []),
    ...(isCut ? ["… and calls that the log had no room for"] : []),
  ];
}

function linesOf({ function: { name, file, line }, calls, isStopped }: FunctionCall, indent: string): string[] {
  return [
    `${indent}C ${name}() ${file}:${line}${isStopped ? " (stopped here)" : ""}`,
    ...calls.flatMap((call) => linesOf(call, `${indent}  `)),
  ];
}
