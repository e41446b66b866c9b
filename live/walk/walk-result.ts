/** Progress and results of walks. */
import type { Difference } from "./walk.ts";

/** Reason for which a walk stopped early. */
export type WalkStop = "interrupt" | "time";

/** Progress of a walk. */
export interface WalkProgress {
  readonly steps: number;
  readonly retries: number;
  /** Transitions, for a tour. */
  readonly covered?: number;
  readonly reachable?: number;
}

/** Callbacks of a walk. */
export interface WalkHooks {
  readonly onProgress?: (progress: WalkProgress) => void;
  /** Returns the reason to stop, if there is one. Called before each leg; synchronous. */
  readonly stopped: () => WalkStop | undefined;
}

/** The result of a walk. */
export interface WalkResult {
  /** Steps whose results were compared, repetitions included. */
  readonly steps: number;
  /** Legs that were repeated because of a difference. */
  readonly retries: number;
  /** Number of random walks. */
  readonly walks?: number;
  /** Wall-clock time on the running kernel. */
  readonly seconds: number;
  readonly differences: readonly Difference[];
  /** For a tour: numbers of transitions and states, up to symmetry (renaming of MMs and folios). */
  readonly coverage?: { readonly covered: number; readonly reachable: number; readonly states: number };
  readonly stopped?: WalkStop;
}
