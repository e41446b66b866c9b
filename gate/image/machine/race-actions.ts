/**
 * Races of two operations: the second is executed as a whole on another CPU, while the first is at one of its yields.
 * That is every schedule of the two with one preemption.
 */
import { type Action, action, combinationsOf, formatCall } from "../../../explore/model/model.ts";
import { type NotChecked, notChecked } from "../../../invariants/not-checked.ts";
import { type Bounds, range } from "../../../machines/machine.ts";
import { ANY_PREEMPTIONS } from "../world/image-bounds.ts";
import type { ImageContext, ImageState } from "./image-context.ts";
import type { ImageCall, OperationFamily } from "./operation-family.ts";
import type { PreemptedOperation, Yields } from "./yield-counts.ts";

/** Kinds of yields: as `enum image_yield_kind` of the harness. */
const YieldKind = { lock: 1, atomic: 2, entry: 4, sleep: 8, marked: 16, allocation: 32, rcu: 64 } as const;

const SLOW = YieldKind.lock | YieldKind.sleep | YieldKind.allocation;

/** Borders of RCU readers are half as many as locks, and mostly next to one. */
const TABLES = SLOW | YieldKind.entry | YieldKind.rcu;

/** By the bound `race`. */
const YIELDS: readonly Yields[] = [
  { kinds: 0, most: 0 },
  { kinds: SLOW, most: 240 },
  { kinds: TABLES, most: 640 },
  { kinds: TABLES | YieldKind.atomic, most: 1280 },
  { kinds: TABLES | YieldKind.atomic | YieldKind.marked, most: 2560 },
];

/** Returns the yields of an operation that races, by the bound `race`. */
export function yieldsOf({ race = 0 }: Bounds): Yields {
  return YIELDS[race] as Yields;
}

/** Returns the calls of the operations that take part in races, by text. */
export function racingOperations(families: readonly OperationFamily[]): ReadonlyMap<string, ImageCall> {
  const instances = families.flatMap(({ name, domains, call, races }) =>
    combinationsOf(domains)
      .filter(races)
      .map((parameters): [string, ImageCall] => [formatCall({ action: name, parameters }), call(parameters)]),
  );
  return new Map(instances);
}

/** Whether a race is the last step of an execution. */
export function endsWithRace({ race = 0, afterrace = 0 }: Bounds): boolean {
  return race !== 0 && afterrace === 0;
}

/** Returns the interleavings that the bounds exclude. */
export function racesNotChecked(bounds: Bounds): readonly NotChecked[] {
  const { race = 0, preemptions = 0, cpus = 2 } = bounds;
  if (race === 0) {
    return [notChecked("one CPU runs at a time")];
  }
  const most = preemptions < 2 ? "one preemption" : `${preemptions} preemptions`;
  return [
    notChecked(
      `races of more than ${cpus === 2 ? "two" : "three"} operations, ${preemptions === ANY_PREEMPTIONS ? "" : `with more than ${most}, `}or with one ` +
        `that is not at ${pointsOf(race)}` +
        (preemptions === 0 ? "; a second operation that would wait for the first one" : ""),
    ),
    notChecked("weak memory, interrupts and stale TLB entries; no grace period ends while a CPU executes an operation"),
    ...(endsWithRace(bounds) ? [notChecked("executions that continue after a race")] : []),
  ];
}

function pointsOf(race: number): string {
  const added = ["RCU borders", "page table entries", "atomics", "marked accesses"].slice(0, race < 2 ? 0 : race);
  return ["locks", "allocations", ...added].join(", ").replace(/, ([^,]+)$/, " and $1");
}

/** Returns the action of races within the bounds; none without the bound `race`. */
export function raceActions(
  bounds: Bounds,
  families: readonly OperationFamily[],
): readonly Action<ImageState, ImageContext>[] {
  const yields = yieldsOf(bounds);
  if (yields.most === 0 || (bounds["preemptions"] ?? 0) > 0) {
    return [];
  }
  const ends = endsWithRace(bounds);
  const operations = racingOperations(families);
  const preempted = new Map(
    [...operations].flatMap(([text, call]) =>
      range(1, yields.most).map((number): [string, PreemptedOperation] => [
        `${text} at yield ${number}`,
        { call, yields, yield: number },
      ]),
    ),
  );
  const operationAt = (text: string): PreemptedOperation => preempted.get(text) as PreemptedOperation;
  return [
    action<ImageState, ImageContext, { first: string; second: string }>(
      "race",
      { first: [...preempted.keys()], second: [...operations.keys()] },
      (state, context, { first, second }) =>
        !state.ended && context.race(state, operationAt(first), operations.get(second) as ImageCall, ends),
      { guard: (state, context, first) => !state.ended && context.hasYield(state, operationAt(first as string)) },
    ),
  ];
}
