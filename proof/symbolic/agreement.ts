/**
 * Compares the formulas with the code that they were made from: it is executed on random states, most of them states
 * that no execution reaches, and must do what the formulas say.
 */
import { Random } from "../../explore/simulation/random.ts";
import type { ExecutedFunctions } from "../executed-functions.ts";
import { OPERATIONS, type OperationName } from "../operations.ts";
import type { StoredFolio } from "../tracked-state.ts";
import { type Evaluate, numberOf, storedNumbers } from "./numbers.ts";
import { evaluator } from "./term.ts";
import type { TermFunctions } from "./term-functions.ts";
import { SYMBOLS } from "./tracked-terms.ts";

/** The executions follow from it. */
export const SEED = 1;

/** Executions to compare. */
export const CALLS = 600;

/** The first execution that differs, or the number of those that agree. */
export type Agreement =
  | { readonly kind: "agrees"; readonly calls: number }
  | { readonly kind: "differs"; readonly text: string };

/** Compares executions of every operation. */
export function agreement(functions: TermFunctions, running: ExecutedFunctions): Agreement {
  const { slotMax, idMax } = running.limits;
  const random = new Random(SEED, 0);
  const one = <T>(values: readonly T[]): T => values[random.below(values.length)] as T;
  const ids = [0, 1, 2, 3, idMax];
  const counts = [-2, -1, 0, 1, 2, 3, slotMax - 1, slotMax];
  for (let call = 0; call < CALLS; call++) {
    const operation = one(OPERATIONS);
    const before: StoredFolio<boolean, number> = {
      largeMapcount: one([-1, 0, 1, 2, 3, slotMax, 2 ** 31 - 2]),
      slots: [
        { id: one(ids), count: one(counts) },
        { id: one(ids), count: one(counts) },
      ],
      shared: one([false, true]),
      locked: one([false, false, true]),
    };
    const order = 1 + random.below(3);
    const diff = 1 + random.below(2 ** order);
    const mmId = one(ids.slice(1));
    const executed = running.run(operation, before, 2 ** order, diff, mmId);
    const evaluate = evaluator(trackingAssignment(before, order, diff, mmId));
    const said = inNumbers(functions, operation, evaluate);
    const done = [executed.after, executed.result, executed.warning !== undefined];
    if (JSON.stringify(said) !== JSON.stringify(done)) {
      return { kind: "differs", text: `${operation}, ${diff} of MM ${mmId}, ${JSON.stringify(before)}` };
    }
  }
  return { kind: "agrees", calls: CALLS };
}

/** The values of the symbols; whatever else is in memory is 0, as in the module before the first call. */
export function trackingAssignment(
  { largeMapcount, slots: [slot0, slot1], shared, locked }: StoredFolio<boolean, number>,
  order: number,
  diff: number,
  mmId: number,
): (name: string) => bigint {
  const values: Readonly<Record<string, number>> = {
    [SYMBOLS.order]: order,
    [SYMBOLS.largeMapcount]: largeMapcount,
    [SYMBOLS.id0]: slot0.id,
    [SYMBOLS.id1]: slot1.id,
    [SYMBOLS.count0]: slot0.count,
    [SYMBOLS.count1]: slot1.count,
    [SYMBOLS.shared]: Number(shared),
    [SYMBOLS.locked]: Number(locked),
    [SYMBOLS.diff]: diff,
    [SYMBOLS.pages]: diff,
    [SYMBOLS.actorId]: mmId,
  };
  return (name) => BigInt(values[name] ?? 0);
}

function inNumbers({ steps }: TermFunctions, operation: OperationName, evaluate: Evaluate): readonly unknown[] {
  const { after, result, warned } = steps[operation];
  return [storedNumbers(after, evaluate), result && numberOf(result, evaluate), evaluate(warned) === 1n];
}
