/** Call trees: the functions that ran, with their arguments and results. Plain data, for reports and trace files. */

/** A line of a file of a kernel tree, from 1. */
export interface SourcePlace {
  readonly file: string;
  readonly line: number;
}

/**
 * An argument or a result. MMs and folios have their position in the state, pages that in the folio, entries that in the
 * VMA. A string is a constant or flag, spelled as in the kernel.
 */
export type CallValue =
  | number
  | boolean
  | string
  | { readonly kind: "mm"; readonly mm: number }
  /** The MM that fork() copies from. */
  | { readonly kind: "from"; readonly mm: number }
  /** Without a position where the state has one folio only. */
  | { readonly kind: "folio"; readonly folio?: number }
  | { readonly kind: "pages" | "entries" | "slots"; readonly first: number; readonly count: number }
  | { readonly kind: "order" | "index" | "max_ptes_shared"; readonly value: number }
  | { readonly kind: "swap-entry"; readonly slot: number }
  | { readonly kind: "migration-entry"; readonly folio: number; readonly page: number };

/** A call, with the calls that it made. */
export interface CallNode {
  /**
   * `function`: a function of the kernel. `code`: a part of the function around it, which the model has as a function of
   * its own. `warning`: a warning of the kernel, raised there.
   */
  readonly kind: "function" | "code" | "warning";
  /** The kernel's name of a function; else the model's of the code, or that of the warning. */
  readonly name: string;
  readonly args: readonly CallValue[];
  /** Absent where it returns nothing, or nothing worth showing. */
  readonly result?: CallValue;
  /** Of a C function: its definition. */
  readonly place?: SourcePlace;
  /** Whether the call was stopped in it, and in nothing that it called. */
  readonly isStopped?: true;
  readonly calls: readonly CallNode[];
}

/** The calls of a step, under one kernel. */
export interface StepCalls {
  /** Of two kernels in lockstep that do not make the same calls: the kernel that makes these. */
  readonly kernel?: string;
  readonly calls: readonly CallNode[];
  /** Number of calls that are left out at the end. */
  readonly leftOut?: number;
  /** Whether more calls were made than the log has room for. */
  readonly isCut?: true;
}

/** A call in a log of calls. */
export interface LoggedCall {
  readonly node: Omit<CallNode, "calls">;
  /** Calls around it. */
  readonly depth: number;
}

/** The tree of calls that are logged in their order. */
export function callTreeOf(log: readonly LoggedCall[]): CallNode[] {
  const roots: CallNode[] = [];
  const open: CallNode[][] = [roots];
  for (const { node, depth } of log) {
    const calls: CallNode[] = [];
    open.length = Math.min(depth + 1, open.length);
    open.at(-1)?.push({ ...node, calls });
    open.push(calls);
  }
  return roots;
}

/** All calls of trees: a call stands before those that it made. */
export function allCalls(calls: readonly CallNode[]): readonly CallNode[] {
  return calls.flatMap((call) => [call, ...allCalls(call.calls)]);
}
