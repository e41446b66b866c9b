/** The steps of the race machine as data for reports. */
import type { Access } from "../../races/access.ts";
import type { Node } from "../../races/access-tree.ts";
import { isInLine, kernelNameOf } from "../kernel/call-text.ts";

/** An access to shared memory. */
export interface StepAccess {
  readonly cpu: number;
  readonly kind: Access["kind"];
  /** The C object. */
  readonly object: string;
  readonly marked: boolean;
  readonly order: Access["order"];
  /** What it does, such as `store _large_mapcount = 1`. */
  readonly text: string;
  /** The kernel functions that the CPU is in, the outermost first. */
  readonly functions: readonly string[];
  /** File and line, where they are known. */
  readonly line?: string;
}

/** The access that a CPU at a node performs next; undefined for a thread that has ended. */
export function stepAccess(cpu: number, { access, functions }: Node): StepAccess | undefined {
  if (access === undefined) {
    return undefined;
  }
  const { kind, object, marked, order, text, line } = access;
  return {
    cpu,
    kind,
    object,
    marked,
    order,
    text,
    functions: functions.filter((name) => !isInLine(name)).map(kernelNameOf),
    ...(line === undefined ? {} : { line }),
  };
}
