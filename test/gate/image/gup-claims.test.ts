/** Claims about pages that get_user_pages() took: in a correct state, and after a change of one word. */
import { describe, expect, test } from "vitest";
import { imageClaims } from "../../../gate/image/machine/image-claims.ts";
import { ImageView } from "../../../gate/image/world/image-view.ts";
import { Frame, FrameFlag, Gup, HeldPage, Holder, WorldWord } from "../../../gate/image/world/world-layout.ts";
import { parseConfig } from "../../../model/kernel/config.ts";
import { FRAME, PAGE, procWords, worldWords } from "./state-words.ts";

const CONFIG = parseConfig("page-mapcount,32bit,mm-id");
const HELD = WorldWord.holders + Holder.pages;

/** Returns a state in which a holder has pinned the first page of process 0, which no other process maps. */
function pinnedWorld(): Int32Array {
  const words = worldWords();
  const head = FRAME * Frame.words;
  words[head + Frame.refcount] = (words[head + Frame.refcount] as number) + 1;
  words[head + Frame.pincount] = 1;
  words[head + Frame.flags] = (words[head + Frame.flags] as number) | FrameFlag.maybePinned | FrameFlag.exclusive;
  words[WorldWord.pinned] = 1;
  words[WorldWord.holders + Holder.how] = Gup.pin | Gup.write;
  words[WorldWord.holders + Holder.count] = 1;
  words[HELD + HeldPage.frame] = FRAME;
  words[HELD + HeldPage.at] = PAGE;
  words[HELD + HeldPage.expected] = 1;
  words[HELD + HeldPage.actual] = 1;
  return words;
}

/** Returns the ids of the claims that a state violates. */
function violated(change: (words: Int32Array) => void): readonly string[] {
  const world = pinnedWorld();
  change(world);
  const view = new ImageView({ world: () => world, proc: procWords }, [PAGE, PAGE + 8], CONFIG);
  return imageClaims(CONFIG, { mms: 2, gup: 1 }).flatMap((each) =>
    each.kind === "always" && each.holds(view) === false ? [each.id] : [],
  );
}

const set =
  (at: number, value: number) =>
  (words: Int32Array): void => {
    words[at] = value;
  };

describe("claims about pages that are held", () => {
  test("claims hold in a correct state with a pin", () => {
    expect(violated(() => {})).toEqual([]);
  });

  test.each<[what: string, ids: readonly string[], change: (words: Int32Array) => void]>([
    ["a pinned page that is not where it was pinned", ["C9.pinned"], set(HELD + HeldPage.at, PAGE + 1)],
    ["a page that changed behind the back of its holder", ["C9.held"], set(HELD + HeldPage.actual, 2)],
    ["a pincount too low", ["C7.pincount"], set(FRAME * Frame.words + Frame.pincount, 0)],
    ["a pin that is not counted", ["STATS.pinned"], set(WorldWord.pinned, 0)],
    [
      "a reference of a holder that is gone",
      ["C7", "C7.pincount", "STATS.pinned"],
      set(WorldWord.holders + Holder.count, 0),
    ],
    [
      "a pinned page that is not exclusive",
      ["C11.pinned"],
      (words) => {
        words[FRAME * Frame.words + Frame.flags] =
          (words[FRAME * Frame.words + Frame.flags] as number) & ~FrameFlag.exclusive;
      },
    ],
    ["a pinned page that two processes map", ["C9.pinned", "C11.pinned"], set(HELD + HeldPage.frame, FRAME + 1)],
  ])("claims detect %s", (_what, ids, change) => {
    expect(violated(change)).toEqual(ids);
  });

  test("a page that its process gave up may be elsewhere, or nowhere", () => {
    expect(violated(set(HELD + HeldPage.at, 0))).toEqual([]);
  });
});
