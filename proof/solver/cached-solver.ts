/** Answers of solvers, cached by query and version of the solver. */

import { CacheEntry } from "../../files/cache-entry.ts";
import type { StopSignal } from "../../files/stop-signal.ts";
import type { Answer, Solver } from "./solver.ts";

/** An answer, and the time that it took when it was computed. */
export interface TimedAnswer {
  readonly answer: Answer;
  readonly seconds: number;
  readonly isFromCache: boolean;
}

interface Entry {
  readonly kind: "unsat" | "sat";
  readonly seconds: number;
  readonly values: readonly (readonly [name: string, value: string])[];
}

const INTERRUPTED: Answer = { kind: "unknown", why: "it was interrupted" };

/**
 * Answers a query.
 *
 * @param folder where definite answers are cached; undefined for none
 * @param signal ends the solver when it is aborted
 */
export async function cachedAnswer(
  solver: Solver,
  query: string,
  seconds: number,
  folder: string | undefined,
  signal?: StopSignal,
): Promise<TimedAnswer> {
  const entry = folder === undefined ? undefined : new CacheEntry(folder, "answer", [solver.version, query]);
  const known = entry?.read();
  if (known !== undefined) {
    const { kind, values, ...cached } = JSON.parse(Buffer.from(known).toString("utf8")) as Entry;
    const answer = kind === "unsat" ? { kind } : { kind, values: new Map(values.map(([n, v]) => [n, BigInt(v)])) };
    return { answer, seconds: cached.seconds, isFromCache: true };
  }
  const started = performance.now();
  const solved: Answer = signal?.aborted === true ? INTERRUPTED : await solver.solve(query, seconds, signal);
  const answer = solved.kind === "unknown" && signal?.aborted === true ? INTERRUPTED : solved;
  const taken = (performance.now() - started) / 1000;
  if (answer.kind !== "unknown") {
    const values = answer.kind === "sat" ? [...answer.values].map(([n, v]) => [n, String(v)] as const) : [];
    const content: Entry = { kind: answer.kind, seconds: taken, values };
    try {
      entry?.write(Buffer.from(JSON.stringify(content)));
    } catch {
      // It is asked again the next time.
    }
  }
  return { answer, seconds: taken, isFromCache: false };
}
