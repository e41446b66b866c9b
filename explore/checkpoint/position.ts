/** The position of a search: all of its state besides the visited states. */

/** A violation or a witness: in a state, or on a step out of it. */
export interface Discovery {
  /** Index in the machine's properties; −1 for a deadlock. */
  readonly property: number;
  readonly warning?: number;
  /** Index in the store. */
  readonly state: number;
  readonly step?: PathStep;
}

/** Steps omitted by a search for all violations, because they write a value outside a field's range. */
export interface LeftOut {
  readonly steps: number;
  /** Reason for the first omission. */
  readonly why?: string;
}

/** Progress of a search, without its states. */
export interface Position {
  /** Number of visited states. */
  readonly states: number;
  readonly expanded: number;
  readonly depth: number;
  readonly levelEnd: number;
  readonly transitions: number;
  readonly seconds: number;
  readonly enabled: readonly number[];
  readonly newStates: readonly number[];
  readonly checked: readonly number[];
  /** Counters of `WarningLog.evaluations`. */
  readonly evaluations: readonly number[];
  readonly witnesses: readonly Discovery[];
  /** Violations of a search for all violations. */
  readonly violations: readonly Discovery[];
  readonly leftOut: LeftOut;
  /** Data that the machine's recipes have derived in earlier steps: see Learned. */
  readonly learned?: unknown;
}

/** One step of a path: indices of an action and of its instance. */
export interface PathStep {
  readonly action: number;
  readonly instance: number;
}
