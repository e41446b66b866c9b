/** A trace of an image, taken on a running kernel. */
import { at } from "../../explore/model/schema.ts";
import { Comparison, type FieldPair } from "../compare/comparison.ts";
import type { LiveSession } from "../session/session.ts";
import type { ImagePlan } from "./image-plan.ts";

/** Where the kernel first did something else than the trace shows. */
export interface ImageDifference {
  /** Steps of the trace that led to it. */
  readonly steps: number;
  /** Every field after them. */
  readonly fields: readonly FieldPair[];
}

/** An operation that could not be performed: nothing is known of the kernel then. The message is one line. */
export class RefusedOperation extends Error {}

/** What came of a trace. */
export interface ImageExecution {
  readonly difference: ImageDifference | undefined;
  /** Steps whose results were compared, including those that were taken again. */
  readonly steps: number;
  /** How often the trace was taken again, because something differed. */
  readonly retries: number;
}

/** How often a trace with a difference is taken again, from a fresh start. */
const MOST_RETRIES = 3;

/**
 * Takes the trace, and again where something differs: a difference that does not come back was noise.
 *
 * @param pageSize in bytes
 * @throws RefusedOperation, LiveError
 */
export async function takeImageTrace(session: LiveSession, plan: ImagePlan, pageSize: number): Promise<ImageExecution> {
  let steps = 0;
  let last: ImageDifference | undefined;
  for (let retries = 0; ; retries++) {
    const difference = await takeOnce(session, plan, pageSize);
    steps += difference?.steps ?? plan.operations.at(-1)?.steps ?? 0;
    if (difference === undefined || difference.steps === last?.steps || retries === MOST_RETRIES) {
      return { difference, steps, retries };
    }
    last = difference;
  }
}

async function takeOnce(
  session: LiveSession,
  { operations, run }: ImagePlan,
  pageSize: number,
): Promise<ImageDifference | undefined> {
  await session.reset();
  const observations = await session.perform(operations.map(({ operation }) => operation));
  const comparison = new Comparison(pageSize, run);
  for (const [i, seen] of observations.entries()) {
    const { steps, text, expected, folios } = at(operations, i);
    if (seen.kind === "failure") {
      throw new RefusedOperation(`step ${steps}, ${text}: ${seen.message}`);
    }
    if (expected === undefined) {
      return undefined;
    }
    comparison.follow(folios, expected, seen);
    if (!comparison.agrees(expected, seen)) {
      return { steps, fields: comparison.fields(expected, seen) };
    }
  }
  return undefined;
}
