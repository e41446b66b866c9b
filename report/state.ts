/**
 * What of a state can be drawn. Read leniently: a field that a machine does not have is left out of the picture, and
 * what is not read here is shown as plain fields when it changes.
 */
import * as v from "valibot";

/** An owner slot. Its mapcount is stored. */
export interface DrawnSlot {
  readonly mmId: number;
  readonly mapcount: number;
}

/** A page of a folio. Its mapcount is stored. */
export interface DrawnPage {
  readonly mapcount: number;
  readonly anonExclusive?: boolean;
}

/** A folio. Mapcounts are stored. */
export interface DrawnFolio {
  readonly nrPages: number;
  readonly allocated?: boolean;
  readonly anon?: boolean;
  readonly inPageCache?: boolean;
  readonly index?: number;
  readonly refcount?: number;
  readonly largeMapcount?: number;
  readonly entireMapcount?: number;
  readonly nrPagesMapped?: number;
  readonly mmIdsShared?: boolean;
  readonly slots?: readonly DrawnSlot[];
  readonly pages?: readonly DrawnPage[];
  readonly partiallyMapped?: boolean;
  readonly onDeferredList?: boolean;
  readonly hadThreeMms?: boolean;
  readonly hadOverflow?: boolean;
}

/** A page table entry: the folio's position plus one (0: none) and the page of the folio. */
export interface DrawnPte {
  readonly folio: number;
  readonly page: number;
}

/** A VMA: a row of page table entries. */
export interface DrawnVma {
  readonly ptes: readonly DrawnPte[];
}

/** An MM. */
export interface DrawnMm {
  readonly idNumber?: number;
  readonly live?: boolean;
  readonly hasId?: boolean;
  /** Pages that it maps, in machines that only count. */
  readonly mapped?: number;
  readonly vmas?: readonly DrawnVma[];
}

/** A state. */
export interface DrawnState {
  readonly mms: readonly DrawnMm[];
  readonly folios?: readonly DrawnFolio[];
  /** The only folio, in machines that have one. */
  readonly folio?: DrawnFolio;
  readonly stats?: { readonly [name: string]: number };
}

const number = v.exactOptional(v.number());
const flag = v.exactOptional(v.boolean());

const folioSchema = v.object({
  nrPages: v.number(),
  allocated: flag,
  anon: flag,
  inPageCache: flag,
  index: number,
  refcount: number,
  largeMapcount: number,
  entireMapcount: number,
  nrPagesMapped: number,
  mmIdsShared: flag,
  slots: v.exactOptional(v.array(v.object({ mmId: v.number(), mapcount: v.number() }))),
  pages: v.exactOptional(v.array(v.object({ mapcount: v.number(), anonExclusive: flag }))),
  partiallyMapped: flag,
  onDeferredList: flag,
  hadThreeMms: flag,
  hadOverflow: flag,
});

const mmSchema = v.object({
  idNumber: number,
  live: flag,
  hasId: flag,
  mapped: number,
  vmas: v.exactOptional(v.array(v.object({ ptes: v.array(v.object({ folio: v.number(), page: v.number() })) }))),
});

const stateSchema = v.object({
  mms: v.array(mmSchema),
  folios: v.exactOptional(v.array(folioSchema)),
  folio: v.exactOptional(folioSchema),
  stats: v.exactOptional(v.record(v.string(), v.number())),
});

/** The parts of a state that can be drawn, or undefined when its shape is not known. */
export function readState(state: unknown): DrawnState | undefined {
  const { success, output } = v.safeParse(stateSchema, state);
  return success && (output.folios !== undefined || output.folio !== undefined) ? output : undefined;
}

/** The folios of a state. */
export function foliosOf(state: DrawnState): readonly DrawnFolio[] {
  return state.folios ?? (state.folio === undefined ? [] : [state.folio]);
}
