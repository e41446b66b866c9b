/** Claims about states of the image: in a correct state, and after a change of one word. */
import { describe, expect, test } from "vitest";
import type { Property } from "../../../explore/model/model.ts";
import { imageClaims } from "../../../gate/image/machine/image-claims.ts";
import { ImageView } from "../../../gate/image/world/image-view.ts";
import { Pagemap, ProcWord } from "../../../gate/image/world/proc-layout.ts";
import { EntryFlag, Frame, FrameFlag, WorldWord } from "../../../gate/image/world/world-layout.ts";
import { parseConfig } from "../../../model/kernel/config.ts";
import { entryWord, FRAME, mmWord, PAGE, pagemapWord, procWords, smapsWord, TABLE, worldWords } from "./state-words.ts";

const CONFIG = parseConfig("page-mapcount,32bit,mm-id");

/** Returns the ids of the claims that a state violates, and of the exceptions that it shows. */
function violated(world: Int32Array, proc: Int32Array | undefined): readonly string[] {
  const view = new ImageView({ world: () => world, proc: () => proc }, [PAGE, PAGE + 8], CONFIG);
  const isViolated = (property: Property<ImageView>): boolean =>
    (property.kind === "always" && property.holds(view) === false) ||
    (property.kind === "sometimes" && property.reached(view));
  return imageClaims(CONFIG, { mms: 2 }).flatMap((each) => (isViolated(each) ? [each.id] : []));
}

type Change = (words: Int32Array) => void;

const set =
  (at: number, value: number): Change =>
  (words) => {
    words[at] = value;
  };
const toggle =
  (at: number, bit: number): Change =>
  (words) => {
    words[at] = (words[at] as number) ^ bit;
  };

const PAGE_BYTES = 4096;
const LAST = PAGE + 3;

describe("claims about the image", () => {
  test("claims hold in a correct state", () => {
    expect(violated(worldWords(), procWords())).toEqual([]);
  });

  test.each<[what: string, ids: readonly string[], change: Change]>([
    ["a huge page counter too high", ["STATS.mthp"], set(WorldWord.nrAnon + 2, 2)],
    ["a partially mapped folio counted", ["STATS.mthp"], set(WorldWord.nrAnonPartiallyMapped + 2, 1)],
    ["an entry that no walk finds", ["RMAP"], toggle(entryWord(1, LAST, "flags"), EntryFlag.foundByRmap)],
    ["a lazyfree folio", ["LAZYFREE"], toggle(FRAME * Frame.words + Frame.flags, FrameFlag.lazyfree)],
    ["an LRU list longer than its folios", ["STATS.lru"], set(WorldWord.lruSize + 2, 4)],
    ["a page that is isolated from LRU lists for nothing", ["STATS.lru"], set(WorldWord.isolated, 1)],
    ["a queued folio too many", ["STATS.queue"], set(WorldWord.queueLength, 1)],
    ["a deposited page table too many", ["MM.page-tables"], set(mmWord(0, "depositedTables"), 1)],
    ["a page table that is not counted", ["MM.page-tables"], set(mmWord(1, "tableBytesCounted"), 16)],
    ["a folio of two MMs as exclusive", ["C1", "C2"], toggle(FRAME * Frame.words + Frame.flags, FrameFlag.maybeShared)],
    ["an id of no MM in a slot", ["C8", "C20"], set(mmWord(1, "id"), 3)],
  ])("claims detect %s in the world", (_what, ids, change) => {
    const world = worldWords();
    change(world);
    expect(violated(world, procWords())).toEqual(ids);
  });

  test("claims detect a migration entry that marks a page as exclusive although another entry maps it", () => {
    const exclusiveFrom = (page: number): readonly string[] => {
      const world = worldWords();
      toggle(
        entryWord(0, page, "flags"),
        EntryFlag.present | EntryFlag.migration | EntryFlag.exclusive | EntryFlag.write,
      )(world);
      return violated(world, procWords());
    };
    // The other process does not map the first page.
    expect(exclusiveFrom(PAGE)).not.toContain("C11.migration");
    expect(exclusiveFrom(LAST)).toContain("C11.migration");
  });

  test.each<[what: string, ids: readonly string[], change: Change]>([
    [
      "a shared page as exclusively mapped",
      ["C15.pagemap", "C15.exact"],
      toggle(pagemapWord(1, LAST), Pagemap.exclusive),
    ],
    ["an exclusive page as shared", ["C15.exact"], toggle(pagemapWord(0, PAGE), Pagemap.exclusive)],
    ["a page as not present", ["PROC.pagemap"], toggle(pagemapWord(0, PAGE), Pagemap.present)],
    ["a page as swapped", ["PROC.pagemap"], toggle(pagemapWord(0, PAGE), Pagemap.swap)],
    ["a page as one of a file", ["PROC.pagemap"], toggle(pagemapWord(0, PAGE), Pagemap.file)],
    ["a page that is written as not soft-dirty", ["PROC.soft-dirty"], toggle(pagemapWord(0, PAGE), Pagemap.softDirty)],
    ["a page in another frame", ["PROC.pagemap"], set(pagemapWord(0, PAGE) - 1, FRAME + 1)],
    ["too low a mapcount of a page", ["C16"], set(ProcWord.kpagecount + (FRAME + 1) * 2, 1)],
    ["a mapcount of a page table", ["C16.page-type"], set(ProcWord.kpagecount + TABLE * 2, 1)],
    ["a mapcount of a free frame", ["C16.page-type"], set(ProcWord.kpagecount + (TABLE + 1) * 2 + 1, 1)],
    ["a tail page as a head page", ["PROC.kpageflags"], toggle(ProcWord.kpageflags + (FRAME + 1) * 2, 0x1_8000)],
    ["a page table as a free frame", ["PROC.kpageflags"], set(ProcWord.kpageflags + TABLE * 2, 0)],
    ["a clean page", ["C9.dirty", "PROC.smaps"], set(smapsWord(1, "runs", "dirty"), PAGE_BYTES)],
    ["too large a share", ["C16", "PROC.smaps"], set(smapsWord(1, "runs", "pss"), 3 * PAGE_BYTES * 4096)],
    ["a huge page", ["PROC.smaps"], set(smapsWord(0, "vmas", "anonymousHuge"), 8 * PAGE_BYTES)],
    [
      "a shared page as private",
      ["C15", "C15.exact"],
      (words) => {
        for (const part of ["vmas", "runs"] as const) {
          set(smapsWord(1, part, "private"), PAGE_BYTES)(words);
          set(smapsWord(1, part, "shared"), 2 * PAGE_BYTES)(words);
        }
      },
    ],
  ])("claims detect %s in /proc", (_what, ids, change) => {
    const proc = procWords();
    change(proc);
    expect(new Set(violated(worldWords(), proc))).toEqual(new Set(ids));
  });

  test("claims detect a fault while /proc is read, and claim nothing about its values", () => {
    expect(violated(worldWords(), undefined)).toEqual(["PROC.reads"]);
  });

  test("C15.pagemap-pmd reports that pagemap depends on the head page of a PMD mapping", () => {
    const [world, proc] = [worldWords(), procWords()];
    // Process 0 maps the folio with a PMD.
    for (let page = PAGE; page < PAGE + 4; page++) {
      toggle(entryWord(0, page, "flags"), EntryFlag.pmd)(world);
      proc[pagemapWord(0, page)] = Pagemap.present | Pagemap.softDirty | Pagemap.exclusive;
    }
    set(FRAME * Frame.words + Frame.entireMapcount, 0)(world);
    expect(violated(world, proc)).toContain("C15.pagemap-pmd");
    expect(violated(world, proc)).not.toContain("C15.pagemap");
  });
});
