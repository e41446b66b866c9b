import { describe, expect, test } from "vitest";
import { ImageView } from "../../../gate/image/world/image-view.ts";
import { type VisibleState, VisibleStates } from "../../../gate/image/world/visible-state.ts";
import { EntryFlag } from "../../../gate/image/world/world-layout.ts";
import { DEFAULT_CONFIG } from "../../../model/kernel/config.ts";
import { FIRST, WorldWords } from "./lockstep/world-words.ts";

const viewOf = ({ words }: WorldWords): ImageView =>
  new ImageView({ world: () => words, proc: () => undefined }, [FIRST, FIRST + 8], DEFAULT_CONFIG);

/**
 * Returns the visible states of an execution. Each step has the stored state, and the same with the frames of the state
 * before.
 */
function visibleStates(
  start: WorldWords,
  ...steps: readonly (readonly [state: WorldWords, renamed: WorldWords])[]
): VisibleState[] {
  const states = new VisibleStates();
  return [states.initial(viewOf(start)), ...steps.map(([state, renamed]) => states.next(viewOf(state), renamed.words))];
}

/** Formats the entries of a process: page, folio number, and index in the folio. */
const mapped = (state: VisibleState | undefined, mm: number): string =>
  (state?.processes[mm] ?? []).map(({ page, folio, index }) => `${page - FIRST}:${folio}.${index}`).join(" ");

const empty = new WorldWords().process(0);
const large = new WorldWords().process(0).large(8, 0);

/** Returns a world with a folio of 4 pages at a frame, and a copy of its first page at another. */
const copied = (frame: number, copy: number): WorldWords =>
  new WorldWords()
    .process(0)
    .large(frame, 0)
    .small(copy, 1)
    .entry(0, FIRST, EntryFlag.present | EntryFlag.write, copy);

describe("what user space sees of an execution", () => {
  test("the visible initial state contains the live processes, and no mappings", () => {
    expect(visibleStates(empty)).toEqual([{ processes: [[], null, null], folios: [] }]);
  });

  test("a visible state contains each present entry, with the index of its page", () => {
    const [, state] = visibleStates(empty, [large, large]);
    expect(mapped(state, 0)).toBe("0:1.0 1:1.1 2:1.2 3:1.3");
    expect(state?.folios).toEqual([{ number: 1, pages: 4 }]);
  });

  test("a visible folio keeps its number when its frames are renamed", () => {
    const moved = copied(16, 3);
    const [, , state] = visibleStates(empty, [large, large], [moved, copied(8, 40)]);
    expect(mapped(state, 0)).toBe("0:2.0 1:1.1 2:1.2 3:1.3");
    const [, , , later] = visibleStates(empty, [large, large], [moved, copied(8, 40)], [copied(24, 50), copied(16, 3)]);
    expect(mapped(later, 0)).toBe("0:2.0 1:1.1 2:1.2 3:1.3");
  });

  test("a folio keeps its number in the swap cache, in which nothing maps it", () => {
    const present = (frame: number): WorldWords =>
      new WorldWords().process(0).small(frame, 1).entry(0, FIRST, EntryFlag.present, frame);
    const cached = (frame: number): WorldWords => new WorldWords().process(0).cached(frame, 0);
    const again = present(24);
    const [, , out, back] = visibleStates(
      empty,
      [present(8), present(8)],
      [cached(16), cached(8)],
      [again, present(16)],
    );
    expect(mapped(out, 0)).toBe("");
    expect(mapped(back, 0)).toBe("0:1.0");
  });

  test("a visible folio that replaces a freed one has another number", () => {
    const [, , , state] = visibleStates(empty, [large, large], [empty, empty], [large, large]);
    expect(state?.folios).toEqual([{ number: 2, pages: 4 }]);
  });

  test("visible folios produced by a split have their position in the original folio", () => {
    const pieces = new WorldWords().process(0);
    for (let i = 0; i < 4; i++) {
      pieces.small(8 + i, 1).entry(0, FIRST + i, EntryFlag.present, 8 + i);
    }
    const [, , state] = visibleStates(empty, [large, large], [pieces, pieces]);
    expect(state?.folios).toEqual(
      [0, 1, 2, 3].map((page) => ({ number: 2 + page, pages: 1, from: { folio: 1, page } })),
    );
    expect(mapped(state, 0)).toBe("0:2.0 1:3.0 2:4.0 3:5.0");
  });

  test("a visible state has no migration entries, and a folio keeps its number during a migration", () => {
    const shared = new WorldWords().process(0).process(1).shared(8, [0, 1]);
    const migrating = new WorldWords().process(0).process(1).migrating(8, [0, 1]);
    const [, , between, after] = visibleStates(empty, [shared, shared], [migrating, migrating], [shared, shared]);
    expect(between).toEqual({ processes: [[], [], null], folios: [] });
    expect(mapped(after, 1)).toBe("0:1.0 1:1.1 2:1.2 3:1.3");
  });

  test("the zero page belongs to no visible folio", () => {
    const zero = new WorldWords().process(0).zeroPage(0, FIRST + 2);
    const [, state] = visibleStates(empty, [zero, zero]);
    expect(mapped(state, 0)).toBe("2:0.0");
    expect(state?.folios).toEqual([]);
  });
});
