/** Limits of a search. Reaching one ends it as incomplete, which is never "holds". */
export interface Budget {
  /** Most states to visit. */
  readonly maxStates?: number;
  /** Most steps from an initial state. */
  readonly maxDepth?: number;
  /** Most bytes that the visited states and their tables may take. */
  readonly maxMemoryBytes?: number;
  /** Most seconds, wall-clock. */
  readonly timeoutSeconds?: number;
}

/** Why a search ended before it had visited every state. */
export type StopReason =
  | "max-states"
  | "max-depth"
  | "max-memory"
  | "timeout"
  | "interrupted"
  | "beyond-bounds"
  | "simulated";

/** The reason in words. */
export function describeStop(reason: StopReason): string {
  switch (reason) {
    case "max-states":
      return "the limit on states was reached";
    case "max-depth":
      return "states at the depth limit were not expanded";
    case "max-memory":
      return "the memory limit was reached";
    case "timeout":
      return "the time limit was reached";
    case "interrupted":
      return "it was interrupted";
    case "beyond-bounds":
      return "a step leads to where the machine cannot follow";
    case "simulated":
      return "random walks visit some of the states, and not all";
  }
}
