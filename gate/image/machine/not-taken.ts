/** Operations that were enabled and not taken, since they would wait for another one. */
import { type NotChecked, notChecked } from "../../../invariants/not-checked.ts";

/** Their numbers by action. */
export class NotTaken {
  private readonly counts: Map<string, number> = new Map();
  /** Whether steps are repeated that were counted before. */
  isRepeated = false;

  add(action: string): void {
    if (!this.isRepeated) {
      this.counts.set(action, (this.counts.get(action) ?? 0) + 1);
    }
  }

  /** The numbers by action; none where there are none. */
  get notChecked(): readonly NotChecked[] {
    const each = [...this.counts].map(([action, count]) => `${action} ${count.toLocaleString("en")}`);
    return each.length === 0
      ? []
      : [notChecked("operations that would wait for another one are not taken", each.join(", "))];
  }
}
