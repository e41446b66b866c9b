/** Call trees: executed functions with their arguments and results. Plain data, for reports and trace files. */

/** Line of a file of a kernel tree, from 1. */
export interface SourcePlace {
  readonly file: string;
  readonly line: number;
}

/**
 * Argument or result. MMs and folios are identified by position in the state, pages by position in the folio, entries
 * by position in the VMA. A string is a constant or flag, spelled as in the kernel.
 */
export type CallValue =
  | number
  | boolean
  | string
  | { readonly kind: "mm"; readonly mm: number }
  /** The MM that fork() copies from. */
  | { readonly kind: "from"; readonly mm: number }
  /** Position absent if the state has one folio only. */
  | { readonly kind: "folio"; readonly folio?: number }
  | { readonly kind: "pages" | "entries" | "slots"; readonly first: number; readonly count: number }
  | { readonly kind: "order" | "index" | "max_ptes_shared"; readonly value: number }
  | { readonly kind: "swap-entry"; readonly slot: number }
  | { readonly kind: "migration-entry"; readonly folio: number; readonly page: number };

/** Call with the calls that it made. */
export interface CallNode {
  /**
   * `function`: a function of the kernel. `code`: a part of the surrounding kernel function that is a separate function
   * in the model. `warning`: a warning that the kernel raised. `cpu`: calls of a CPU, up to those of another one.
   */
  readonly kind: "function" | "code" | "warning" | "cpu";
  /** Name of the kernel function, of the function of the model (`code`), or of the warning; number of the CPU. */
  readonly name: string;
  readonly args: readonly CallValue[];
  /** Absent if the function returns nothing, or a value that traces omit. */
  readonly result?: CallValue;
  /** Definition of a C function. */
  readonly place?: SourcePlace;
  /** Whether the call began in an earlier turn of the CPU. */
  readonly isContinued?: true;
  /** Whether another CPU ran next, while this one was in this call itself, not in a call that it made. */
  readonly isInterrupted?: true;
  /** Whether execution was stopped in this call itself, not in a call that it made. */
  readonly isStopped?: true;
  readonly calls: readonly CallNode[];
}

/** Calls of a step, under one kernel. */
export interface StepCalls {
  /** Name of the kernel that makes these calls, if two kernels in lockstep make different ones. */
  readonly kernel?: string;
  readonly calls: readonly CallNode[];
  /** Number of calls omitted at the end. */
  readonly leftOut?: number;
  /** Whether the log overflowed: more calls were made than it has room for. */
  readonly isCut?: true;
}

/** Entry of a call log. */
export interface LoggedCall {
  readonly node: Omit<CallNode, "calls">;
  /** Number of enclosing calls. */
  readonly depth: number;
}

/** Builds the call trees of a log, whose entries are in call order. */
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

/** Returns all calls of trees in pre-order. */
export function allCalls(calls: readonly CallNode[]): readonly CallNode[] {
  return calls.flatMap((call) => [call, ...allCalls(call.calls)]);
}
