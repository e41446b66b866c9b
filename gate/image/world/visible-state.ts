/**
 * State of an image that is visible to user space, for the comparison with a running kernel. Folio numbers are stable
 * over an execution, whereas page frames are renamed in the canonical form of each state.
 */
import { type DrawableState, drawableState } from "./drawable-state.ts";
import type { ImageView } from "./image-view.ts";
import { Pagemap } from "./proc-layout.ts";
import { Entry, Frame, FrameFlag, MM_WORDS, MmWord, Slot, WorldWord } from "./world-layout.ts";

/** A present page table entry. */
export interface VisiblePage {
  /** Page of the address space. */
  readonly page: number;
  /** Number of its folio; 0 for the zero page. */
  readonly folio: number;
  /** Index of the page in the folio. */
  readonly index: number;
  /** Value of /proc/kpagecount. */
  readonly mapcount: number;
  /** Bit 56 of /proc/PID/pagemap: exclusively mapped. */
  readonly exclusive: boolean;
  /** Byte that the process reads. */
  readonly content: number;
}

/** A folio that at least one entry maps. */
export interface VisibleFolio {
  /** From 1, in the order of first appearance. */
  readonly number: number;
  readonly pages: number;
  /** For a folio that a split produced: the original folio, and the index in it of the first page. */
  readonly from?: { readonly folio: number; readonly page: number };
}

/** State that is visible to user space. */
export interface VisibleState {
  /** Present entries by process; null for a process that does not exist. */
  readonly processes: readonly (readonly VisiblePage[] | null)[];
  /** Mapped folios, ordered by number. */
  readonly folios: readonly VisibleFolio[];
}

/** The folio of a page frame, and the index of the page in it. */
interface FolioPage {
  readonly folio: VisibleFolio;
  readonly index: number;
}

/** Numbers the folios of one execution. Called with its states in order. */
export class VisibleStates {
  private folioCount = 0;
  /** Pages of mapped folios in the last state, by frame. */
  private pagesByFrame: ReadonlyMap<number, FolioPage> = new Map();

  /** Returns the visible part of the initial state, in which no folio is mapped. */
  initial(view: ImageView): VisibleState {
    return visibleState(view, this.pagesByFrame);
  }

  /**
   * Returns the visible part of the state after an operation.
   *
   * @param world the world after the operation, with the page frames of the state before it
   */
  next(view: ImageView, world: Int32Array): VisibleState {
    const pagesBefore = this.folioPages(world);
    const pagesByFrame = new Map<number, FolioPage>();
    const add = (frame: number, before: FolioPage | undefined): void => {
      // Unmapped pages of the folio may be mapped again: those behind a migration entry or a split PMD.
      for (let i = 0; before !== undefined && i < before.folio.pages; i++) {
        pagesByFrame.set(frame - before.index + i, { folio: before.folio, index: i });
      }
    };
    for (const { mm, page, frame, anon } of view.entries) {
      if (anon) {
        add(frame, pagesBefore.get(frameOf(world, mm, page)));
      }
    }
    // Slots keep their numbers, unlike frames.
    view.slots.forEach(({ cached }, i) => {
      if (cached >= 0) {
        add(cached, pagesBefore.get(cachedFrame(world, i + 1)));
      }
    });
    this.pagesByFrame = pagesByFrame;
    return visibleState(view, pagesByFrame);
  }

  /** Returns the last state for pictures, with the same numbers of folios. @param view that state */
  drawable(view: ImageView): DrawableState {
    const numberOf = (frame: number): number | undefined => {
      const page = this.pagesByFrame.get(frame);
      return page?.index === 0 ? page.folio.number : undefined;
    };
    return drawableState(view, numberOf, this.folioCount);
  }

  /** Returns the pages of all anonymous folios, by frame. */
  private folioPages(world: Int32Array): Map<number, FolioPage> {
    const pagesByFrame = new Map<number, FolioPage>();
    for (let frame = 0; frame < WorldWord.mms / Frame.words; frame++) {
      const start = frame * Frame.words;
      if (at32(world, start + Frame.head) === frame && (at32(world, start + Frame.flags) & FrameFlag.anon) !== 0) {
        const count = 1 << at32(world, start + Frame.order);
        const folio = this.folioAt(frame, count);
        for (let index = 0; index < count; index++) {
          pagesByFrame.set(frame + index, { folio, index });
        }
      }
    }
    return pagesByFrame;
  }

  private folioAt(frame: number, pages: number): VisibleFolio {
    const before = this.pagesByFrame.get(frame);
    if (before !== undefined && before.folio.pages === pages && before.index === 0) {
      return before.folio;
    }
    this.folioCount += 1;
    const from = before && { folio: before.folio.number, page: before.index };
    return { number: this.folioCount, pages, ...(from && { from }) };
  }
}

/** Returns the frame that a present or migration entry refers to. */
function frameOf(words: Int32Array, mm: number, page: number): number {
  return at32(words, WorldWord.mms + mm * MM_WORDS + MmWord.entries + page * Entry.words + Entry.frame);
}

/** Returns the frame of the page that the swap cache has for a slot. */
function cachedFrame(words: Int32Array, slot: number): number {
  return at32(words, WorldWord.slots + slot * Slot.words + Slot.cached);
}

function at32(words: Int32Array, index: number): number {
  return words[index] as number;
}

function visibleState({ mms, entries, proc }: ImageView, pagesByFrame: ReadonlyMap<number, FolioPage>): VisibleState {
  const present = entries.filter((entry) => entry.present);
  const folios = new Map<number, VisibleFolio>();
  const processes = mms.map(({ live }, mm): VisiblePage[] | null => {
    if (!live) {
      return null;
    }
    return present
      .filter((entry) => entry.mm === mm)
      .map(({ page, frame, actual }) => {
        const mapped = pagesByFrame.get(frame);
        if (mapped !== undefined) {
          folios.set(mapped.folio.number, mapped.folio);
        }
        return {
          page,
          folio: mapped?.folio.number ?? 0,
          index: mapped?.index ?? 0,
          mapcount: proc?.kpagecount(frame) ?? 0,
          exclusive: ((proc?.pagemapFlags(mm, page) ?? 0) & Pagemap.exclusive) !== 0,
          content: actual,
        };
      });
  });
  return { processes, folios: [...folios.values()].toSorted((a, b) => a.number - b.number) };
}

/** State of an image in a trace. */
export interface TracedState {
  /** The part that user space can observe. */
  readonly visible: VisibleState;
  /** The state for pictures. */
  readonly world: DrawableState;
}
