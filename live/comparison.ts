/**
 * A state of the model held against what was seen of the running kernel, field by field.
 *
 * The kernel chooses what the model leaves open: which page frames a folio gets. They are learnt when the folio is first
 * seen, and must be the folio's own, consecutive and aligned for as long as it lives.
 */
import { at } from "../explore/schema.ts";
import type { Kernel } from "../model/kernel/kernel.ts";
import { entryAt, isPresent, pageAt } from "../model/kernel/pgtable.ts";
import { HolderKind, type World, type WorldFolio, type WorldVma } from "../model/world.ts";
import type { Contents } from "./contents.ts";
import {
  type EntryObservation,
  type MmObservation,
  type Observation,
  PageFlag,
  type SmapsObservation,
} from "./observation.ts";

/** One value of both sides. */
export type FieldValue = number | boolean | string | null;

/**
 * Gets every field of a comparison: where it is, what it is called, and what both sides say. `holds` is false where they
 * differ.
 */
export type FieldVisitor = (
  place: string,
  field: string,
  model: FieldValue,
  kernel: FieldValue,
  holds: boolean,
) => void;

/** Bytes of a page. Every configuration that is modelled has pages of 4 KiB; a host with others is turned down. */
export const PAGE_SIZE = 4096;
/** Bytes of the unit that smaps prints. */
const KIB = 1024;
/** The fixed point of smaps' PSS. @source fs/proc/task_mmu.c, PSS_SHIFT */
const PSS_UNIT = 2 ** 12;

/** Flags that are compared, by name. */
const FLAGS = {
  head: PageFlag.compoundHead,
  tail: PageFlag.compoundTail,
  anon: PageFlag.anon,
  "in swap cache": PageFlag.swapcache,
  ksm: PageFlag.ksm,
  "zero page": PageFlag.zeroPage,
} as const;

/** The page frames of one folio. */
interface Frames {
  readonly first: number;
  readonly count: number;
}

/** Follows one execution. */
export class Comparison {
  private readonly kernel: Kernel;
  private readonly contents: Contents;
  /** By the folio's position; undefined: not in use, or not seen yet. */
  private frames: (Frames | undefined)[] = [];
  /** Those before the last step: a folio that is new now cannot have had them. */
  private earlier: (Frames | undefined)[] = [];

  constructor(kernel: Kernel, contents: Contents) {
    this.kernel = kernel;
    this.contents = contents;
  }

  /** A new execution begins. */
  clear(): void {
    this.frames = [];
    this.earlier = [];
  }

  /** The folios of the state after a step: to be called once for each step, before `visit`. */
  follow(world: World, seen: Observation): void {
    this.earlier = this.frames;
    this.frames = world.folios.map((folio, f) =>
      folio.allocated ? (this.earlier[f] ?? framesOf(world, folio, seen)) : undefined,
    );
  }

  /** Whether both sides agree in every field. */
  agrees(world: World, seen: Observation): boolean {
    let agrees = true;
    this.visit(world, seen, (_place, _field, _model, _kernel, holds) => {
      agrees &&= holds;
    });
    return agrees;
  }

  /** Shows every field of both sides. */
  visit(world: World, seen: Observation, visitor: FieldVisitor): void {
    this.visitFrames(world, visitor);
    for (let m = 0; m < world.mms.length; m++) {
      const { live, vmas } = at(world.mms, m);
      const mm = seen.mms[m] ?? null;
      if (live !== (mm !== null)) {
        visitor(`mm ${m}`, "live", live, mm !== null, false);
      } else if (mm !== null) {
        this.visitMm(world, m, vmas, mm, visitor);
      }
    }
    for (let h = 0; h < world.holders.length; h++) {
      const { kind, folio, page } = at(world.holders, h);
      const model = kind === HolderKind.none ? null : this.contents.valueOfPage(folio - 1, page);
      const kernel = seen.holders[h] ?? null;
      visitor(`holder ${h}`, "reads", model, kernel, model === kernel);
    }
  }

  private visitFrames(world: World, visitor: FieldVisitor): void {
    for (let f = 0; f < this.frames.length; f++) {
      const frames = this.frames[f];
      if (frames === undefined) {
        continue;
      }
      const { nrPages } = at(world.folios, f);
      const isNew = this.earlier[f] === undefined;
      const others = isNew ? [...this.frames, ...this.earlier] : this.frames;
      const own = !others.some((other) => other !== undefined && other !== frames && overlap(frames, other));
      visitor(`folio ${f}`, "page frames of its own", true, own, own);
      const aligned = frames.first % nrPages === 0;
      visitor(`folio ${f}`, "page frames aligned", true, aligned, aligned);
    }
  }

  private visitMm(
    world: World,
    m: number,
    vmas: readonly WorldVma[],
    seen: MmObservation,
    visitor: FieldVisitor,
  ): void {
    for (let v = 0; v < vmas.length; v++) {
      const vma = at(vmas, v);
      const { entries, smaps } = at(seen.vmas, v);
      let present = 0;
      let privatePages = 0;
      let pss = 0;
      for (let i = 0; i < vma.ptes.length; i++) {
        const place = `mm ${m} vma ${v} entry ${i}`;
        const entry = entryAt(vma, i);
        const observed = at(entries, i);
        if (isPresent(entry)) {
          const folio = at(world.folios, entry.folio - 1);
          const page = pageAt(vma, i);
          present += 1;
          privatePages += this.kernel.smapsPrivate(folio, page) ? 1 : 0;
          pss += Math.floor((PAGE_SIZE * PSS_UNIT) / this.kernel.smapsPssDivisor(folio, page));
          this.visitPage(place, folio, page, observed, visitor);
          if (vma.anonymous) {
            this.visitContent(place, folio, page, this.contents.valueOf(m, i), observed, visitor);
          }
        } else {
          visitor(place, "present", false, observed.present, !observed.present);
        }
        const isSwap = at(vma.ptes, i).swap;
        visitor(place, "swapped", isSwap, observed.swapped, isSwap === observed.swapped);
      }
      visitSmaps(`mm ${m} vma ${v}`, { present, privatePages, pss }, smaps, visitor);
    }
  }

  private visitPage(
    place: string,
    folio: WorldFolio,
    page: number,
    seen: EntryObservation,
    visitor: FieldVisitor,
  ): void {
    visitor(place, "present", true, seen.present, seen.present);
    const pfn = (this.frames[folio.frameNumber - 1]?.first ?? 0) + page;
    visitor(place, "page frame", pfn, seen.pfn, pfn === seen.pfn);
    const mapcount = this.kernel.kpagecount(folio, page);
    visitor(place, "mapcount", mapcount, seen.mapcount, mapcount === seen.mapcount);
    const exclusive = this.kernel.pagemapMmapExclusive(folio, page);
    visitor(place, "exclusive", exclusive, seen.exclusive, exclusive === seen.exclusive);
    const isLarge = folio.nrPages > 1;
    let flags = folio.anon ? FLAGS.anon : 0;
    flags |= folio.swapcache ? FLAGS["in swap cache"] : 0;
    flags |= isLarge ? (page === 0 ? FLAGS.head : FLAGS.tail) : 0;
    const compared = seen.flags & COMPARED_FLAGS;
    visitor(place, "flags", flags, compared, flags === compared);
  }

  private visitContent(
    place: string,
    folio: WorldFolio,
    page: number,
    value: number,
    seen: EntryObservation,
    visitor: FieldVisitor,
  ): void {
    visitor(place, "content", value, seen.content, value === seen.content);
    // The model against the bookkeeping: it follows one value, which is 1 where it is and 0 elsewhere.
    const followed = this.contents.contentOfPage(folio.frameNumber - 1, page);
    const { content } = at(folio.pages, page);
    if (content !== followed) {
      visitor(place, "content that the model follows", content, followed, false);
    }
  }
}

const COMPARED_FLAGS = Object.values(FLAGS).reduce((all: number, flag) => all | flag, 0);

/** Flags in words. */
export function spellFlags(flags: number): string {
  const names = Object.entries(FLAGS).flatMap(([name, flag]) => ((flags & flag) === 0 ? [] : [name]));
  return names.length === 0 ? "none" : names.join(", ");
}

function overlap(one: Frames, other: Frames): boolean {
  return one.first < other.first + other.count && other.first < one.first + one.count;
}

/** The page frames of a folio, by the first entry that maps it; undefined when none does. */
function framesOf(world: World, folio: WorldFolio, seen: Observation): Frames | undefined {
  for (let m = 0; m < world.mms.length; m++) {
    const { vmas } = at(world.mms, m);
    for (let v = 0; v < vmas.length; v++) {
      const vma = at(vmas, v);
      for (let i = 0; i < vma.ptes.length; i++) {
        const entry = entryAt(vma, i);
        const observed = seen.mms[m]?.vmas[v]?.entries[i];
        if (isPresent(entry) && entry.folio === folio.frameNumber && observed?.present === true) {
          return { first: observed.pfn - pageAt(vma, i), count: folio.nrPages };
        }
      }
    }
  }
  return undefined;
}

/**
 * smaps of one VMA. Its PSS is rounded down to KiB for each of the VMAs that the kernel has in its place: where there are
 * several, each may have lost almost one KiB.
 */
function visitSmaps(
  place: string,
  model: { readonly present: number; readonly privatePages: number; readonly pss: number },
  seen: SmapsObservation,
  visitor: FieldVisitor,
): void {
  const rss = model.present * PAGE_SIZE;
  visitor(place, "rss", rss, seen.rss, rss === seen.rss);
  const uss = model.privatePages * PAGE_SIZE;
  visitor(place, "uss", uss, seen.private, uss === seen.private);
  const pss = Math.floor(model.pss / PSS_UNIT / KIB) * KIB;
  const least = seen.vmas === 1 ? pss : pss - KIB * seen.vmas;
  visitor(place, "pss", pss, seen.pss, seen.pss <= pss && seen.pss >= least);
}
