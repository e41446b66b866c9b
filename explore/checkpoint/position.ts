/** The position of a search: everything that decides how it continues, besides the visited states. */

/** A violation or a witness: in a state, or on a step out of it. */
export interface Discovery {
  /** Index in the machine's properties; −1 for a deadlock. */
  readonly property: number;
  readonly warning?: number;
  /** Index in the store. */
  readonly state: number;
  readonly step?: PathStep;
}

/** Steps that a search for all violations left out, because a state cannot hold what they lead to. */
export interface LeftOut {
  readonly steps: number;
  /** Why the first of them was. */
  readonly why?: string;
}

/** Where a search is, apart from its states. */
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
  /** What `WarningLog.asked` counted. */
  readonly asked: readonly number[];
  readonly witnesses: readonly Discovery[];
  /** Those that a search for all violations has found. */
  readonly violations: readonly Discovery[];
  readonly leftOut: LeftOut;
  /** Knowledge that the machine's recipes have gathered: see Learned. */
  readonly learned?: unknown;
}

/** One step of a path: an action and which of its instances. */
export interface PathStep {
  readonly action: number;
  readonly instance: number;
}
