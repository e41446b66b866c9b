/**
 * States of the owner slots after whole operations, one after the other: the reference for CPUs that execute them at the same
 * time.
 */
import { BeyondBounds } from "../../explore/errors.ts";
import { always, type Property } from "../../explore/model.ts";
import { searchRevised } from "../../explore/revised.ts";
import { at } from "../../explore/schema.ts";
import { ALL_REDUCTIONS } from "../../races/race-model.ts";
import type { Kernel } from "../kernel/kernel.ts";
import { isPresent } from "../kernel/pgtable.ts";
import { Warnings } from "../kernel/warnings.ts";
import { type RaceView, raceMachine } from "./race.ts";
import { type RaceCalls, WholeCalls } from "./race-calls.ts";
import type { RaceBounds, RaceWorld } from "./race-world.ts";

/**
 * The owner slots and the large mapcount of the folio with what really maps it, up to the renaming of MMs: equal texts mean
 * that one is as good an outcome as the other.
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
 * The ownerships that one CPU reaches, which executes whole operations.
 *
 * @param operations names of the operations; all when absent
 * @throws BeyondBounds when C code does what the machine cannot follow
 */
export function sequentialOwnerships(
  bounds: RaceBounds,
  kernel: Kernel,
  operations: readonly string[] | undefined,
): ReadonlySet<string> {
  const found = new Set<string>();
  const collect: Property<RaceView> = always({
    id: "ownerships",
    claim: "collects",
    source: "none",
    holds: ({ world }) => {
      found.add(ownershipOf(world as RaceWorld));
      return true;
    },
  });
  const model = raceMachine(
    "race",
    { ...bounds, cpus: 1 },
    { ...kernel, vmWarnOn: () => {}, warnings: silentWarnings() },
    { memoryModel: "sc", reductions: ALL_REDUCTIONS, ...(operations === undefined ? {} : { operations }) },
    [collect],
    String,
  );
  const { stopped, beyond } = searchRevised(model, {}).result;
  if (stopped !== undefined) {
    throw new BeyondBounds(beyond ?? stopped);
  }
  return found;
}

/** Warnings that are not raised: those of a faulty kernel are found by the machine that it is checked on. */
function silentWarnings(): Warnings {
  return Object.defineProperty(new Warnings(), "first", { get: () => 0, set: () => {} });
}

/** The ownerships that fixed calls reach, executed one after the other in any order that keeps the order of each CPU. */
export function ownershipsOfCalls(bounds: RaceBounds, kernel: Kernel, calls: RaceCalls): ReadonlySet<string> {
  const found = new Set<string>();
  const { first } = kernel.warnings;
  new WholeCalls(bounds, kernel).visit(calls, (state) => {
    found.add(ownershipOf(state));
  });
  kernel.warnings.first = first;
  return found;
}
