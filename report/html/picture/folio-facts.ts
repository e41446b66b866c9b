/** Counters of a folio beside the truth, which is counted from the page tables. Mapcounts are numbers of mappings. */
import type { Fault } from "../../../invariants/fault.ts";
import { type FieldDescription, FOLIO_FIELDS } from "../../../model/state/folio-fields.ts";
import { pagesMappedText, referencesText } from "../../trace/counter-text.ts";
import { folioName, isPresent, mmName } from "../../trace/entry.ts";
import { type DrawnEntry, type DrawnFolio, type DrawnState, foliosOf } from "../../trace/state.ts";
import type { Fact } from "./fact.ts";
import { faultText, faultValues } from "./fault-text.ts";
import { isOfStatistic } from "./other-fields.ts";
import type { PictureShape } from "./shape.ts";

/** Field of the kernel. */
export interface NamedFact extends Fact {
  readonly name: string;
  /** The true value, where it can be counted. */
  readonly truth?: string;
}

/** Owner tracking of one MM. */
export interface OwnerFact {
  readonly mm: string;
  /** Owner slot with the number of mappings that it tracks; `–` if none tracks the MM. */
  readonly tracked: Fact;
  /** Number of entries that map the folio. */
  readonly mappings: Fact;
}

/** A folio in use, or one that the step freed. */
export interface FolioFacts {
  readonly position: number;
  readonly name: string;
  readonly pages: number;
  readonly isFreed: boolean;
  /** Empty for folios without owner slots, and in machines without page tables. */
  readonly owners: readonly OwnerFact[];
  /** Result of folio_maybe_mapped_shared(); absent for a folio without owner slots. */
  readonly sharing?: Fact;
  readonly counters: readonly NamedFact[];
  readonly flags: readonly NamedFact[];
  /** Sentences about faults of this folio that no other fact has. */
  readonly faults: readonly string[];
}

/** Context of the facts. */
export interface FactSetting {
  readonly config: readonly string[];
  readonly faults: readonly Fault[];
}

/** Returns the facts about all folios that are in use, or were before the step. */
export function folioFacts(
  state: DrawnState,
  before: DrawnState | undefined,
  shape: PictureShape,
  setting: FactSetting,
): FolioFacts[] {
  return shape.folios.flatMap(({ position }): FolioFacts[] => {
    const folio = foliosOf(state)[position];
    const old = before === undefined ? undefined : foliosOf(before)[position];
    const isFree = folio === undefined || folio.allocated === false;
    if (folio === undefined || (isFree && (old === undefined || old.allocated === false))) {
      return [];
    }
    const was = old === undefined || old.allocated === false ? undefined : old;
    return [factsOf({ state, before, folio, was, position, isFreed: isFree }, shape, setting)];
  });
}

interface Place {
  readonly state: DrawnState;
  readonly before: DrawnState | undefined;
  readonly folio: DrawnFolio;
  /** The folio before the step, if it was in use. */
  readonly was: DrawnFolio | undefined;
  readonly position: number;
  readonly isFreed: boolean;
}

function factsOf(place: Place, shape: PictureShape, { config, faults: allFaults }: FactSetting): FolioFacts {
  const { folio, was, position, isFreed, state } = place;
  const faults = new FaultsOfFolio(allFaults.filter((each) => (each.folio ?? 0) === position && isOfFolio(each)));
  const isLarge = (isFreed && was !== undefined ? was.nrPages : folio.nrPages) > 1;
  const hasSlots = isLarge && !config.includes("no-mm-id") && (folio.slots ?? []).length > 0;
  const owners = hasSlots ? ownersOf(place, shape, faults) : [];
  const counters = countersOf(place, isLarge, config, faults);
  const sharing = hasSlots && folio.mmIdsShared !== undefined ? sharingOf(folio, was, faults) : undefined;
  const flags = flagsOf(folio, was, faults);
  return {
    position,
    name: state.folios === undefined ? "the folio" : `folio ${folioName(position)}`,
    pages: isFreed && was !== undefined ? was.nrPages : folio.nrPages,
    isFreed,
    owners,
    ...(sharing === undefined ? {} : { sharing }),
    counters,
    flags,
    faults: faults.rest(),
  };
}

/** Whether a fault is about a folio: those about an entry, a slot of the swap area … are marked in the picture. */
function isOfFolio(fault: Fault): boolean {
  const { entry, swapSlot, holder, filePage, mm, ownerSlot } = fault;
  return (
    !isOfStatistic(fault) &&
    entry === undefined &&
    swapSlot === undefined &&
    holder === undefined &&
    filePage === undefined &&
    (mm === undefined || ownerSlot !== undefined)
  );
}

/** The faults of a folio. Each is shown once: beside the fact that it is about, or else by itself. */
class FaultsOfFolio {
  private readonly left: Set<Fault>;

  constructor(faults: readonly Fault[]) {
    this.left = new Set(faults);
  }

  /** Takes the faults that a predicate selects, as sentences. */
  take(selects: (fault: Fault) => boolean): { readonly fault?: string } {
    const taken = [...this.left].filter(selects);
    for (const each of taken) {
      this.left.delete(each);
    }
    return taken.length === 0 ? {} : { fault: taken.map(faultValues).join("; ") };
  }

  /** Returns the sentences about all others. */
  rest(): string[] {
    return [...this.left].map(faultText);
  }
}

function fact(now: string, before: string | undefined): Fact {
  return before === undefined || before === now ? { now } : { now, before };
}

function ownersOf(
  { state, before, folio, was, position }: Place,
  { mms }: PictureShape,
  faults: FaultsOfFolio,
): OwnerFact[] {
  return mms.map(({ position: mm }) => {
    const trackedIn = (of: DrawnFolio, at: DrawnState): string => {
      const slot = slotOf(of, idOf(at, mm));
      const tracked = of.slots?.[slot];
      return tracked === undefined ? "–" : `slot ${slot}: ${tracked.mapcount + 1}`;
    };
    const now = trackedIn(folio, state);
    const mappings = mappingsOf(state, mm, position);
    const slot = slotOf(folio, idOf(state, mm));
    return {
      mm: mmName(mm),
      tracked: {
        ...fact(now, before === undefined ? undefined : was === undefined ? "–" : trackedIn(was, before)),
        ...faults.take(
          ({ ownerSlot, mm: of }) => (slot >= 0 && ownerSlot === slot) || (of === mm && ownerSlot !== undefined),
        ),
      },
      mappings: fact(String(mappings), before === undefined ? undefined : String(mappingsOf(before, mm, position))),
    };
  });
}

function idOf({ mms }: DrawnState, mm: number): number {
  return mms[mm]?.idNumber ?? mm + 1;
}

function slotOf({ slots = [] }: DrawnFolio, id: number): number {
  return slots.findIndex(({ mmId }) => mmId === id);
}

/** Returns the number of present entries of an MM that map a folio, of both levels; in other machines, of pages. */
function mappingsOf({ mms }: DrawnState, mm: number, folio: number): number {
  const { vmas, mapped = 0 } = mms[mm] ?? {};
  return vmas === undefined ? mapped : vmas.flatMap(entriesOf).filter((entry) => maps(entry, folio)).length;
}

function entriesOf({
  pmd,
  ptes,
}: {
  readonly pmd?: DrawnEntry;
  readonly ptes: readonly DrawnEntry[];
}): readonly DrawnEntry[] {
  return pmd === undefined ? ptes : [pmd, ...ptes];
}

function maps(entry: DrawnEntry, folio: number): boolean {
  return isPresent(entry) && entry.folio === folio + 1;
}

function sharingOf(folio: DrawnFolio, was: DrawnFolio | undefined, faults: FaultsOfFolio): Fact {
  const text = ({ mmIdsShared }: DrawnFolio): string =>
    mmIdsShared === true ? "maybe mapped shared" : "mapped exclusively";
  return {
    ...fact(text(folio), was === undefined ? undefined : text(was)),
    ...faults.take(({ field }) => field.includes("shared")),
  };
}

function countersOf(place: Place, isLarge: boolean, config: readonly string[], faults: FaultsOfFolio): NamedFact[] {
  const { state, before, folio, was, position } = place;
  const all = (at: DrawnState): number => at.mms.reduce((sum, _, mm) => sum + mappingsOf(at, mm, position), 0);
  const pmds = (at: DrawnState): number =>
    at.mms.flatMap(({ vmas = [] }) => vmas).filter(({ pmd }) => pmd !== undefined && maps(pmd, position)).length;
  const hasTables = state.mms.some(({ vmas, mapped }) => vmas !== undefined || mapped !== undefined);
  const isPmdSized = (folio.hpagePmdNr ?? 0) > 1 && folio.hpagePmdNr === folio.nrPages;
  const counter = (
    name: "refcount" | "largeMapcount" | "entireMapcount" | "nrPagesMapped" | "totalMappedPages" | "pincount",
    label: string,
    isShown: boolean,
    truth?: (at: DrawnState) => number,
    text: (value: number, of: DrawnFolio) => string = String,
  ): NamedFact[] => {
    const { kernel, storedMinusOne }: FieldDescription = FOLIO_FIELDS[name];
    const logical = (of: DrawnFolio): string => text((of[name] ?? 0) + (storedMinusOne === true ? 1 : 0), of);
    const value = folio[name];
    const isChanged = was !== undefined && logical(was) !== logical(folio);
    if (value === undefined || !(isShown || isChanged)) {
      return [];
    }
    return [
      {
        name: label,
        ...fact(logical(folio), before === undefined ? undefined : was === undefined ? "0" : logical(was)),
        ...(truth === undefined || !hasTables ? {} : { truth: String(truth(state)) }),
        ...faults.take(({ field }) => field === kernel),
      },
    ];
  };
  const hasPageMapcounts = !config.includes("no-page-mapcount");
  return [
    ...counter("refcount", "refcount", true, undefined, (_, of) => referencesText(of, config)),
    ...counter("largeMapcount", "large mapcount", isLarge, all),
    ...counter("entireMapcount", "entire mapcount", isLarge && (isPmdSized || folio.entireMapcount !== -1), pmds),
    ...counter("nrPagesMapped", "nr_pages_mapped", isLarge && hasPageMapcounts, undefined, pagesMappedText),
    ...counter("totalMappedPages", "total_mapped_pages", (folio.totalMappedPages ?? 0) !== 0),
    ...counter("pincount", "pincount", (folio.pincount ?? 0) !== 0),
  ];
}

const FLAGS = [
  ["partiallyMapped", "partially mapped"],
  ["onDeferredList", "on the deferred split queue"],
] as const;

function flagsOf(folio: DrawnFolio, was: DrawnFolio | undefined, faults: FaultsOfFolio): NamedFact[] {
  const text = (value: boolean | undefined): string => (value === true ? "yes" : "no");
  return FLAGS.flatMap(([name, label]): NamedFact[] => {
    const { fault } = faults.take(({ field }) => field === FOLIO_FIELDS[name].kernel);
    const value: Fact = fact(text(folio[name]), was === undefined ? undefined : text(was[name]));
    return folio[name] === undefined || (value.now === "no" && value.before === undefined && fault === undefined)
      ? []
      : [{ name: label, ...value, ...(fault === undefined ? {} : { fault }) }];
  });
}
