/** Schemas of folios: the described fields, each with the range of values that it has in a machine. */
import {
  type AnyField,
  array,
  type BoolField,
  bool,
  type ConstantField,
  constant,
  ghost,
  type IntField,
  int,
  never,
  type RefField,
  type SelfField,
  type StructField,
  struct,
} from "../../explore/model/schema.ts";
import {
  type FieldDescription,
  FOLIO_FIELDS,
  type FolioFields,
  type FolioHistory,
  type MmIdSlot,
  PAGE_FIELDS,
  type Page,
  SLOT_FIELDS,
} from "./folio-fields.ts";
import type { Folio } from "./structs.ts";

/**
 * Range of values of a field: true for a flag that can be set; minimum and maximum for a number. A field without a
 * range keeps its fresh value and takes no space.
 */
export type FieldValues = boolean | readonly [min: number, max: number];

/** Ranges of fields, by name. */
export type ValuesOf<F> = { readonly [K in keyof F]?: FieldValues };

type AnyFields = { readonly [name: string]: AnyField };

/** Returns the schema of a described field with the given range. */
export function fieldOf(description: FieldDescription, values: FieldValues = false): IntField | BoolField {
  const field = withoutGhost(description, values);
  return description.ghost === true ? ghost(field) : field;
}

function withoutGhost({ fresh }: FieldDescription, values: FieldValues): IntField | BoolField {
  if (typeof fresh === "boolean") {
    return values === false ? never() : bool(fresh);
  }
  const [min, max] = typeof values === "boolean" ? [fresh, fresh] : values;
  return int(min, max, fresh);
}

type Fields = { readonly [name: string]: IntField | BoolField };

function fieldsOf(
  described: { readonly [name: string]: FieldDescription },
  values: { readonly [name: string]: FieldValues | undefined },
): Fields {
  return Object.fromEntries(
    Object.entries(described).map(([name, description]) => [name, fieldOf(description, values[name])]),
  );
}

/** Returns the schema of a page. */
export function pageSchema(values: ValuesOf<Page>): StructField<Page> {
  return struct(fieldsOf(PAGE_FIELDS, values)) as StructField as StructField<Page>;
}

/** Returns the schema of an owner slot. @param mmId a reference to an MM; if absent, the field is 0 in every state */
export function slotSchema(mapcount: FieldValues, mmId?: RefField | IntField): StructField<MmIdSlot> {
  const { mmId: id, mapcount: count } = SLOT_FIELDS;
  return struct({
    mmId: mmId ?? fieldOf(id),
    mapcount: fieldOf(count, mapcount),
  }) as StructField as StructField<MmIdSlot>;
}

/** Parts of a folio besides the described fields. */
export interface FolioParts {
  readonly hpagePmdNr: number;
  readonly frameNumber: SelfField | ConstantField<number>;
  readonly slot: StructField<MmIdSlot>;
  readonly page: StructField<Page>;
  /** Largest number of pages of the folio. */
  readonly capacity: number;
}

/** Returns the schema of a folio with the kernel's fields only. */
export function folioSchema(parts: FolioParts, values: ValuesOf<FolioFields>): StructField<Folio> {
  const described = Object.entries<FieldDescription>(FOLIO_FIELDS).filter(([, { history }]) => history !== true);
  return struct(partsWith(parts, fieldsOf(Object.fromEntries(described), values))) as StructField as StructField<Folio>;
}

/** Returns the schema of a folio with its history. */
export function worldFolioSchema(
  parts: FolioParts,
  values: ValuesOf<FolioFields & FolioHistory>,
): StructField<Folio & FolioHistory> {
  const folio = struct(partsWith(parts, fieldsOf(FOLIO_FIELDS, values)));
  return folio as StructField as StructField<Folio & FolioHistory>;
}

function partsWith({ hpagePmdNr, frameNumber, slot, page, capacity }: FolioParts, fields: Fields): AnyFields {
  return {
    hpagePmdNr: constant(hpagePmdNr),
    frameNumber,
    ...fields,
    slots: array(slot, 2),
    pages: array(page, capacity),
  };
}
