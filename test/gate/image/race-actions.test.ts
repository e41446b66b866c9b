/** The action of races, on a context that records its calls. */
import { describe, expect, test } from "vitest";
import type { Action } from "../../../explore/model/model.ts";
import type { ImageContext, ImageState } from "../../../gate/image/machine/image-context.ts";
import { operationsOf } from "../../../gate/image/machine/image-operations.ts";
import type { ImageCall } from "../../../gate/image/machine/operation-family.ts";
import { endsWithRace, raceActions, racesNotChecked } from "../../../gate/image/machine/race-actions.ts";
import { type PreemptedOperation, YieldCounts } from "../../../gate/image/machine/yield-counts.ts";
import type { ImageInstance } from "../../../gate/image/module/image-instance.ts";
import type { Bounds } from "../../../machines/machine.ts";
import { notCheckedText } from "../../../report/text/not-checked.ts";

const AT_LOCKS: Bounds = { mms: 1, race: 1 };

function raceAction(bounds: Bounds): Action<ImageState, ImageContext> {
  const [action] = raceActions(bounds, operationsOf(bounds, true));
  if (action === undefined) {
    throw new Error("the machine has no races");
  }
  return action;
}

interface Raced {
  readonly first: PreemptedOperation;
  readonly second: ImageCall;
  readonly ends: boolean;
}

/** A context in which every operation has two yields. */
function recordingContext(raced: Raced[]): ImageContext {
  return {
    hasYield: (_: ImageState, { yield: number }: PreemptedOperation) => number <= 2,
    race: (_: ImageState, first: PreemptedOperation, second: ImageCall, ends: boolean) => {
      raced.push({ first, second, ends });
      return true;
    },
  } as unknown as ImageContext;
}

const initial = (): ImageState => ({ memory: 0, ended: false });

describe("Races", () => {
  test("a machine without the bound race has none", () => {
    expect(raceActions({ mms: 1, race: 0 }, operationsOf({ mms: 1 }, true))).toEqual([]);
  });

  test("the parameters name the first operation with its yield, and the second one", () => {
    const raced: Raced[] = [];
    const { choices, recipe } = raceAction(AT_LOCKS);
    const choice = {
      first: "write(mm: 0, fault: {page: 0, order: 3}) at yield 7",
      second: "dontneed(mm: 0, range: {page: 0, pages: 4})",
    };
    expect(choices).toContainEqual(choice);
    expect(recipe(initial(), recordingContext(raced), choice as never)).toBe(true);
    expect(raced).toEqual([
      {
        first: {
          call: { operation: "fault", parameters: [0, 8, 1, 3] },
          yields: expect.objectContaining({ kinds: 41 }),
          yield: 7,
        },
        second: { operation: "madvise", parameters: [0, 8, 4, 4] },
        ends: true,
      },
    ]);
  });

  test("the guard skips all second operations at a yield that the first one does not have", () => {
    const { guard } = raceAction(AT_LOCKS);
    const mayRace = (first: string): boolean | undefined => guard?.(initial(), recordingContext([]), first);
    expect(mayRace("fork(mm: 0) at yield 2")).toBe(true);
    expect(mayRace("fork(mm: 0) at yield 3")).toBe(false);
  });

  test("no operation and no race follows on a race, unless executions continue after one", () => {
    const { guard, choices, recipe } = raceAction(AT_LOCKS);
    const ended = { memory: 0, ended: true };
    const raced: Raced[] = [];
    expect(guard?.(ended, recordingContext(raced), "fork(mm: 0) at yield 1")).toBe(false);
    expect(recipe(ended, recordingContext(raced), choices[0] as never)).toBe(false);
    expect(raced).toEqual([]);
    expect([endsWithRace(AT_LOCKS), endsWithRace({ ...AT_LOCKS, afterrace: 1 }), endsWithRace({})]).toEqual([
      true,
      false,
      false,
    ]);
  });

  test("what is not checked depends on where the second operation may run", () => {
    const text = (bounds: Bounds): string => racesNotChecked(bounds).map(notCheckedText).join("\n");
    expect(text({})).toBe("one CPU runs at a time");
    expect(text(AT_LOCKS)).toContain("one that is not at locks and allocations;");
    expect(text({ ...AT_LOCKS, race: 3 })).toContain(
      "one that is not at locks, allocations, RCU borders, page table entries and atomics;",
    );
    expect(text(AT_LOCKS)).toContain("executions that continue after a race");
    expect(text({ ...AT_LOCKS, afterrace: 1 })).not.toContain("executions that continue after a race");
  });
});

describe("The number of yields", () => {
  const call = { operation: "fork", parameters: [0] };

  function countsOf(yields: number): { readonly counts: YieldCounts; readonly counted: number[] } {
    const counted: number[] = [];
    let loaded = -1;
    const instance = {
      load: (memory: number) => {
        loaded = memory;
      },
      yieldsOf: () => {
        counted.push(loaded);
        return yields;
      },
    } as unknown as ImageInstance;
    return { counts: new YieldCounts(instance), counted };
  }

  test("the number of yields is counted once in each state", () => {
    const { counts, counted } = countsOf(5);
    const yields = { kinds: 1, most: 10 };
    expect([counts.of(3, call, yields), counts.of(3, call, yields), counts.of(4, call, yields)]).toEqual([5, 5, 5]);
    expect(counted).toEqual([3, 4]);
  });

  test("an operation with more yields than the bounds have ends the search", () => {
    expect(() => countsOf(11).counts.of(0, call, { kinds: 1, most: 10 })).toThrow(
      "fork yields 11 times, and 10 times are within bounds",
    );
  });
});
