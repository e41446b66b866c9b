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
  private readonly model: PackedWorld;

  private readonly pageSize: number;
  private readonly stopShrinking: () => boolean;

  /**
   * @param pageSize in bytes
   * @param stopShrinking returns true to stop shrinking
   */
  constructor(session: LiveSession, model: PackedWorld, pageSize: number, stopShrinking: () => boolean = () => false) {
    this.session = session;
    this.model = model;
    this.pageSize = pageSize;
    this.stopShrinking = stopShrinking;
  }

  /**
   * Starts a leg and defers its comparison, so that kernel and host work in parallel.
   *
   * @returns completes the leg, with the comparison
   */
  start(leg: Leg): () => Promise<Difference | undefined> {
    const results = this.perform(leg);
    // Prevents an unhandled rejection: the returned function reports the error.
    results.catch(() => {});
    return async () => {
      const difference = this.compare(leg, await results);
      return difference === undefined ? undefined : this.confirm(leg, difference);
    };
  }

  /**
   * Executes a leg, and repeats it if there is a difference.
   *
   * @param counts whether a repetition counts as a retry; false where a difference is expected
   * @returns whether there was a difference both times
   */
  async differs(leg: Leg, counts: boolean): Promise<boolean> {
    if ((await this.execute(leg)) === undefined) {
      return false;
    }
    this.retries += counts ? 1 : 0;
    return (await this.execute(leg)) !== undefined;
  }

  /** Returns the difference that a leg shows, reduced to a shortest execution. */
  async differenceOf(leg: Leg): Promise<Difference | undefined> {
    const difference = await this.execute(leg);
    return difference && this.shortest(leg, difference);
  }

  private async perform(leg: Leg): ReturnType<LiveSession["perform"]> {
    const reset = this.session.reset();
    const performed = this.session.perform(leg.operations);
    performed.catch(() => {});
    await reset;
    return performed;
  }

  private compare(leg: Leg, observations: Awaited<ReturnType<LiveSession["perform"]>>): LegDifference | undefined {
    const difference = compareLeg(this.model, leg, observations, this.pageSize);
    this.steps += difference?.steps ?? leg.calls.length;
    return difference;
  }

  private async execute(leg: Leg): Promise<LegDifference | undefined> {
    return this.compare(leg, await this.perform(leg));
  }

  /** Repeats a leg with a difference. A difference that cannot be reproduced was noise. */
  private async confirm(leg: Leg, first: LegDifference): Promise<Difference | undefined> {
    let last = first;
    for (let attempt = 0; attempt < MOST_RETRIES; attempt++) {
      this.retries += 1;
      const again = await this.execute(leg);
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

  private async shortest(leg: Leg, original: LegDifference): Promise<Difference> {
    const end = performance.now() + SHRINK_MS;
    let best: { readonly leg: Leg; readonly difference: LegDifference } = { leg, difference: original };
    const differs = async (calls: readonly number[]): Promise<boolean> => {
      const shorter = planLeg(this.model, calls);
      // Executed twice, since a difference by noise would mislead the search.
      const first = await this.execute(shorter);
      const difference = first && (await this.execute(shorter));
      if (difference === undefined) {
        return false;
      }
      best = { leg: shorter, difference };
      return true;
    };
    await shrink(leg.calls.slice(0, original.steps), differs, () => this.stopShrinking() || performance.now() > end);
    const calls = best.leg.calls.slice(0, best.difference.steps);
    const shorter = calls.length === 0 ? undefined : shorterExecution(this.model, calls);
    if (shorter !== undefined) {
      await differs(shorter);
    }
    const { steps, fields } = best.difference;
    return { calls: callsOfLeg(this.model, best.leg).slice(0, steps), fields };
  }
}
