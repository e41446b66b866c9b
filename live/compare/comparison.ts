/**
 * Compares a state of the model with an observation of the running kernel, field by field.
 *
 * The kernel resolves a choice that the model leaves open: the page frames of a folio. They are recorded at the first
 * observation of the folio, and must be unique, consecutive and aligned during its lifetime.
 */
import { at } from "../../explore/model/schema.ts";
import type { EntryObservation, Observation, SmapsObservation } from "../session/observation.ts";
import { COMPARED_FLAGS, type Expectation, type ExpectedEntry, type ExpectedPage } from "./expectation.ts";

/** Value of a field. */
export type FieldValue = number | boolean | string | null;

/** A field of model and kernel. */
export interface FieldPair {
  readonly place: string;
  readonly field: string;
  readonly model: FieldValue;
  readonly kernel: FieldValue;
  /** Whether the values agree, up to the rounding of the kernel. */
  readonly holds: boolean;
}

type Visitor = (place: string, field: string, model: FieldValue, kernel: FieldValue, holds?: boolean) => void;

/** Unit of smaps in bytes. */
const KIB = 1024;
/**
 * Fixed-point unit of the PSS in smaps.
 *
 * @source fs/proc/task_mmu.c, PSS_SHIFT
 */
const PSS_UNIT = 2 ** 12;
const ALL_COMPARED_FLAGS = Object.values(COMPARED_FLAGS).reduce((all, flag) => all | flag, 0);

/** The properties of a folio that a comparison uses. */
export interface ComparedFolio {
  readonly allocated: boolean;
  /** Number of consecutive page frames. */
  readonly nrPages: number;
  /** For a folio that a split produced: position of the original folio, and the index in it of the first page. */
  readonly from?: { readonly folio: number; readonly page: number };
}

/** Page frames of a folio. */
interface Frames {
  readonly first: number;
  readonly count: number;
}

/** Compares the states of one execution. */
export class Comparison {
  private readonly pageSize: number;
  private readonly run: number;
  /** By position of the folio; undefined if it is free, or not observed yet. */
  private frames: readonly (Frames | undefined)[] = [];
  /** The same before the last step: a new folio must not have these page frames. */
  private framesBefore: readonly (Frames | undefined)[] = [];
  /** Folios that a split produced in the last step: their page frames are not new. */
  private splitFolios: ReadonlySet<number> = new Set();

  /**
   * @param pageSize in bytes
   * @param run pages of an entry
   */
  constructor(pageSize: number, run = 1) {
    this.pageSize = pageSize;
    this.run = run;
  }

  /** Records the page frames of new folios. Must be called once for each step. */
  recordFrames(folios: readonly ComparedFolio[], expected: Expectation, observed: Observation): void {
    const { frames } = this;
    this.framesBefore = frames;
    this.splitFolios = new Set(
      folios.flatMap(({ from }, f) => (from !== undefined && frames[f] === undefined ? [f] : [])),
    );
    this.frames = folios.map((folio, f) =>
      folio.allocated
        ? (frames[f] ?? framesOfSplit(folio, frames) ?? framesOf(f, folio.nrPages, expected, observed))
        : undefined,
    );
  }

  /** Whether model and kernel agree in all fields. */
  agrees(expected: Expectation, observed: Observation): boolean {
    let agrees = true;
    this.visit(expected, observed, (_place, _field, model, kernel, holds = model === kernel) => {
      agrees &&= holds;
    });
    return agrees;
  }

  /** Returns all fields of model and kernel. */
  fields(expected: Expectation, observed: Observation): FieldPair[] {
    const fields: FieldPair[] = [];
    this.visit(expected, observed, (place, field, model, kernel, holds = model === kernel) => {
      fields.push({ place, field, model, kernel, holds });
    });
    return fields;
  }

  private visit(expected: Expectation, observed: Observation, visitor: Visitor): void {
    for (let f = 0; f < this.frames.length; f++) {
      this.visitFrames(f, visitor);
    }
    for (let m = 0; m < expected.mms.length; m++) {
      const vmas = expected.mms[m] ?? null;
      const mm = observed.mms[m] ?? null;
      visitor(`mm ${m}`, "lives", vmas !== null, mm !== null);
      if (vmas === null || mm === null) {
        continue;
      }
      for (let v = 0; v < vmas.length; v++) {
        const place = `mm ${m} vma ${v}`;
        const { entries, smaps } = at(mm.vmas, v);
        const expectedEntries = at(vmas, v);
        for (let i = 0; i < expectedEntries.length; i++) {
          this.visitEntry(`${place} entry ${i}`, at(expectedEntries, i), at(entries, i), visitor);
        }
        visitSmaps(place, expectedEntries, smaps, { pageSize: this.pageSize, run: this.run }, visitor);
      }
    }
    for (let h = 0; h < expected.holders.length; h++) {
      visitor(`holder ${h}`, "reads", expected.holders[h] ?? null, observed.holders[h] ?? null);
    }
  }

  private visitFrames(f: number, visitor: Visitor): void {
    const frames = this.frames[f];
    if (frames === undefined) {
      return;
    }
    const overlaps = (other: Frames | undefined): boolean =>
      other !== undefined &&
      other !== frames &&
      frames.first < other.first + other.count &&
      other.first < frames.first + frames.count;
    const isNew = this.framesBefore[f] === undefined && !this.splitFolios.has(f);
    const others = isNew && this.framesBefore.some(overlaps);
    visitor(`folio ${f}`, "page frames are its own", true, !others && !this.frames.some(overlaps));
    visitor(`folio ${f}`, "page frames are aligned", true, frames.first % frames.count === 0);
  }

  private visitEntry(place: string, expected: ExpectedEntry, observed: EntryObservation, visitor: Visitor): void {
    const page = typeof expected === "string" ? undefined : expected;
    visitor(place, "present", page !== undefined || expected === "zero page", observed.present);
    visitor(place, "swapped", expected === "swapped", observed.swapped);
    if (this.run > 1) {
      visitor(place, "pages that are alike", this.run, observed.alike);
    }
    if (page === undefined) {
      if (expected === "zero page") {
        visitor(place, "flags", COMPARED_FLAGS["zero page"] ?? 0, observed.flags & ALL_COMPARED_FLAGS);
      }
      return;
    }
    visitor(place, "page frame", (this.frames[page.folio]?.first ?? 0) + page.page, observed.pfn);
    visitor(place, "mapcount", page.mapcount, observed.mapcount);
    visitor(place, "exclusive", page.exclusive, observed.exclusive);
    const flags = observed.flags & ALL_COMPARED_FLAGS;
    visitor(place, "flags", page.flags, flags);
    visitor(place, "content", page.content, observed.content);
  }
}

/** Returns the page frames of a folio that a split produced. */
function framesOfSplit({ nrPages, from }: ComparedFolio, frames: readonly (Frames | undefined)[]): Frames | undefined {
  const whole = from && frames[from.folio];
  return from && whole && { first: whole.first + from.page, count: nrPages };
}

/** Returns the names of page flags. */
export function spellFlags(flags: number): string {
  const names = Object.entries(COMPARED_FLAGS).flatMap(([name, flag]) => ((flags & flag) === 0 ? [] : [name]));
  return names.length === 0 ? "none" : names.join(", ");
}

/** Returns the page frames of a folio, according to the first entry that maps it; undefined if none does. */
function framesOf(folio: number, count: number, expected: Expectation, observed: Observation): Frames | undefined {
  for (const [m, vmas] of expected.mms.entries()) {
    for (const [v, entries] of (vmas ?? []).entries()) {
      for (const [i, entry] of entries.entries()) {
        const observedEntry = observed.mms[m]?.vmas[v]?.entries[i];
        if (typeof entry !== "string" && entry.folio === folio && observedEntry?.present === true) {
          return { first: observedEntry.pfn - entry.page, count };
        }
      }
    }
  }
  return undefined;
}

/**
 * Visits the smaps fields of one VMA. The kernel rounds the PSS down to KiB in each of its VMAs: if several correspond
 * to the VMA of the model, each may have lost almost one KiB.
 */
function visitSmaps(
  place: string,
  entries: readonly ExpectedEntry[],
  observed: SmapsObservation,
  { pageSize, run }: { readonly pageSize: number; readonly run: number },
  visitor: Visitor,
): void {
  const pages = entries.filter((entry): entry is ExpectedPage => typeof entry !== "string");
  const bytes = run * pageSize;
  visitor(place, "rss", pages.length * bytes, observed.rss);
  visitor(place, "uss", pages.filter((page) => page.private).length * bytes, observed.private);
  const scaled = run * pages.reduce((sum, { divisor }) => sum + Math.floor((pageSize * PSS_UNIT) / divisor), 0);
  const pss = Math.floor(scaled / PSS_UNIT / KIB) * KIB;
  const least = observed.vmas <= 1 ? pss : pss - KIB * observed.vmas;
  visitor(place, "pss", pss, observed.pss, observed.pss <= pss && observed.pss >= least);
}
