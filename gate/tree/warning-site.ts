/** A place in the tree that warns: VM_WARN_ON() and its like, BUG_ON(), or a bad page. */
export interface WarningSite {
  /** What `gate_warning` holds when this place was the first to warn; from 1. */
  readonly id: number;
  readonly file: string;
  readonly line: number;
  /** The condition, or what it says. */
  readonly text: string;
}
