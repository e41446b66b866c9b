import { describe, expect, test } from "vitest";
import { ImageView } from "../../../gate/image/world/image-view.ts";
import { type VisibleState, VisibleStates } from "../../../gate/image/world/visible-state.ts";
import { EntryFlag } from "../../../gate/image/world/world-layout.ts";
import { DEFAULT_CONFIG } from "../../../model/kernel/config.ts";
import { FIRST, WorldWords } from "./lockstep/world-words.ts";

const viewOf = ({ words }: WorldWords): ImageView =>
  new ImageView({ world: () => words, proc: () => undefined }, [FIRST, FIRST + 8], DEFAULT_CONFIG);

/** The states of an execution: each as it is stored, and with the frames of the one before it. */
function seen(
  start: WorldWords,
  ...steps: readonly (readonly [state: WorldWords, renamed: WorldWords])[]
): VisibleState[] {
  const states = new VisibleStates();
  return [states.initial(viewOf(start)), ...steps.map(([state, renamed]) => states.next(viewOf(state), renamed.words))];
}

/** Number and place in the folio of each entry of a process. */
const mapped = (state: VisibleState | undefined, mm: number): string =>
  (state?.processes[mm] ?? []).map(({ page, folio, index }) => `${page - FIRST}:${folio}.${index}`).join(" ");

const empty = new WorldWords().process(0);
const large = new WorldWords().process(0).large(8, 0);

/** The folio of 4 pages at a frame, and a copy of its first page at another. */
const copied = (frame: number, copy: number): WorldWords =>
  new WorldWords()
    .process(0)
    .large(frame, 0)
    .small(copy, 1)
    .entry(0, FIRST, EntryFlag.present | EntryFlag.write, copy);

describe("what user space sees of an execution", () => {
  test("is nothing at first, but which processes live", () => {
    expect(seen(empty)).toEqual([{ processes: [[], null, null], folios: [] }]);
  });

  test("is every entry that is present, with the place of its page", () => {
    const [, state] = seen(empty, [large, large]);
    expect(mapped(state, 0)).toBe("0:1.0 1:1.1 2:1.2 3:1.3");
    expect(state?.folios).toEqual([{ number: 1, pages: 4 }]);
  });

  test("gives a folio the same number when its frames get other names", () => {
    const moved = copied(16, 3);
    const [, , state] = seen(empty, [large, large], [moved, copied(8, 40)]);
    expect(mapped(state, 0)).toBe("0:2.0 1:1.1 2:1.2 3:1.3");
    const [, , , later] = seen(empty, [large, large], [moved, copied(8, 40)], [copied(24, 50), copied(16, 3)]);
    expect(mapped(later, 0)).toBe("0:2.0 1:1.1 2:1.2 3:1.3");
  });

  test("gives a folio another number that comes into the place of one that has gone", () => {
    const [, , , state] = seen(empty, [large, large], [empty, empty], [large, large]);
    expect(state?.folios).toEqual([{ number: 2, pages: 4 }]);
  });

  test("says of the pieces of a folio which part of it they are", () => {
    const pieces = new WorldWords().process(0);
    for (let i = 0; i < 4; i++) {
      pieces.small(8 + i, 1).entry(0, FIRST + i, EntryFlag.present, 8 + i);
    }
    const [, , state] = seen(empty, [large, large], [pieces, pieces]);
    expect(state?.folios).toEqual(
      [0, 1, 2, 3].map((page) => ({ number: 2 + page, pages: 1, from: { folio: 1, page } })),
    );
    expect(mapped(state, 0)).toBe("0:2.0 1:3.0 2:4.0 3:5.0");
  });

  test("has no migration entries, and the folio keeps its number behind them", () => {
    const shared = new WorldWords().process(0).process(1).shared(8, [0, 1]);
    const migrating = new WorldWords().process(0).process(1).migrating(8, [0, 1]);
    const [, , between, after] = seen(empty, [shared, shared], [migrating, migrating], [shared, shared]);
    expect(between).toEqual({ processes: [[], [], null], folios: [] });
    expect(mapped(after, 1)).toBe("0:1.0 1:1.1 2:1.2 3:1.3");
  });

  test("has the zero page as that of no folio", () => {
    const zero = new WorldWords().process(0).zeroPage(0, FIRST + 2);
    const [, state] = seen(empty, [zero, zero]);
    expect(mapped(state, 0)).toBe("2:0.0");
    expect(state?.folios).toEqual([]);
  });
});
