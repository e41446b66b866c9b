/** Executes a trace of an image on a running kernel. */
import { at } from "../../explore/model/schema.ts";
import { Comparison, type FieldPair } from "../compare/comparison.ts";
import type { LiveSession } from "../session/session.ts";
import type { ImagePlan } from "./image-plan.ts";

/** The first difference between the kernel and the trace. */
export interface ImageDifference {
  /** Number of steps of the trace up to the difference. */
  readonly steps: number;
  /** All fields after these steps. */
  readonly fields: readonly FieldPair[];
}

/** An operation that could not be performed, which permits no conclusion about the kernel. The message is one line. */
export class RefusedOperation extends Error {}

/** Result of the execution of a trace. */
export interface ImageExecution {
  readonly difference: ImageDifference | undefined;
  /** Steps whose results were compared, repetitions included. */
  readonly steps: number;
  /** Number of repetitions of the trace because of a difference. */
  readonly retries: number;
}

/** Maximum number of repetitions, each from the initial state. */
const MOST_RETRIES = 3;

/**
 * Executes the trace, and repeats it after a difference: one that cannot be reproduced was noise.
 *
 * @param pageSize in bytes
 * @throws RefusedOperation, LiveError
 */
export async function executeImageTrace(
  session: LiveSession,
  plan: ImagePlan,
  pageSize: number,
): Promise<ImageExecution> {
  let steps = 0;
  let last: ImageDifference | undefined;
  for (let retries = 0; ; retries++) {
    const difference = await executeOnce(session, plan, pageSize);
    steps += difference?.steps ?? plan.operations.at(-1)?.steps ?? 0;
    if (difference === undefined || difference.steps === last?.steps || retries === MOST_RETRIES) {
      return { difference, steps, retries };
    }
    last = difference;
  }
}

async function executeOnce(
  session: LiveSession,
  { operations, run }: ImagePlan,
  pageSize: number,
): Promise<ImageDifference | undefined> {
  await session.reset();
  const observations = await session.perform(operations.map(({ operation }) => operation));
  const comparison = new Comparison(pageSize, run);
  for (const [i, result] of observations.entries()) {
    const { steps, text, expected, folios } = at(operations, i);
    if (result.kind === "failure") {
      throw new RefusedOperation(`step ${steps}, ${text}: ${result.message}`);
    }
    if (expected === undefined) {
      return undefined;
    }
    comparison.recordFrames(folios, expected, result);
    if (!comparison.agrees(expected, result)) {
      return { steps, fields: comparison.fields(expected, result) };
    }
  }
  return undefined;
}
