/**
 * Drawable part of a state. Parsing is lenient: fields that a machine lacks are left out of the picture, and fields
 * that are not parsed here are shown as plain fields when they change.
 */
import * as v from "valibot";
import {
  type FieldDescription,
  FOLIO_FIELDS,
  type FolioFields,
  type FolioHistory,
  type MmIdSlot,
  type Page,
} from "../../model/state/folio-fields.ts";
import { pathsOf } from "./paths.ts";

/** An owner slot. */
export type DrawnSlot = MmIdSlot;

/** A page of a folio. */
export interface DrawnPage extends Pick<Page, "mapcount">, Partial<Omit<Page, "mapcount">> {}

/** A folio. */
export interface DrawnFolio extends Pick<FolioFields, "nrPages">, Partial<Omit<FolioFields, "nrPages"> & FolioHistory> {
  readonly hpagePmdNr?: number;
  readonly slots?: readonly DrawnSlot[];
  readonly pages?: readonly DrawnPage[];
}

/** PTE or PMD entry: the folio's position plus one (0: none, or swap). */
export interface DrawnEntry {
  readonly folio: number;
  readonly writable?: boolean;
  readonly migration?: boolean;
  readonly exclusive?: boolean;
}

/** Page table entry: the page of the folio, or the swap slot. */
export interface DrawnPte extends DrawnEntry {
  readonly page: number;
  readonly swap?: boolean;
  readonly expected?: number;
}

/** A VMA: a PMD and a row of page table entries. */
export interface DrawnVma {
  readonly anonymous?: boolean;
  /** Name of the row, if it is not named by its position. */
  readonly label?: string;
  readonly pmd?: DrawnEntry;
  readonly ptes: readonly DrawnPte[];
}

/** An MM. */
export interface DrawnMm {
  readonly idNumber?: number;
  readonly live?: boolean;
  readonly hasId?: boolean;
  readonly hasPinned?: boolean;
  /** Number of pages that it maps, in machines without page tables. */
  readonly mapped?: number;
  readonly vmas?: readonly DrawnVma[];
}

/** A slot of the swap area. */
export interface DrawnSwapSlot {
  readonly count: number;
  readonly folio: number;
  readonly content?: number;
}

/** Page of the file: the swap slot of its swap entry in the page cache, plus one (0: none). */
export interface DrawnFilePage {
  readonly swap: number;
  readonly expected?: number;
}

/** Reference that is neither a mapping's nor a cache's. */
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

/** Creates the schema of described fields, each of which a state may lack. */
function described<T>(fields: { readonly [K in keyof T]: FieldDescription }): v.GenericSchema<unknown, Partial<T>> {
  const entries = Object.entries<FieldDescription>(fields).map(([name, { fresh }]) => [
    name,
    typeof fresh === "boolean" ? flag : number,
  ]);
  return v.object(Object.fromEntries(entries)) as v.GenericSchema<unknown, Partial<T>>;
}

const folioSchema: v.GenericSchema<unknown, DrawnFolio> = v.intersect([
  described<FolioFields & FolioHistory>(FOLIO_FIELDS),
  v.object({
    nrPages: v.number(),
    hpagePmdNr: number,
    slots: many(v.object({ mmId: v.number(), mapcount: v.number() })),
    pages: many(v.object({ mapcount: v.number(), anonExclusive: flag, content: number })),
  }),
]);

const entrySchema = v.object({ folio: v.number(), writable: flag, migration: flag, exclusive: flag });

const pteSchema = v.object({ ...entrySchema.entries, page: v.number(), swap: flag, expected: number });

const mmSchema = v.object({
  idNumber: number,
  live: flag,
  hasId: flag,
  hasPinned: flag,
  mapped: number,
  vmas: many(
    v.object({
      anonymous: flag,
      label: v.exactOptional(v.string()),
      pmd: v.exactOptional(entrySchema),
      ptes: v.array(pteSchema),
    }),
  ),
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

/** A state, or the states of two kernels in lockstep, with the paths of all parsed fields. */
export interface Worlds {
  readonly worlds: readonly DrawnState[];
  readonly paths: readonly string[];
}

const pairSchema = v.object({ one: v.unknown(), other: v.unknown() });

/** Parses the drawable part of a state; undefined for an unsupported shape. */
export function readWorlds(state: unknown): Worlds | undefined {
  const single = readState(state);
  if (single !== undefined) {
    return { worlds: [single], paths: [...pathsOf(single).keys()] };
  }
  const pair = v.safeParse(pairSchema, state);
  const one = pair.success ? readState(pair.output.one) : undefined;
  const other = pair.success ? readState(pair.output.other) : undefined;
  return one === undefined || other === undefined
    ? undefined
    : { worlds: [one, other], paths: [...pathsOf({ one, other }).keys()] };
}

/** Returns the folios of a state. */
export function foliosOf({ folios, folio }: DrawnState): readonly DrawnFolio[] {
  return folios ?? (folio === undefined ? [] : [folio]);
}
