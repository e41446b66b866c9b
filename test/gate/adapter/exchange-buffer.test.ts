/** The exchange buffer contains every kernel field of a folio: encoded always, and decoded if C code may change it. */
import { expect, test } from "vitest";
import { packFolio, sameFolio, unpackFolio } from "../../../gate/adapter/exchange-buffer.ts";
import { BufferField } from "../../../gate/harness/harness.ts";
import { type FieldDescription, FOLIO_FIELDS, PAGE_FIELDS, SLOT_FIELDS } from "../../../model/state/folio-fields.ts";
import { freshFolio } from "../../../model/state/fresh-folio.ts";
import type { Folio } from "../../../model/state/structs.ts";

const ROOM = { pincount: 4, entireMapcount: 2 };

/** Fields that are not in struct folio, and fields that C code cannot change. */
const NOT_CARRIED: Readonly<Record<string, string>> = {
  allocated: "state of the allocator",
  swap: "the swap area is the model's",
};
const NOT_TAKEN_BACK: Readonly<Record<string, string>> = {
  nrPages: "no function in scope changes the order",
  index: "a changed index is reported",
  inPageCache: "no function in scope adds a folio to the page cache or removes it",
};

function folioOf(): Folio {
  return { ...freshFolio(8), nrPages: 8, refcount: 1, hpagePmdNr: 0, frameNumber: 1 };
}

function packed(folio: Folio): Int32Array {
  const exchange = new Int32Array(BufferField.size);
  packFolio(exchange, folio, ROOM);
  return exchange;
}

/** A change of one value of a folio. */
interface Change {
  readonly name: string;
  readonly apply: (folio: Folio) => void;
  readonly read: (folio: Folio) => unknown;
}

const other = (value: unknown): unknown => (typeof value === "boolean" ? !value : (value as number) + 1);

type Values = { [name: string]: unknown };

function changesOf(described: object, prefix: string, part: (folio: Folio) => object): Change[] {
  return (Object.entries(described) as [string, FieldDescription][])
    .filter(([, { ghost }]) => ghost !== true)
    .map(([name]) => ({
      name: `${prefix}${name}`,
      apply: (folio) => {
        const values = part(folio) as Values;
        values[name] = name === "nrPages" ? 4 : other(values[name]);
      },
      read: (folio) => (part(folio) as Values)[name],
    }));
}

const CHANGES: readonly Change[] = [
  ...changesOf(FOLIO_FIELDS, "", (folio) => folio),
  ...[0, 1].flatMap((i) => changesOf(SLOT_FIELDS, `slots[${i}].`, ({ slots }) => slots[i] as object)),
  ...[0, 7].flatMap((i) => changesOf(PAGE_FIELDS, `pages[${i}].`, ({ pages }) => pages[i] as object)),
];

test.each(CHANGES)("$name of a folio reaches C code, unless the kernel keeps it elsewhere", ({ name, apply }) => {
  const changed = folioOf();
  apply(changed);
  expect(sameFolio(packed(folioOf()), packed(changed), ROOM)).toBe(name in NOT_CARRIED);
});

test.each(CHANGES)("$name of a folio is taken back from C code, unless no function in scope changes it", (change) => {
  const { name, apply, read } = change;
  const changed = folioOf();
  apply(changed);
  const taken = folioOf();
  unpackFolio(packed(changed), taken, ROOM);
  const isTaken = !(name in NOT_CARRIED || name in NOT_TAKEN_BACK);
  expect(read(taken)).toBe(read(isTaken ? changed : folioOf()));
});
