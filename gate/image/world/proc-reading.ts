/** One reading of /proc in one state: the values of the tree's own fs/proc, and the entries that they describe. */
import type { ImageEntry, ImageMm } from "./image-entry.ts";
import { PROC_MM_WORDS, ProcMm, ProcWord, Smaps, type SmapsField, VmaWord } from "./proc-layout.ts";

/** Statistics of smaps for a VMA, or for a part of one that is read separately. */
export class SmapsPart {
  readonly mm: number;
  /** First page of the part, and the first page behind it. */
  readonly start: number;
  readonly end: number;
  private readonly words: Int32Array;
  private readonly at: number;

  /** @param at position of its first word: see VmaWord */
  constructor(words: Int32Array, at: number, mm: number) {
    this.words = words;
    this.at = at + VmaWord.smaps;
    this.mm = mm;
    this.start = words[at + VmaWord.start] as number;
    this.end = words[at + VmaWord.end] as number;
  }

  /** Returns the value in bytes; for `pss`, in units of 1/PSS_UNIT byte. */
  of(field: SmapsField): number {
    return this.words[this.at + Smaps[field]] as number;
  }
}

/** Statistics of smaps for a run: entries of one kind in one VMA, for pages of one folio. */
export class SmapsRun extends SmapsPart {
  readonly entries: ImageEntry[] = [];
}

/** The values of one reading of /proc. */
export class ProcReading {
  /** Number of page frames that were read, from frame 0 on. */
  readonly frames: number;
  readonly runs: SmapsRun[] = [];
  /** VMAs by MM. */
  readonly vmas: SmapsPart[][] = [];
  private readonly words: Int32Array;

  /**
   * @param words see ProcWord
   * @param mms all MMs, by number
   * @param entries entries of the state, ordered by MM and page
   */
  constructor(words: Int32Array, mms: readonly ImageMm[], entries: readonly ImageEntry[]) {
    this.words = words;
    this.frames = words[ProcWord.frames] as number;
    for (let mm = 0; mm < mms.length; mm++) {
      this.vmas.push([]);
      if (mms[mm]?.live) {
        this.addMm(mm);
      }
    }
    this.addEntries(entries);
  }

  /** Returns /proc/kpagecount of a page frame. */
  kpagecount(frame: number): number {
    const at = ProcWord.kpagecount + frame * 2;
    return (this.words[at + 1] as number) * 2 ** 32 + ((this.words[at] as number) >>> 0);
  }

  /** Returns the flags of /proc/kpageflags: see Kpageflag. All of them are in the lower word. */
  kpageflags(frame: number): number {
    return this.words[ProcWord.kpageflags + frame * 2] as number;
  }

  /** Returns the flags of an entry of /proc/PID/pagemap: see Pagemap. */
  pagemapFlags(mm: number, page: number): number {
    return this.words[mmStart(mm) + ProcMm.pagemap + page * 2 + 1] as number;
  }

  /** Returns the frame number in a present entry of pagemap. Its upper bits, in the other word, are 0. */
  pagemapFrame(mm: number, page: number): number {
    return this.words[mmStart(mm) + ProcMm.pagemap + page * 2] as number;
  }

  private addMm(mm: number): void {
    const { words, runs } = this;
    const vmas = mmStart(mm) + ProcMm.vmas;
    for (let vma = 0; vma < (words[vmas] as number); vma++) {
      this.vmas[mm]?.push(new SmapsPart(words, vmas + 1 + vma * VmaWord.words, mm));
    }
    const first = mmStart(mm) + ProcMm.runs;
    for (let run = 0; run < (words[first] as number); run++) {
      runs.push(new SmapsRun(words, first + 1 + run * VmaWord.words, mm));
    }
  }

  /** Assigns entries to runs. Both are ordered by MM and page. */
  private addEntries(entries: readonly ImageEntry[]): void {
    let next = 0;
    for (const entry of entries) {
      const isBehind = ({ mm, end }: SmapsRun): boolean => mm < entry.mm || (mm === entry.mm && end <= entry.page);
      let run = this.runs[next];
      while (run !== undefined && isBehind(run)) {
        run = this.runs[++next];
      }
      if (run !== undefined && run.mm === entry.mm && run.start <= entry.page) {
        run.entries.push(entry);
      }
    }
  }
}

function mmStart(mm: number): number {
  return ProcWord.mms + mm * PROC_MM_WORDS;
}
