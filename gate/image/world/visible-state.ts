/**
 * What user space can see of a state of an image, for a comparison with a running kernel. Folios have numbers that stay theirs in
 * all states of an execution; the frames of states change their names.
 */
import type { ImageView } from "./image-view.ts";
import { Pagemap } from "./proc-layout.ts";
import { Entry, Frame, FrameFlag, MM_WORDS, MmWord, WorldWord } from "./world-layout.ts";

/** An entry that is present. */
export interface VisiblePage {
  /** Page of the address space. */
  readonly page: number;
  /** Number of its folio; 0: the zero page. */
  readonly folio: number;
  /** Its place in the folio. */
  readonly index: number;
  /** /proc/kpagecount. */
  readonly mapcount: number;
  /** Bit 56 of /proc/PID/pagemap. */
  readonly exclusive: boolean;
  /** The byte that the process finds. */
  readonly content: number;
}

/** A folio that some entry maps. */
export interface VisibleFolio {
  /** From 1, in the order in which they came. */
  readonly number: number;
  readonly pages: number;
  /** Of a piece of a folio that was split: the folio, and the page that is its first one. */
  readonly from?: { readonly folio: number; readonly page: number };
}

/** What user space can see. */
export interface VisibleState {
  /** By process: its entries that are present; null: there is no such process. */
  readonly processes: readonly (readonly VisiblePage[] | null)[];
  /** Mapped folios, by number. */
  readonly folios: readonly VisibleFolio[];
}

/** A page frame that is part of a mapped folio. */
interface Known {
  readonly folio: VisibleFolio;
  readonly index: number;
}

/** The states of one execution, in order. */
export class VisibleStates {
  private folios = 0;
  /** By frame of the last state. */
  private known: ReadonlyMap<number, Known> = new Map();

  /** The initial state, in which no folio is mapped. */
  initial(view: ImageView): VisibleState {
    return visibleState(view, this.known);
  }

  /**
   * The state after an operation.
   *
   * @param renamed the world after the operation, with the frames of the state before it
   */
  next(view: ImageView, renamed: Int32Array): VisibleState {
    const own = this.identified(renamed);
    const known = new Map<number, Known>();
    for (const { mm, page, frame, anon } of view.entries) {
      const before = anon ? own.get(frameOf(renamed, mm, page)) : undefined;
      if (before !== undefined) {
        // Pages of the folio that nothing maps can be mapped again: those behind a migration entry, and by a split PMD.
        for (let i = 0; i < before.folio.pages; i++) {
          known.set(frame - before.index + i, { folio: before.folio, index: i });
        }
      }
    }
    this.known = known;
    return visibleState(view, known);
  }

  /** Every page of every folio, by frame. */
  private identified(renamed: Int32Array): Map<number, Known> {
    const own = new Map<number, Known>();
    for (let frame = 0; frame < WorldWord.mms / Frame.words; frame++) {
      const start = frame * Frame.words;
      if (at32(renamed, start + Frame.head) === frame && (at32(renamed, start + Frame.flags) & FrameFlag.anon) !== 0) {
        const pages = 1 << at32(renamed, start + Frame.order);
        const folio = this.folioAt(frame, pages);
        for (let index = 0; index < pages; index++) {
          own.set(frame + index, { folio, index });
        }
      }
    }
    return own;
  }

  private folioAt(frame: number, pages: number): VisibleFolio {
    const before = this.known.get(frame);
    if (before !== undefined && before.folio.pages === pages && before.index === 0) {
      return before.folio;
    }
    this.folios += 1;
    const from = before && { folio: before.folio.number, page: before.index };
    return { number: this.folios, pages, ...(from && { from }) };
  }
}

/** The frame that an entry maps or stands for. */
function frameOf(words: Int32Array, mm: number, page: number): number {
  return at32(words, WorldWord.mms + mm * MM_WORDS + MmWord.entries + page * Entry.words + Entry.frame);
}

function at32(words: Int32Array, index: number): number {
  return words[index] as number;
}

function visibleState({ mms, entries, proc }: ImageView, known: ReadonlyMap<number, Known>): VisibleState {
  const present = entries.filter((entry) => entry.present);
  const folios = new Map<number, VisibleFolio>();
  const processes = mms.map(({ live }, mm): VisiblePage[] | null => {
    if (!live) {
      return null;
    }
    return present
      .filter((entry) => entry.mm === mm)
      .map(({ page, frame, found }) => {
        const own = known.get(frame);
        if (own !== undefined) {
          folios.set(own.folio.number, own.folio);
        }
        return {
          page,
          folio: own?.folio.number ?? 0,
          index: own?.index ?? 0,
          mapcount: proc?.kpagecount(frame) ?? 0,
          exclusive: ((proc?.pagemapFlags(mm, page) ?? 0) & Pagemap.exclusive) !== 0,
          content: found,
        };
      });
  });
  return { processes, folios: [...folios.values()].toSorted((a, b) => a.number - b.number) };
}
