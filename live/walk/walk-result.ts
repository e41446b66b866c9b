/** What a walk tells its owner while it goes on, and in the end. */
import type { Difference } from "./walk.ts";

/** Why a walk ended before it was done. */
export type WalkStop = "interrupt" | "time";

/** How far a walk is. */
export interface WalkProgress {
  readonly steps: number;
  readonly retries: number;
  /** A tour's pairs. */
  readonly covered?: number;
  readonly reachable?: number;
}

/** What the owner of a walk asks and is told. */
export interface WalkHooks {
  readonly onProgress?: (progress: WalkProgress) => void;
  /** Whether to stop, and why. Synchronous: asked before each leg. */
  readonly stopped: () => WalkStop | undefined;
}

/** The outcome of a walk. */
export interface WalkResult {
  /** Steps whose results were compared, including those that were taken again. */
  readonly steps: number;
  /** Legs that were taken again because something differed. */
  readonly retries: number;
  /** Random walks that were taken. */
  readonly walks?: number;
  /** Wall-clock time on the running kernel. */
  readonly seconds: number;
  readonly differences: readonly Difference[];
  /** Of a tour: (state, call) pairs up to the renaming of MMs and folios, and the number of states. */
  readonly coverage?: { readonly covered: number; readonly reachable: number; readonly states: number };
  readonly stopped?: WalkStop;
}
