/** Claims about a file: in a correct state, and after a change of one word. */
import { describe, expect, test } from "vitest";
import { FILE_CLAIMS, zapForgetsDirtyPmd } from "../../../gate/image/machine/file-claims.ts";
import { PRIVATE_FILE, SHARED_FILE } from "../../../gate/image/world/image-bounds.ts";
import { ImageView } from "../../../gate/image/world/image-view.ts";
import {
  EntryFlag,
  EXPECTED_SHIFT,
  FILE_PAGES,
  FilePage,
  FileWord,
  Frame,
  FrameFlag,
  WorldWord,
} from "../../../gate/image/world/world-layout.ts";
import { parseConfig } from "../../../model/kernel/config.ts";
import { entryWord, mmWord, PAGE, procWords, worldWords } from "./state-words.ts";

const CONFIG = parseConfig("page-mapcount,32bit,mm-id");

/** Frame of page 2 of the file, a folio of its own. */
const FRAME = 30;
const INDEX = 2;
const WRITTEN = 10;

const fileWord = (name: Exclude<keyof typeof FileWord, "page">): number => WorldWord.file + FileWord[name];
const pageWord = (page: number, name: Exclude<keyof typeof FilePage, "words">): number =>
  WorldWord.file + FileWord.page + page * FilePage.words + FilePage[name];

/** Returns a state in which process 0 has written to page 2 of the file, through its shared mapping, and nothing else. */
function fileWorld(): Int32Array {
  const words = worldWords();
  for (let page = 0; page < FILE_PAGES; page++) {
    words[pageWord(page, "frame")] = -1;
  }
  const frame = FRAME * Frame.words;
  words[frame + Frame.head] = FRAME;
  words[frame + Frame.refcount] = 2;
  words[frame + Frame.fileIndex] = INDEX;
  words[frame + Frame.content] = WRITTEN;
  words[frame + Frame.flags] = FrameFlag.dirty;
  words[entryWord(0, SHARED_FILE + INDEX, "flags")] =
    EntryFlag.present | EntryFlag.write | EntryFlag.foundByRmap | (WRITTEN << EXPECTED_SHIFT);
  words[entryWord(0, SHARED_FILE + INDEX, "frame")] = FRAME;
  words[mmWord(0, "shmemPages")] = 1;
  words[pageWord(INDEX, "frame")] = FRAME;
  words[pageWord(INDEX, "expected")] = words[pageWord(INDEX, "actual")] = WRITTEN;
  words[fileWord("pages")] = FILE_PAGES;
  for (const count of ["cached", "allocated", "blocks", "filePages", "shmem"] as const) {
    words[fileWord(count)] = 1;
  }
  return words;
}

/** Returns the ids of the claims that a state violates, and of the exception if it shows it. */
function violated(change: (words: Int32Array) => void): readonly string[] {
  const world = fileWorld();
  change(world);
  const view = new ImageView({ world: () => world, proc: procWords }, [PAGE, PRIVATE_FILE + FILE_PAGES], CONFIG, true);
  return FILE_CLAIMS.flatMap((each) =>
    (each.kind === "always" && each.holds(view) === false) || (each.kind === "sometimes" && each.reached(view))
      ? [each.id]
      : [],
  );
}

const set =
  (at: number, value: number) =>
  (words: Int32Array): void => {
    words[at] = value;
  };

describe("claims about a file", () => {
  test("claims hold in a correct state", () => {
    expect(violated(() => {})).toEqual([]);
  });

  test.each<[what: string, ids: readonly string[], change: (words: Int32Array) => void]>([
    ["a folio at another index", ["FILE.cache"], set(FRAME * Frame.words + Frame.fileIndex, INDEX + 1)],
    ["a truncated folio in the page cache", ["FILE.cache"], set(FRAME * Frame.words + Frame.fileIndex, -1)],
    [
      "a mapped folio that the page cache does not have",
      ["FILE.cache", "FILE.mapped", "STATS.file"],
      set(pageWord(INDEX, "frame"), -1),
    ],
    ["contents that were not written", ["C9.file"], set(pageWord(INDEX, "actual"), WRITTEN + 8)],
    ["contents of a hole", ["C9.file"], set(pageWord(INDEX + 1, "actual"), WRITTEN)],
    ["a written page that nothing marks as dirty", ["C9.file-dirty"], set(FRAME * Frame.words + Frame.flags, 0)],
    ["a page that is not counted", ["STATS.file"], set(fileWord("cached"), 0)],
    ["a reference that no VMA has", ["STATS.file"], set(fileWord("references"), 1)],
    ["a page of the file that counts as anonymous", ["RSS.file"], set(mmWord(0, "shmemPages"), 0)],
    ["MM_FILEPAGES", ["RSS.file"], set(mmWord(0, "filePages"), 1)],
  ])("claims detect %s", (_what, ids, change) => {
    expect(violated(change)).toEqual(ids);
  });

  test("an entry that is dirty keeps what was written, as a dirty folio does", () => {
    expect(
      violated((words) => {
        words[FRAME * Frame.words + Frame.flags] = 0;
        const flags = entryWord(0, SHARED_FILE + INDEX, "flags");
        words[flags] = (words[flags] as number) | EntryFlag.dirty;
      }),
    ).toEqual([]);
  });

  test("a huge page that is clean although it was written to is an exception", () => {
    expect(
      violated((words) => {
        words[FRAME * Frame.words + Frame.flags] = 0;
        words[pageWord(INDEX, "undirty")] = 1;
      }),
    ).toEqual([zapForgetsDirtyPmd.id]);
  });
});
