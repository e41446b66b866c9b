/** Fresh folios: every field has its initial value. */
import { at } from "../../explore/model/schema.ts";
import {
  type FieldDescription,
  FOLIO_FIELDS,
  type FolioFields,
  type MmIdSlot,
  PAGE_FIELDS,
  type Page,
  SLOT_FIELDS,
} from "./folio-fields.ts";
import type { Folio } from "./structs.ts";
import type { WorldFolio } from "./world.ts";

/** Names of the fields of a folio that exist in the kernel. */
export const FOLIO_FIELD_NAMES: readonly (keyof FolioFields)[] = Object.entries<FieldDescription>(FOLIO_FIELDS)
  .filter(([, { history }]) => history !== true)
  .map(([name]) => name as keyof FolioFields);

const FRESH_FIELDS = freshOf<FolioFields>(FOLIO_FIELDS, FOLIO_FIELD_NAMES);
const FRESH_SLOT = freshOf<MmIdSlot>(SLOT_FIELDS);
const FRESH_PAGE = freshOf<Page>(PAGE_FIELDS);

function freshOf<T>(
  described: { readonly [K in keyof T]: FieldDescription },
  names: readonly (keyof T)[] = Object.keys(described) as (keyof T)[],
): T {
  return Object.fromEntries(names.map((name) => [name, described[name].fresh])) as T;
}

/**
 * Returns the fields of a free folio as a plain object.
 *
 * @param capacity largest number of pages of the folio
 */
export function freshFolio(capacity: number): Omit<Folio, "hpagePmdNr" | "frameNumber"> {
  return {
    ...FRESH_FIELDS,
    slots: [{ ...FRESH_SLOT }, { ...FRESH_SLOT }],
    pages: Array.from({ length: capacity }, () => ({ ...FRESH_PAGE })),
  };
}

/** Returns the fields of a free folio with an empty history. */
export function freshWorldFolio(capacity: number): Omit<WorldFolio, "hpagePmdNr" | "frameNumber"> {
  return { ...freshFolio(capacity), hadThreeMms: false, hadOverflow: false };
}

/** Resets every field of a folio to its fresh value; the folio is free afterwards. */
export function makeFresh(folio: Folio): void {
  Object.assign(folio, FRESH_FIELDS);
  for (const slot of folio.slots) {
    Object.assign(slot, FRESH_SLOT);
  }
  for (const page of folio.pages) {
    Object.assign(page, FRESH_PAGE);
  }
}

/**
 * Whether every field of a folio has its fresh value. Generated from the description so that each field is accessed by
 * a literal name: a computed name is several times slower, and claims are on the hot path.
 */
export const isFresh: (folio: Folio) => boolean = generatedIsFresh();

function generatedIsFresh(): (folio: Folio) => boolean {
  const conditions = (record: string, fresh: object): string =>
    Object.entries(fresh)
      .map(([name, value]) => `${record}.${name} === ${value}`)
      .join(" && ");
  const source = `
    return (folio) => {
      for (let i = 0; i < folio.slots.length; i++) {
        const slot = at(folio.slots, i);
        if (!(${conditions("slot", FRESH_SLOT)})) return false;
      }
      for (let i = 0; i < folio.pages.length; i++) {
        const page = at(folio.pages, i);
        if (!(${conditions("page", FRESH_PAGE)})) return false;
      }
      return ${conditions("folio", FRESH_FIELDS)};
    };`;
  return new Function("at", source)(at);
}
