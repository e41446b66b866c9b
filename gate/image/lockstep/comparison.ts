/**
 * Compares the model with the image after an operation. A folio that existed before is identified by its first frame, a
 * new one by the entries that map it. All fields must be equal.
 */
import { at } from "../../../explore/model/schema.ts";
import type { Kernel } from "../../../model/kernel/kernel.ts";
import type { WarningName } from "../../../model/kernel/warnings.ts";
import type { Pte } from "../../../model/state/structs.ts";
import type { WorldFolio, WorldVma } from "../../../model/state/world.ts";
import { nrPagesMappedOf } from "../world/pages-mapped.ts";
import { Entry, EntryFlag, FRAMES, Frame, FrameFlag, MM_WORDS, MMS, MmWord, WorldWord } from "../world/world-layout.ts";
import { at32, type DecodedWorld, entryWord, headOf, ownerOf, PMD_PAGES } from "./decoded-world.ts";

/** A page of a folio, which is identified by its first frame in the image; -1 for a folio that the image lacks. */
export interface MappedPage {
  readonly frame: number;
  readonly page: number;
}

/** A value of the model or of the image. */
export type ComparedValue = string | number | boolean | { readonly warning: WarningName } | MappedPage;

/** A field in which the image differs from the model. */
export interface LockstepDifference {
  /** An MM, a page of an MM, a folio by its first frame, a page of a folio, the statistics, or the model as a whole. */
  readonly place:
    | { readonly kind: "process"; readonly mm: number }
    | { readonly kind: "entry"; readonly mm: number; readonly page: number }
    | { readonly kind: "folio"; readonly frame: number }
    | { readonly kind: "page"; readonly frame: number; readonly page: number }
    | { readonly kind: "statistics" }
    | { readonly kind: "model" };
  readonly field: string;
  readonly model: ComparedValue;
  readonly image: ComparedValue;
}

/** Value for a folio that one side lacks. */
const ABSENT = "no such folio";

/** Value for an entry that maps nothing. */
const NONE = "none";

/** Compares states after operations. The object is reused for all states. */
export class Comparison {
  private readonly world: DecodedWorld;
  private readonly kernel: Kernel;
  private words: Int32Array = new Int32Array(0);
  /** By position of a folio of the model: its first frame in the image; -1 while there is no match. */
  private readonly frameOf: number[] = [];
  /** By first frame: position of the matching folio of the model plus one; 0 without a match. */
  private readonly matched: Int32Array = new Int32Array(FRAMES);
  private differences: LockstepDifference[] = [];

  constructor(world: DecodedWorld, kernel: Kernel) {
    this.world = world;
    this.kernel = kernel;
  }

  /**
   * Compares the state of the model with that of the image.
   *
   * @param words the state of the image
   * @returns all differences
   */
  compare(words: Int32Array): readonly LockstepDifference[] {
    this.words = words;
    this.differences = [];
    this.matchExisting();
    for (let mm = 0; mm < MMS; mm++) {
      this.compareMm(mm);
    }
    for (let f = 0; f < this.world.folios.length; f++) {
      this.compareFolio(f);
    }
    for (let frame = 0; frame < FRAMES; frame++) {
      if (isAnonFolio(words, frame) && at32(this.matched, frame) === 0) {
        this.add({ kind: "folio", frame }, "pages", ABSENT, 1 << at32(words, frame * Frame.words + Frame.order));
      }
    }
    const { nrAnonMapped, nrAnonThps } = this.world.stats;
    this.compareValue({ kind: "statistics" }, "NR_ANON_MAPPED", nrAnonMapped, at32(words, WorldWord.anonMapped));
    this.compareValue({ kind: "statistics" }, "NR_ANON_THPS", nrAnonThps, at32(words, WorldWord.anonThps));
    return this.differences;
  }

  /** Matches the folios that exist on both sides before and after the operation. */
  private matchExisting(): void {
    const { world, frameOf, matched, words } = this;
    matched.fill(0);
    frameOf.length = 0;
    for (let f = 0; f < world.folios.length; f++) {
      const frame = at(world.frames, f);
      const stays = frame >= 0 && at(world.folios, f).allocated && isAnonFolio(words, frame);
      frameOf.push(stays ? frame : -1);
      if (stays) {
        matched[frame] = f + 1;
      }
    }
  }

  private compareMm(number: number): void {
    const { world, words } = this;
    const mm = at(world.mms, number);
    const live = at32(words, WorldWord.mms + number * MM_WORDS + MmWord.live) !== 0;
    this.compareValue({ kind: "process", mm: number }, "live", mm.live, live);
    if (!(mm.live && live)) {
      return;
    }
    for (let t = 0; t < world.tables.length; t++) {
      this.compareTable(number, at(mm.vmas, t), at(world.tables, t));
    }
  }

  private compareTable(number: number, { pmd, ptes }: WorldVma, first: number): void {
    const { words } = this;
    const entry = entryWord(number, first);
    const isPmd = (at32(words, entry + Entry.flags) & EntryFlag.pmd) !== 0;
    if (isPmd || pmd.folio !== 0) {
      const place = { kind: "entry", mm: number, page: first } as const;
      if (isPmd !== (pmd.folio !== 0)) {
        this.add(place, "level", pmd.folio === 0 ? "PTEs" : "PMD", isPmd ? "PMD" : "PTEs");
        return;
      }
      this.compareEntry(place, entry, pmd, 0);
      return;
    }
    for (let i = 0; i < PMD_PAGES; i++) {
      const pte = at(ptes, i);
      const start = entry + i * Entry.words;
      if (pte.folio === 0 && (at32(words, start + Entry.flags) & NOT_NONE) === 0) {
        continue;
      }
      this.compareEntry({ kind: "entry", mm: number, page: first + i }, start, pte, pte.page);
    }
  }

  private compareEntry(
    place: LockstepDifference["place"],
    entry: number,
    { folio, writable, migration, exclusive }: Pick<Pte, "folio" | "writable" | "migration" | "exclusive">,
    page: number,
  ): void {
    const { words } = this;
    const head = headOf(words, entry);
    const flags = at32(words, entry + Entry.flags);
    if (folio === 0 || head < 0) {
      if (folio !== 0 || head >= 0) {
        this.add(place, "maps", folio === 0 ? NONE : this.modelPage(folio - 1, page), this.imagePage(entry, head));
      }
      return;
    }
    this.match(folio - 1, head);
    if (at(this.frameOf, folio - 1) !== head || at32(words, entry + Entry.frame) !== head + page) {
      this.add(place, "maps", this.modelPage(folio - 1, page), this.imagePage(entry, head));
    }
    const isMigration = (flags & EntryFlag.migration) !== 0;
    const isWritable = (flags & EntryFlag.write) !== 0;
    this.compareValue(place, "migration entry", migration, isMigration);
    this.compareValue(place, "writable", writable, isWritable);
    this.compareValue(place, "exclusive", exclusive, isMigration && !isWritable && (flags & EntryFlag.exclusive) !== 0);
  }

  /** Matches a new folio of the model with a folio of the image, if neither has a match. */
  private match(position: number, head: number): void {
    if (at(this.frameOf, position) < 0 && at32(this.matched, head) === 0) {
      this.frameOf[position] = head;
      this.matched[head] = position + 1;
    }
  }

  private modelPage(position: number, page: number): MappedPage {
    return { frame: at(this.frameOf, position), page };
  }

  private imagePage(entry: number, head: number): ComparedValue {
    return head < 0 ? NONE : { frame: head, page: at32(this.words, entry + Entry.frame) - head };
  }

  private compareFolio(position: number): void {
    const { world } = this;
    const folio = at(world.folios, position);
    if (!folio.allocated) {
      return;
    }
    const frame = at(this.frameOf, position);
    if (frame < 0) {
      const before = at(world.frames, position);
      this.add({ kind: "folio", frame: before }, "pages", folio.nrPages, ABSENT);
      return;
    }
    this.compareFields(folio, frame);
  }

  private compareFields(folio: WorldFolio, frame: number): void {
    const { words, kernel } = this;
    const start = frame * Frame.words;
    const flags = at32(words, start + Frame.flags);
    const place = { kind: "folio", frame } as const;
    const nrPages = 1 << at32(words, start + Frame.order);
    this.compareValue(place, "pages", folio.nrPages, nrPages);
    this.compareValue(place, "refcount", folio.refcount, at32(words, start + Frame.refcount));
    this.compareValue(place, "locked", folio.locked, (flags & FrameFlag.locked) !== 0);
    this.compareValue(
      place,
      "maybe mapped shared",
      kernel.folioMaybeMappedShared(folio),
      (flags & FrameFlag.maybeShared) !== 0,
    );
    this.compareValue(place, "mapcount", kernel.folioMapcount(folio), at32(words, start + Frame.folioMapcount));
    this.compareValue(
      place,
      "expected references",
      kernel.folioExpectedRefCount(folio),
      at32(words, start + Frame.expectedReferences),
    );
    if (nrPages > 1 && folio.nrPages === nrPages) {
      this.compareLarge(folio, place, start, flags);
    }
    for (let i = 0; i < Math.min(nrPages, folio.nrPages); i++) {
      this.comparePage(folio, frame, i);
    }
  }

  private compareLarge(folio: WorldFolio, place: LockstepDifference["place"], start: number, flags: number): void {
    const { words } = this;
    this.compareValue(place, "large mapcount", folio.largeMapcount + 1, at32(words, start + Frame.largeMapcount) + 1);
    this.compareValue(
      place,
      "entire mapcount",
      folio.entireMapcount + 1,
      at32(words, start + Frame.entireMapcount) + 1,
    );
    this.compareValue(
      place,
      "pages mapped",
      folio.nrPagesMapped,
      nrPagesMappedOf(at32(words, start + Frame.nrPagesMapped)),
    );
    this.compareValue(place, "ids shared", folio.mmIdsShared, (flags & FrameFlag.idsShared) !== 0);
    this.compareValue(place, "partially mapped", folio.partiallyMapped, (flags & FrameFlag.partiallyMapped) !== 0);
    this.compareValue(place, "queued for splitting", folio.onDeferredList, (flags & FrameFlag.deferred) !== 0);
    for (let i = 0; i < 2; i++) {
      const { mmId, mapcount } = at(folio.slots, i);
      const owner = ownerOf(words, at32(words, start + Frame.mmId + i));
      if (mmId !== owner) {
        this.add(place, SLOT_OWNERS[i] as string, ownerText(mmId), ownerText(owner));
      }
      this.compareValue(place, SLOT_COUNTS[i] as string, mapcount + 1, at32(words, start + Frame.mmIdMapcount + i) + 1);
    }
  }

  private comparePage(folio: WorldFolio, frame: number, page: number): void {
    const { words } = this;
    const start = (frame + page) * Frame.words;
    const { mapcount, anonExclusive, content } = at(folio.pages, page);
    if (
      mapcount === at32(words, start + Frame.mapcount) &&
      anonExclusive === ((at32(words, start + Frame.flags) & FrameFlag.exclusive) !== 0) &&
      content === at32(words, start + Frame.content)
    ) {
      return;
    }
    const place = { kind: "page", frame, page } as const;
    this.compareValue(place, "mapcount", mapcount + 1, at32(words, start + Frame.mapcount) + 1);
    this.compareValue(
      place,
      "exclusive",
      anonExclusive,
      (at32(words, start + Frame.flags) & FrameFlag.exclusive) !== 0,
    );
    this.compareValue(place, "content", content, at32(words, start + Frame.content));
  }

  private compareValue(
    place: LockstepDifference["place"],
    field: string,
    model: ComparedValue,
    image: ComparedValue,
  ): void {
    if (model !== image) {
      this.add(place, field, model, image);
    }
  }

  private add(place: LockstepDifference["place"], field: string, model: ComparedValue, image: ComparedValue): void {
    this.differences.push({ place, field, model, image });
  }
}

const NOT_NONE: number = EntryFlag.present | EntryFlag.migration | EntryFlag.swap;

const SLOT_OWNERS: readonly string[] = ["owner in slot 0", "owner in slot 1"];
const SLOT_COUNTS: readonly string[] = ["mapcount in slot 0", "mapcount in slot 1"];

/** @param owner position of an MM plus one; 0 for none */
function ownerText(owner: number): string {
  return owner === 0 ? "none" : owner > MMS ? "an id that no process has" : `process ${owner - 1}`;
}

function isAnonFolio(words: Int32Array, frame: number): boolean {
  const start = frame * Frame.words;
  return at32(words, start + Frame.head) === frame && (at32(words, start + Frame.flags) & FrameFlag.anon) !== 0;
}
