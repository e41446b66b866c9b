/** Takes walks on a running kernel, leg by leg, and finds out what a difference takes. */
import type { ActionCall } from "../../explore/model/model.ts";
import type { FieldPair } from "../compare/comparison.ts";
import type { LiveSession } from "../session/session.ts";
import { callsOfLeg, compareLeg, type Leg, type LegDifference, planLeg } from "./leg.ts";
import type { PackedWorld } from "./packed-world.ts";
import { shorterExecution } from "./shortest.ts";
import { shrink } from "./shrink.ts";

/** A difference that came back. */
export interface Difference {
  /** A shortest execution that was found to show it, in its last step. */
  readonly calls: readonly ActionCall[];
  /** Every field of both sides after it. */
  readonly fields: readonly FieldPair[];
}

/** How often a leg with a difference is taken again, from a fresh start. */
const MOST_RETRIES = 3;
/** How long a difference is made shorter, in milliseconds. */
const SHRINK_MS = 60_000;

/** Takes legs and counts what was done. */
export class Walker {
  /** Steps whose results were compared, including those that were taken again. */
  steps = 0;
  /** Legs that were taken again because of a difference. */
  retries = 0;
  private readonly session: LiveSession;
  private readonly machine: PackedWorld;

  private readonly pageSize: number;
  private readonly hurry: () => boolean;

  /**
   * @param pageSize in bytes
   * @param hurry whether a difference is no longer to be made shorter
   */
  constructor(session: LiveSession, machine: PackedWorld, pageSize: number, hurry: () => boolean = () => false) {
    this.session = session;
    this.machine = machine;
    this.pageSize = pageSize;
    this.hurry = hurry;
  }

  /**
   * Starts a leg, and leaves the comparison for later: the kernel is busy with it meanwhile.
   *
   * @returns takes part in the comparison when it is called
   */
  start(leg: Leg): () => Promise<Difference | undefined> {
    const taken = this.perform(leg);
    // Whoever asks gets the error; that nobody has asked yet is no reason to end the process.
    taken.catch(() => {});
    return async () => {
      const difference = this.compare(leg, await taken);
      return difference === undefined ? undefined : this.examine(leg, difference);
    };
  }

  /**
   * Takes a leg, and once more if something differs.
   *
   * @param counts whether that counts as a retry; not where a leg is expected to differ
   * @returns whether it differed both times
   */
  async differs(leg: Leg, counts: boolean): Promise<boolean> {
    if ((await this.take(leg)) === undefined) {
      return false;
    }
    this.retries += counts ? 1 : 0;
    return (await this.take(leg)) !== undefined;
  }

  /** The difference that a leg is known to show, by a shortest execution. */
  async differenceOf(leg: Leg): Promise<Difference | undefined> {
    const found = await this.take(leg);
    return found && this.shortest(leg, found);
  }

  private async perform(leg: Leg): ReturnType<LiveSession["perform"]> {
    const reset = this.session.reset();
    const performed = this.session.perform(leg.operations);
    performed.catch(() => {});
    await reset;
    return performed;
  }

  private compare(leg: Leg, seen: Awaited<ReturnType<LiveSession["perform"]>>): LegDifference | undefined {
    const difference = compareLeg(this.machine, leg, seen, this.pageSize);
    this.steps += difference?.steps ?? leg.calls.length;
    return difference;
  }

  private async take(leg: Leg): Promise<LegDifference | undefined> {
    return this.compare(leg, await this.perform(leg));
  }

  /** Takes a leg with a difference again: a difference that does not come back was noise. */
  private async examine(leg: Leg, first: LegDifference): Promise<Difference | undefined> {
    let last = first;
    for (let attempt = 0; attempt < MOST_RETRIES; attempt++) {
      this.retries += 1;
      const again = await this.take(leg);
      if (again === undefined) {
        return undefined;
      }
      if (again.steps === last.steps) {
        return this.shortest(leg, again);
      }
      last = again;
    }
    return this.shortest(leg, last);
  }

  private async shortest(leg: Leg, found: LegDifference): Promise<Difference> {
    const end = performance.now() + SHRINK_MS;
    let best: { readonly leg: Leg; readonly difference: LegDifference } = { leg, difference: found };
    const differs = async (calls: readonly number[]): Promise<boolean> => {
      const shorter = planLeg(this.machine, calls);
      // Twice, so that noise does not lead astray.
      const first = await this.take(shorter);
      const difference = first && (await this.take(shorter));
      if (difference === undefined) {
        return false;
      }
      best = { leg: shorter, difference };
      return true;
    };
    await shrink(leg.calls.slice(0, found.steps), differs, () => this.hurry() || performance.now() > end);
    const shown = best.leg.calls.slice(0, best.difference.steps);
    const shorter = shown.length === 0 ? undefined : shorterExecution(this.machine, shown);
    if (shorter !== undefined) {
      await differs(shorter);
    }
    const { steps, fields } = best.difference;
    return { calls: callsOfLeg(this.machine, best.leg).slice(0, steps), fields };
  }
}
