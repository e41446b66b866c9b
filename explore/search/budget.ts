/** Limits of a search. A search that reaches one is incomplete, which is never "holds". */
export interface Budget {
  /** Maximum number of states to visit. */
  readonly maxStates?: number;
  /** Maximum number of steps from an initial state. */
  readonly maxDepth?: number;
  /** Maximum number of bytes of the visited states and their tables. */
  readonly maxMemoryBytes?: number;
  /** Maximum number of seconds, wall-clock. */
  readonly timeoutSeconds?: number;
}

/** Reasons for the end of a search before every state was visited. */
export type StopReason =
  | "max-states"
  | "max-depth"
  | "max-memory"
  | "timeout"
  | "interrupted"
  | "beyond-bounds"
  | "simulated";

/** The reason as a clause for messages. */
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
      return "a step leaves the bounds of the machine";
    case "simulated":
      return "random walks visit some of the states, and not all";
  }
}
