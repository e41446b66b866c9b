import { describe, expect, test } from "vitest";
import type { DrawableState } from "../../../gate/image/world/drawable-state.ts";
import { ImageView } from "../../../gate/image/world/image-view.ts";
import { VisibleStates } from "../../../gate/image/world/visible-state.ts";
import { EntryFlag } from "../../../gate/image/world/world-layout.ts";
import { DEFAULT_CONFIG } from "../../../model/kernel/config.ts";
import { readWorlds } from "../../../report/trace/state.ts";
import { FIRST, WorldWords } from "./lockstep/world-words.ts";

const viewOf = ({ words }: WorldWords): ImageView =>
  new ImageView({ world: () => words, proc: () => undefined }, [FIRST, FIRST + 8], DEFAULT_CONFIG);

/** Returns the states of an execution for pictures. Page frames are not renamed. */
function drawableStates(...worlds: readonly WorldWords[]): DrawableState[] {
  const states = new VisibleStates();
  return worlds.map((world, i) => {
    const view = viewOf(world);
    if (i === 0) {
      states.initial(view);
    } else {
      states.next(view, world.words);
    }
    return states.drawable(view);
  });
}

/** Formats the entries of the first table of a process: folio and page, in parentheses for a migration entry. */
function entriesOf(state: DrawableState | undefined, mm: number): string {
  const { ptes = [] } = state?.mms[mm]?.vmas[0] ?? {};
  return ptes
    .map(({ folio, page, migration }) => (folio === 0 ? "·" : migration ? `(${folio}.${page})` : `${folio}.${page}`))
    .join(" ");
}

const empty = new WorldWords().process(0);
const large = new WorldWords().process(0).large(8, 0);

describe("the state of an image for pictures", () => {
  test("the state of an image has an entry for each page of a page table", () => {
    const [start, state] = drawableStates(empty, large);
    expect(entriesOf(start, 0)).toBe("· · · · · · · ·");
    expect(entriesOf(state, 0)).toBe("1.0 1.1 1.2 1.3 · · · ·");
    expect(state?.folios).toHaveLength(1);
    expect(state?.folios[0]).toMatchObject({ allocated: true, anon: true, nrPages: 4 });
  });

  test("a freed folio keeps its position, so that a new one has the next letter", () => {
    const [, , , state] = drawableStates(empty, large, empty, large);
    expect(state?.folios.map(({ allocated }) => allocated)).toEqual([false, true]);
    expect(entriesOf(state, 0)).toBe("2.0 2.1 2.2 2.3 · · · ·");
  });

  test("a migration entry leads to the folio that is migrated", () => {
    const shared = new WorldWords().process(0).process(1).shared(8, [0, 1]);
    const migrating = new WorldWords().process(0).process(1).migrating(8, [0, 1]);
    const [, , between] = drawableStates(empty, shared, migrating);
    expect(entriesOf(between, 1)).toBe("(1.0) (1.1) (1.2) (1.3) · · · ·");
  });

  test("an entry through which a process reads a wrong content is marked", () => {
    const wrong = new WorldWords().process(0).small(8, 1).entry(0, FIRST, EntryFlag.present, 8, 3);
    const [, state] = drawableStates(empty, wrong);
    expect(state?.mms[0]?.vmas[0]?.ptes[0]).toMatchObject({ folio: 1, expected: 1 });
    expect(state?.folios[0]?.pages[0]?.content).toBe(0);
  });

  test("the state of an image has the shape that pictures are drawn of", () => {
    const [, state] = drawableStates(empty, large);
    expect(readWorlds(state)?.worlds).toHaveLength(1);
  });
});
