/** Counts operations that are enabled but not executed because they would block. */
import { type NotChecked, notChecked } from "../../../invariants/not-checked.ts";

/** The numbers, by action. */
export class BlockedOperations {
  private readonly counts: Map<string, number> = new Map();
  /** Whether steps that were counted before are re-executed, for a check or a trace. */
  isRepetition = false;

  add(action: string): void {
    if (!this.isRepetition) {
      this.counts.set(action, (this.counts.get(action) ?? 0) + 1);
    }
  }

  /** Returns the numbers by action; empty if there are none. */
  get notChecked(): readonly NotChecked[] {
    const each = [...this.counts].map(([action, count]) => `${action} ${count.toLocaleString("en")}`);
    return each.length === 0 ? [] : [notChecked("operations that would block are not executed", each.join(", "))];
  }
}
