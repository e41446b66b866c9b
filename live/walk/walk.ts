/** Executes walks on a running kernel, leg by leg, and reduces a difference to a shortest execution. */
import type { ActionCall } from "../../explore/model/model.ts";
import type { FieldPair } from "../compare/comparison.ts";
import type { LiveSession } from "../session/session.ts";
import { callsOfLeg, compareLeg, type Leg, type LegDifference, planLeg } from "./leg.ts";
import type { PackedWorld } from "./packed-world.ts";
import { shorterExecution } from "./shortest.ts";
import { shrink } from "./shrink.ts";

/** A difference that was reproduced. */
export interface Difference {
  /** A shortest execution found that shows the difference in its last step. */
  readonly calls: readonly ActionCall[];
  /** All fields of model and kernel after the execution. */
  readonly fields: readonly FieldPair[];
}

/** Number of times that a leg with a difference is repeated from the initial state. */
const MOST_RETRIES = 3;
/** Time limit for shrinking a difference, in milliseconds. */
const SHRINK_MS = 60_000;

/** Executes legs and counts steps and repetitions. */
export class Walker {
  /** Steps whose results were compared, repetitions included. */
  steps = 0;
  /** Legs that were repeated because of a difference. */
  retries = 0;
  private readonly session: LiveSession;
  private readonly machine: PackedWorld;

  private readonly pageSize: number;
  private readonly hurry: () => boolean;

  /**
   * @param pageSize in bytes
   * @param hurry returns true to stop shrinking
   */
  constructor(session: LiveSession, machine: PackedWorld, pageSize: number, hurry: () => boolean = () => false) {
    this.session = session;
    this.machine = machine;
    this.pageSize = pageSize;
    this.hurry = hurry;
  }

  /**
   * Starts a leg and defers its comparison, so that kernel and host work in parallel.
   *
   * @returns completes the leg, with the comparison
   */
  start(leg: Leg): () => Promise<Difference | undefined> {
    const taken = this.perform(leg);
    // Prevents an unhandled rejection: the returned function reports the error.
    taken.catch(() => {});
    return async () => {
      const difference = this.compare(leg, await taken);
      return difference === undefined ? undefined : this.examine(leg, difference);
    };
  }

  /**
   * Executes a leg, and repeats it if there is a difference.
   *
   * @param counts whether a repetition counts as a retry; false where a difference is expected
   * @returns whether there was a difference both times
   */
  async differs(leg: Leg, counts: boolean): Promise<boolean> {
    if ((await this.take(leg)) === undefined) {
      return false;
    }
    this.retries += counts ? 1 : 0;
    return (await this.take(leg)) !== undefined;
  }

  /** Returns the difference that a leg shows, reduced to a shortest execution. */
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

  /** Repeats a leg with a difference. A difference that cannot be reproduced was noise. */
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
      // Executed twice, since a difference by noise would mislead the search.
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
