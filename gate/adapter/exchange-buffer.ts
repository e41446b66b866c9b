/**
 * Encodes a folio of the model into the exchange buffer before a call, decodes it after the call, and compares two
 * exchange buffers. These functions run at every call, so they are generated: each field has a literal name and a
 * literal position. The positions are in gate/adapter/exchanged-fields.ts.
 */
import { at } from "../../explore/model/schema.ts";
import type { FolioFields } from "../../model/state/folio-fields.ts";
import type { Folio, TrackedFolio } from "../../model/state/structs.ts";
import { BufferField, MOST_PAGES } from "../harness/harness.ts";
import {
  EXCHANGED_FIELDS,
  type ExchangedWord,
  FLAGS,
  type Holders,
  NUMBERS,
  PAGE_WORDS,
  SLOT_WORDS,
} from "./exchanged-fields.ts";
import type { FolioRoom } from "./instance.ts";

/** PMD order for a model without PMD mappings: above the order of every folio. */
const NO_PMD_ORDER = 9;

/** Returns the order of a PMD mapping. @param hpagePmdNr HPAGE_PMD_NR; 0 for a model without PMD mappings */
export function pmdOrderOf(hpagePmdNr: number): number {
  return hpagePmdNr === 0 ? NO_PMD_ORDER : 31 - Math.clz32(hpagePmdNr);
}

/** Fields of the owner-tracking machine, besides the slots. */
const TRACKED: ReadonlySet<keyof FolioFields> = new Set(["nrPages", "largeMapcount", "mmIdsShared"]);

/** Condition for a folio to have a field. */
const HOLDS: { readonly [H in Holders]: string } = {
  all: "true",
  large: "nrPages > 1",
  entireMapcount: "nrPages >= room.entireMapcount",
  pincount: "nrPages >= room.pincount",
};

/** Encodes a folio. */
export const packFolio: (exchange: Int32Array, folio: Folio, room: FolioRoom) => void = generated(
  "exchange, folio, room",
  `${packText(({ name, encode, word }) =>
    encode === undefined ? `folio.${name}` : `EXCHANGED.${name}.words[${word}].encode(folio.${name}, nrPages, room)`,
  )}
  for (let i = 0; i < nrPages; i++) {
    const page = at(folio.pages, i);
    ${lines(PAGE_WORDS, ({ name, position, isFlag }) => `exchange[${position} + i] = ${encoded(`page.${name}`, isFlag)};`)}
  }
  exchange[${BufferField.pmdOrder}] = pmdOrderOf(folio.hpagePmdNr);`,
);

/**
 * Encodes the owner-tracking fields of a folio; all other fields have the values of a new folio with one reference.
 *
 * @param totalMappedPages `_total_mapped_pages`; 0 for a tree without that field
 */
export const packTracked: (exchange: Int32Array, folio: TrackedFolio, totalMappedPages: number) => void = generated(
  "exchange, folio, totalMappedPages",
  `${packText(({ name, fresh, encode }) => {
    if (TRACKED.has(name)) {
      return `folio.${name}`;
    }
    if (name === "totalMappedPages") {
      return name;
    }
    const value = name === "refcount" ? 1 : Number(fresh);
    return `${encode === undefined ? value : encode(value, 1, { pincount: 1, entireMapcount: 1 })}`;
  })}
  ${lines(PAGE_WORDS, ({ position, fresh }) => `exchange.fill(${fresh}, ${position}, ${position + MOST_PAGES});`)}
  exchange[${BufferField.pmdOrder}] = pmdOrderOf(0);`,
);

/** Decodes a folio. A field that no function in scope changes keeps its value. */
export const unpackFolio: (exchange: Int32Array, folio: Folio, room: FolioRoom) => void = generated(
  "exchange, folio, room",
  `${unpackText(() => true)}
  for (let i = 0; i < nrPages; i++) {
    const page = at(folio.pages, i);
    ${lines(PAGE_WORDS, ({ name, position, isFlag }) => `page.${name} = ${decoded(`exchange[${position} + i]`, isFlag)};`)}
  }`,
);

/** Decodes the owner-tracking fields of a folio. */
export const unpackTracked: (exchange: Int32Array, folio: TrackedFolio) => void = generated(
  "exchange, folio",
  unpackText((name) => TRACKED.has(name)),
);

/** Whether two exchange buffers contain the same folio. */
export const sameFolio: (one: Int32Array, other: Int32Array, room: FolioRoom) => boolean = generated(
  "one, other, room",
  sameText(),
);

/** Compiles a function from text, in which `at`, `pmdOrderOf` and EXCHANGED are known. */
function generated<F>(parameters: string, body: string): F {
  const source = `return (${parameters}) => {\n${body}\n};`;
  return new Function("at", "pmdOrderOf", "EXCHANGED", source)(at, pmdOrderOf, EXCHANGED_FIELDS) as F;
}

function lines<T>(items: readonly T[], text: (item: T) => string): string {
  return items.map(text).join("\n");
}

/** An expression of the word for a value. */
function encoded(value: string, isFlag: boolean): string {
  return isFlag ? `(${value} ? 1 : 0)` : value;
}

/** An expression of the value of a word. */
function decoded(word: string, isFlag: boolean): string {
  return isFlag ? `${word} !== 0` : word;
}

/** A flag, or one word of a number. */
interface Value {
  readonly name: keyof FolioFields;
  readonly fresh: number | boolean;
  /** Position of the word among those of the field. */
  readonly word: number;
  readonly encode?: ExchangedWord["encode"];
}

/**
 * Statements that encode the fields of a folio. Those of a small folio that only large ones have keep their words.
 *
 * @param expression the value to encode
 */
function packText(expression: (value: Value) => string): string {
  const numbers = (ofAll: boolean): string =>
    lines(
      NUMBERS.filter(({ holders }) => (holders === "all") === ofAll),
      ({ name, fresh, words }) =>
        lines(
          words.map((each, word) => ({ ...each, word })),
          ({ position, word, encode }) => {
            const value = { name, fresh, word, ...(encode === undefined ? {} : { encode }) };
            return `exchange[${position}] = ${expression(value)};`;
          },
        ),
    );
  const flags = (of: "all" | "large"): string =>
    FLAGS.filter(({ holders }) => holders === of)
      .map(({ name, fresh, bit }) => `(${expression({ name, fresh, word: 0 })} ? ${bit} : 0)`)
      .join(" | ");
  return `
    const { nrPages } = folio;
    ${numbers(true)}
    let flags = ${flags("all")};
    if (nrPages > 1) {
      ${numbers(false)}
      ${lines(SLOT_WORDS, ({ name, slot, position }) => `exchange[${position}] = at(folio.slots, ${slot}).${name};`)}
      flags |= ${flags("large")};
    }
    exchange[${BufferField.flags}] = flags;`;
}

/** Statements that decode the fields of a folio. @param isWanted whether a field is decoded */
function unpackText(isWanted: (name: keyof FolioFields) => boolean): string {
  const numbers = NUMBERS.filter(({ name, keeps }) => keeps !== true && isWanted(name));
  const flags = FLAGS.filter(({ name, keeps }) => keeps !== true && isWanted(name));
  return `
    const { nrPages } = folio;
    const flags = exchange[${BufferField.flags}];
    ${lines(numbers, ({ name, holders, words, decode }) => {
      const values = words.map(({ position }) => `exchange[${position}]`).join(", ");
      const value = decode === undefined ? values : `EXCHANGED.${name}.decode(nrPages, room, ${values})`;
      return `if (${HOLDS[holders]}) folio.${name} = ${value};`;
    })}
    ${lines(flags, ({ name, holders, bit }) => `if (${HOLDS[holders]}) folio.${name} = (flags & ${bit}) !== 0;`)}
    if (nrPages > 1) {
      ${lines(SLOT_WORDS, ({ name, slot, position }) => `at(folio.slots, ${slot}).${name} = exchange[${position}];`)}
    }`;
}

function sameText(): string {
  const differ = (positions: readonly number[], i = ""): string =>
    `(${positions.map((position) => `one[${position}${i}] !== other[${position}${i}]`).join(" || ")})`;
  const conditions = [
    differ([BufferField.flags]),
    ...NUMBERS.map(({ holders, words }) => `${HOLDS[holders]} && ${differ(words.map(({ position }) => position))}`),
    `nrPages > 1 && ${differ(SLOT_WORDS.map(({ position }) => position))}`,
  ];
  return `
    const nrPages = one[${BufferField.nrPages}];
    if (${conditions.join("\n || ")}) return false;
    for (let i = 0; i < Math.min(nrPages, ${MOST_PAGES}); i++) {
      if (${differ(
        PAGE_WORDS.map(({ position }) => position),
        " + i",
      )}) return false;
    }
    return true;`;
}
