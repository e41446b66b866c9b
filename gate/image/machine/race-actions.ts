/**
 * Races of two operations: the second is executed as a whole on another CPU, while the first is at one of its yields.
 * That is every schedule of the two with one preemption.
 */
import { type Action, action, formatCall, type Parameters } from "../../../explore/model/model.ts";
import { type Bounds, range } from "../../../machines/machine.ts";
import type { ImageContext, ImageState } from "./image-context.ts";
import type { ImageCall, OperationFamily } from "./image-operations.ts";

/** Kinds of yields: as `enum image_yield_kind` of the harness. */
const YieldKind = { lock: 1, atomic: 2, entry: 4, sleep: 8, marked: 16 } as const;

/** Kinds of yields by the bound `race`. */
const KINDS: readonly number[] = [
  0,
  YieldKind.lock | YieldKind.sleep,
  YieldKind.lock | YieldKind.sleep | YieldKind.entry,
  YieldKind.lock | YieldKind.sleep | YieldKind.entry | YieldKind.atomic | YieldKind.marked,
];

/** Maximum number of yields of an operation. One that has more throws. */
const MOST_YIELDS = 400;

/** An operation in a race. */
export interface RacingOperation {
  /** Name and parameters. */
  readonly text: string;
  readonly call: ImageCall;
}

/** Two operations that race. */
export interface Race {
  /** The operation on CPU 0, in whose yields the other one runs. */
  readonly first: RacingOperation;
  readonly second: RacingOperation;
  /** Kinds of yields at which the second operation runs. */
  readonly kinds: number;
}

/** Returns the combinations of a family's parameters. */
function instancesOf({ name, domains, call }: OperationFamily): readonly RacingOperation[] {
  let choices: Parameters[] = [{}];
  for (const [parameter, values] of Object.entries(domains)) {
    choices = choices.flatMap((choice) => values.map((value) => ({ ...choice, [parameter]: value })));
  }
  return choices.map((parameters) => ({ text: formatCall({ action: name, parameters }), call: call(parameters) }));
}

/** Returns the action of races within the bounds; none without the bound `race`. */
export function raceActions(
  bounds: Bounds,
  families: readonly OperationFamily[],
): readonly Action<ImageState, ImageContext>[] {
  const kinds = KINDS[bounds["race"] ?? 0] ?? 0;
  if (kinds === 0) {
    return [];
  }
  const operations = families.flatMap(instancesOf);
  const races = new Map(
    operations.flatMap((first) =>
      operations.map((second): [string, Race] => [`${first.text} || ${second.text}`, { first, second, kinds }]),
    ),
  );
  const raceOf = (text: string): Race => races.get(text) as Race;
  return [
    action<ImageState, ImageContext, { operations: string; yield: number }>(
      "race",
      { operations: [...races.keys()], yield: range(1, MOST_YIELDS) },
      (state, context, { operations: text, yield: number }) => context.race(state, raceOf(text), number),
      { guard: (state, context, text) => context.mayRace(state, raceOf(text as string)) },
    ),
  ];
}
