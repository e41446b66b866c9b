/** States of the owner slots after sequential execution of whole operations: the reference for concurrent execution. */
import { action, type DeepReadonly, type Model } from "../../explore/model/model.ts";
import { at, bool, type StructField, struct } from "../../explore/model/schema.ts";
import { reachableStates } from "../../explore/search/reachable-states.ts";
import { WholeOperations } from "../../races/whole-operations.ts";
import type { Kernel } from "../kernel/kernel.ts";
import { isPresent } from "../kernel/pgtable.ts";
import { silentWarnings } from "../kernel/warnings.ts";
import { raceDefinition, startWithOneMm } from "./race.ts";
import { type RaceCalls, WholeCalls } from "./race-calls.ts";
import { type RaceBounds, type RaceWorld, raceWorldSchema } from "./race-world.ts";

/**
 * Returns the owner slots and the large mapcount of the folio with its actual mappings, as text that is canonical under
 * renaming of MMs: equal texts mean equivalent outcomes.
 */
export function ownershipOf({ folios, mms }: RaceWorld): string {
  const { allocated, largeMapcount, mmIdsShared, slots } = at(folios, 0);
  const owners: string[] = [];
  for (let m = 0; m < mms.length; m++) {
    const { idNumber, vmas } = at(mms, m);
    const { pmd, ptes } = at(vmas, 0);
    let text = isPresent(pmd) ? "pmd" : "";
    for (let i = 0; i < ptes.length; i++) {
      const pte = at(ptes, i);
      text += isPresent(pte) ? String(pte.page) : "-";
    }
    for (let s = 0; s < slots.length; s++) {
      const { mmId, mapcount } = at(slots, s);
      text += mmId === idNumber ? ` slot ${s}: ${mapcount}` : "";
    }
    owners.push(text);
  }
  const free = slots.map(({ mmId, mapcount }) => (mmId === 0 ? mapcount : "")).join();
  return `${allocated} ${largeMapcount} ${mmIdsShared} ${free} ${owners.sort().join(" | ")}`;
}

/**
 * Enumerates the ownerships that one CPU reaches by executing whole operations.
 *
 * @param operations names of the operations; all if absent
 * @returns a predicate for reachable ownerships; it continues the search until the ownership is found or the search is
 *   complete
 */
export function sequentialOwnerships(
  bounds: RaceBounds,
  kernel: Kernel,
  operations: readonly string[] | undefined,
): (ownership: string) => boolean {
  const one = { ...bounds, cpus: 1 };
  const whole = new WholeOperations(raceDefinition(one, kernel, operations, silentWarnings()), bounds.mms);
  return isAmong(ownershipsIn(reachableStates(sequentialModel(one, kernel, whole))));
}

function* ownershipsIn(states: Iterable<DeepReadonly<SequentialState>>): Generator<string> {
  for (const state of states) {
    if (!state.waits) {
      yield ownershipOf(state as SequentialState);
    }
  }
}

/** Returns a predicate for membership in the values of an iterator, which is consumed lazily. */
function isAmong(texts: Iterator<string>): (text: string) => boolean {
  const visited = new Set<string>();
  return (text) => {
    while (!visited.has(text)) {
      const { value, done } = texts.next();
      if (done === true) {
        return false;
      }
      visited.add(value);
    }
    return true;
  };
}

/** State between whole operations, or state in which an operation waits forever. */
interface SequentialState extends RaceWorld {
  waits: boolean;
}

function sequentialModel(
  bounds: RaceBounds,
  kernel: Kernel,
  whole: WholeOperations<RaceWorld>,
): Model<SequentialState, Kernel> {
  const { fields } = raceWorldSchema(bounds, kernel.tracksTotalMappedPages) as StructField;
  return {
    name: "sequential",
    schema: struct({ ...fields, waits: bool() }) as unknown as StructField<SequentialState>,
    context: kernel,
    initial: [(state) => startWithOneMm(state, kernel)],
    actions: [
      action(
        "execute",
        { index: whole.all.map((_, index) => index) },
        (state: SequentialState, _: Kernel, { index }: { index: number }) => {
          const operation = at(whole.all, index);
          if (state.waits || !whole.mayStart(state, operation)) {
            return false;
          }
          state.waits = !whole.execute(state, operation);
          return true;
        },
      ),
    ],
    view: (state) => state,
    properties: [],
  };
}

/**
 * Returns a predicate for the ownerships that fixed calls reach if executed sequentially, in any interleaving of the
 * CPUs' program orders.
 */
export function ownershipsOfCalls(
  bounds: RaceBounds,
  kernel: Kernel,
  calls: RaceCalls,
): (ownership: string) => boolean {
  return isAmong(ownershipsOfStates(new WholeCalls(bounds, kernel).states(calls)));
}

function* ownershipsOfStates(states: Iterable<RaceWorld>): Generator<string> {
  for (const state of states) {
    yield ownershipOf(state);
  }
}
