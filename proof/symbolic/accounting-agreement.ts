/** Compares the formulas of rmap accounting with the code that they were made from, on random states. */
import { Random } from "../../explore/simulation/random.ts";
import type { ExecutedAccounting, NumberFolio } from "../accounting/executed-accounting.ts";
import { isOfPmd, RMAP_OPERATIONS } from "../accounting/rmap-operations.ts";
import { accountedNumbers } from "./accounted-numbers.ts";
import { ACCOUNTED_SYMBOLS } from "./accounted-terms.ts";
import { type Agreement, CALLS, SEED, trackingAssignment } from "./agreement.ts";
import { evaluator } from "./term.ts";
import type { TermFunctions } from "./term-functions.ts";

/** Compares executions of every operation. */
export function accountingAgreement(functions: TermFunctions<"accounting">, executed: ExecutedAccounting): Agreement {
  const { slotMax, idMax } = executed.tracking.limits;
  const random = new Random(SEED, 0);
  const one = <T>(values: readonly T[]): T => values[random.below(values.length)] as T;
  const flag = (): boolean => one([false, true]);
  const ids = [0, 1, 2, 3, idMax];
  const counts = [-1, 0, 1, 2, 3, slotMax];
  for (let call = 0; call < CALLS; call++) {
    const operation = one(RMAP_OPERATIONS);
    const order = 1 + random.below(3);
    const nrPages = 2 ** order;
    const page = random.below(nrPages);
    const diff = isOfPmd(operation) ? 1 : 1 + random.below(nrPages - page);
    const mmId = one(ids.slice(1));
    const before: NumberFolio = {
      nrPages,
      // A PMD maps no folio of two pages.
      pmdSized: isOfPmd(operation) && order > 1,
      anon: flag(),
      swapcache: flag(),
      shmem: flag(),
      entireMapcount: one([-1, 0, 1, 5]),
      partiallyMapped: flag(),
      queued: flag(),
      statistics: {
        nrAnonMapped: one([0, nrPages]),
        nrFileMapped: one([0, nrPages]),
        nrAnonThps: one([0, nrPages]),
        nrFilePmdmapped: one([0, nrPages]),
      },
      largeMapcount: one([-1, 0, 1, 2, 3, 4, slotMax, 2 ** 31 - 2]),
      slots: [
        { id: one(ids), count: one(counts) },
        { id: one(ids), count: one(counts) },
      ],
      shared: flag(),
      locked: one([false, false, true]),
    };
    const done = executed.run(operation, before, page, diff, mmId);
    const evaluate = evaluator(assignment(before, order, page, diff, mmId));
    const step = functions.steps[operation];
    const same =
      JSON.stringify(accountedNumbers(step.after, evaluate)) === JSON.stringify(done.after) &&
      (evaluate(step.warned) === 1n) === (done.warning !== undefined) &&
      (evaluate(step.changesOthers) === 1n) === done.changesOthers;
    if (!same) {
      return {
        kind: "differs",
        text: `${operation}, ${diff} of MM ${mmId} from page ${page} on, ${JSON.stringify(before)}`,
      };
    }
  }
  return { kind: "agrees", calls: CALLS };
}

/** The values of the symbols; whatever else is in memory is 0. */
function assignment(
  before: NumberFolio,
  order: number,
  page: number,
  diff: number,
  mmId: number,
): (name: string) => bigint {
  const { pmdSized, anon, swapcache, shmem, entireMapcount, partiallyMapped, queued, statistics } = before;
  const own: Readonly<Record<string, number>> = {
    [ACCOUNTED_SYMBOLS.pmdOrder]: pmdSized ? order : order + 1,
    [ACCOUNTED_SYMBOLS.page]: page,
    [ACCOUNTED_SYMBOLS.anon]: Number(anon),
    [ACCOUNTED_SYMBOLS.swapcache]: Number(swapcache),
    [ACCOUNTED_SYMBOLS.shmem]: Number(shmem),
    [ACCOUNTED_SYMBOLS.entireMapcount]: entireMapcount,
    [ACCOUNTED_SYMBOLS.partiallyMapped]: Number(partiallyMapped),
    [ACCOUNTED_SYMBOLS.queued]: Number(queued),
    [ACCOUNTED_SYMBOLS.nrAnonMapped]: statistics.nrAnonMapped,
    [ACCOUNTED_SYMBOLS.nrFileMapped]: statistics.nrFileMapped,
    [ACCOUNTED_SYMBOLS.nrAnonThps]: statistics.nrAnonThps,
    [ACCOUNTED_SYMBOLS.nrFilePmdmapped]: statistics.nrFilePmdmapped,
  };
  const tracking = trackingAssignment(before, order, diff, mmId);
  return (name) => BigInt(own[name] ?? tracking(name));
}
