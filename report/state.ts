/**
 * What of a state can be drawn. Read leniently: a field that a machine does not have is left out of the picture, and
 * what is not read here is shown as plain fields when it changes.
 */
import * as v from "valibot";
import { pathsOf } from "./state-diff.ts";

/** An owner slot. Its mapcount is stored. */
export interface DrawnSlot {
  readonly mmId: number;
  readonly mapcount: number;
}

/** A page of a folio. Its mapcount is stored. */
export interface DrawnPage {
  readonly mapcount: number;
  readonly anonExclusive?: boolean;
  readonly content?: number;
}

/** A folio. Mapcounts are stored. */
export interface DrawnFolio {
  readonly nrPages: number;
  readonly hpagePmdNr?: number;
  readonly allocated?: boolean;
  readonly anon?: boolean;
  readonly inPageCache?: boolean;
  readonly index?: number;
  readonly refcount?: number;
  readonly pincount?: number;
  readonly largeMapcount?: number;
  readonly entireMapcount?: number;
  readonly nrPagesMapped?: number;
  readonly totalMappedPages?: number;
  readonly mmIdsShared?: boolean;
  readonly slots?: readonly DrawnSlot[];
  readonly pages?: readonly DrawnPage[];
  readonly locked?: boolean;
  readonly swapcache?: boolean;
  readonly swap?: number;
  readonly partiallyMapped?: boolean;
  readonly onDeferredList?: boolean;
  readonly hadThreeMms?: boolean;
  readonly hadOverflow?: boolean;
}

/** An entry of either level: the folio's position plus one (0: none, or swap). */
export interface DrawnEntry {
  readonly folio: number;
  readonly writable?: boolean;
  readonly migration?: boolean;
  readonly exclusive?: boolean;
}

/** A page table entry: the page of the folio, or the swap slot. */
export interface DrawnPte extends DrawnEntry {
  readonly page: number;
  readonly swap?: boolean;
  readonly expected?: number;
}

/** A VMA: a PMD and a row of page table entries. */
export interface DrawnVma {
  readonly anonymous?: boolean;
  readonly pmd?: DrawnEntry;
  readonly ptes: readonly DrawnPte[];
}

/** An MM. */
export interface DrawnMm {
  readonly idNumber?: number;
  readonly live?: boolean;
  readonly hasId?: boolean;
  readonly hasPinned?: boolean;
  /** Pages that it maps, in machines that only count. */
  readonly mapped?: number;
  readonly vmas?: readonly DrawnVma[];
}

/** A slot of the swap area. */
export interface DrawnSwapSlot {
  readonly count: number;
  readonly folio: number;
  readonly content?: number;
}

/** A page of the file: the swap slot that stands in its place in the page cache, plus one (0: none). */
export interface DrawnFilePage {
  readonly swap: number;
  readonly expected?: number;
}

/** A reference that is no mapping's and no cache's. */
export interface DrawnHolder {
  readonly kind: number;
  readonly folio: number;
  readonly page: number;
  readonly mm: number;
  readonly entry: number;
  readonly expected?: number;
}

/** A state. */
export interface DrawnState {
  readonly mms: readonly DrawnMm[];
  readonly folios?: readonly DrawnFolio[];
  /** The only folio, in machines that have one. */
  readonly folio?: DrawnFolio;
  readonly swapSlots?: readonly DrawnSwapSlot[];
  readonly filePages?: readonly DrawnFilePage[];
  readonly holders?: readonly DrawnHolder[];
  readonly stats?: { readonly [name: string]: number };
}

const number = v.exactOptional(v.number());
const flag = v.exactOptional(v.boolean());
const many = <S extends v.GenericSchema>(schema: S): v.ExactOptionalSchema<v.ArraySchema<S, undefined>, undefined> =>
  v.exactOptional(v.array(schema));

const folioSchema = v.object({
  nrPages: v.number(),
  hpagePmdNr: number,
  allocated: flag,
  anon: flag,
  inPageCache: flag,
  index: number,
  refcount: number,
  pincount: number,
  largeMapcount: number,
  entireMapcount: number,
  nrPagesMapped: number,
  totalMappedPages: number,
  mmIdsShared: flag,
  slots: many(v.object({ mmId: v.number(), mapcount: v.number() })),
  pages: many(v.object({ mapcount: v.number(), anonExclusive: flag, content: number })),
  locked: flag,
  swapcache: flag,
  swap: number,
  partiallyMapped: flag,
  onDeferredList: flag,
  hadThreeMms: flag,
  hadOverflow: flag,
});

const entrySchema = v.object({ folio: v.number(), writable: flag, migration: flag, exclusive: flag });

const pteSchema = v.object({ ...entrySchema.entries, page: v.number(), swap: flag, expected: number });

const mmSchema = v.object({
  idNumber: number,
  live: flag,
  hasId: flag,
  hasPinned: flag,
  mapped: number,
  vmas: many(v.object({ anonymous: flag, pmd: v.exactOptional(entrySchema), ptes: v.array(pteSchema) })),
});

const holderSchema = v.object({
  kind: v.number(),
  folio: v.number(),
  page: v.number(),
  mm: v.number(),
  entry: v.number(),
  expected: number,
});

const stateSchema = v.object({
  mms: v.array(mmSchema),
  folios: many(folioSchema),
  folio: v.exactOptional(folioSchema),
  swapSlots: many(v.object({ count: v.number(), folio: v.number(), content: number })),
  filePages: many(v.object({ swap: v.number(), expected: number })),
  holders: many(holderSchema),
  stats: v.exactOptional(v.record(v.string(), v.number())),
});

function readState(state: unknown): DrawnState | undefined {
  const { success, output } = v.safeParse(stateSchema, state);
  return success && (output.folios !== undefined || output.folio !== undefined) ? output : undefined;
}

/** A state, or the two states of two kernels in lockstep, with the paths of everything that was read. */
export interface Worlds {
  readonly worlds: readonly DrawnState[];
  readonly paths: Iterable<string>;
}

const pairSchema = v.object({ one: v.unknown(), other: v.unknown() });

/** What of a state can be drawn, or undefined when its shape is not known. */
export function readWorlds(state: unknown): Worlds | undefined {
  const single = readState(state);
  if (single !== undefined) {
    return { worlds: [single], paths: pathsOf(single).keys() };
  }
  const pair = v.safeParse(pairSchema, state);
  const one = pair.success ? readState(pair.output.one) : undefined;
  const other = pair.success ? readState(pair.output.other) : undefined;
  return one === undefined || other === undefined
    ? undefined
    : { worlds: [one, other], paths: pathsOf({ one, other }).keys() };
}

/** The folios of a state. */
export function foliosOf({ folios, folio }: DrawnState): readonly DrawnFolio[] {
  return folios ?? (folio === undefined ? [] : [folio]);
}
