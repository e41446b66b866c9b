/**
 * A list of unequal elements: large boxes with several slots and a lid, then small ones with one slot and no lid.
 * Actions fill and empty slots, close and open lids, and select one box at a time. Every combination is reachable.
 *
 * With 2 large boxes of 2 slots and 3 small ones: a large box has 2² × 2 = 8 states, a small one 2, and the selection
 * is one of 5 boxes or none: 8² × 2³ × 6 = 3,072 states. Up to renaming, large with large and small with small: with
 * none selected 36 multisets of 2 large boxes × 4 multisets of 3 small ones; with a large one selected 8 × 8 × 4; with
 * a small one selected 36 × 2 × 3. In all 144 + 256 + 216 = 616.
 */
import { action, always, type Model, sometimes } from "../../explore/model/model.ts";
import { array, at, bool, list, never, ref, type StructField, self, struct } from "../../explore/model/schema.ts";

interface Box {
  readonly number: number;
  closed: boolean;
  readonly slots: readonly { taken: boolean }[];
}

export interface Boxes {
  chosen: number;
  readonly boxes: readonly Box[];
}

const LARGE = 2;
const SMALL = 3;
const SLOTS = 2;

const slot = struct({ taken: bool() });
const large = struct({ number: self(), closed: bool(), slots: array(slot, SLOTS) });
const small = struct({ number: self(), closed: never(), slots: array(slot, 1) });

const schema: StructField<Boxes> = struct({
  chosen: ref("box", LARGE + SMALL),
  boxes: list<Box>([large, large, small, small, small], { symmetric: "box" }),
});

export const boxes: Model<Boxes, null> = {
  name: `${LARGE} large and ${SMALL} small boxes`,
  schema,
  context: null,
  view: (state) => state,
  actions: [
    action("fillOrEmpty", { box: [0, 1, 2, 3, 4], slot: [0, 1] }, (state: Boxes, _, parameters) => {
      const { slots } = at(state.boxes, parameters.box);
      if (parameters.slot >= slots.length) {
        return false;
      }
      const which = at(slots, parameters.slot);
      which.taken = !which.taken;
      return true;
    }),
    action("closeOrOpen", { box: [0, 1, 2, 3, 4] }, (state: Boxes, _, parameters) => {
      const box = at(state.boxes, parameters.box);
      if (box.slots.length === 1) {
        return false;
      }
      box.closed = !box.closed;
      return true;
    }),
    action("choose", { box: [0, 1, 2, 3, 4] }, (state: Boxes, _, parameters) => {
      const { number } = at(state.boxes, parameters.box);
      state.chosen = state.chosen === number ? 0 : number;
      return true;
    }),
  ],
  properties: [
    always({
      id: "no-lid",
      claim: "A small box is never closed",
      source: "the model's author",
      holds: (state) => state.boxes.every((each) => each.slots.length === SLOTS || !each.closed),
    }),
    sometimes({
      id: "last-small",
      claim: "The chosen box can be small, while all boxes are full and all large ones closed",
      source: "the model's author",
      reached: (state) =>
        state.chosen > LARGE &&
        state.boxes.every((each) => each.slots.every(({ taken }) => taken) && (each.closed || each.slots.length === 1)),
    }),
  ],
};
