/** Differences between the folio of the compiled kernel and that of the model. */
import { BufferField, MOST_PAGES } from "../harness/harness.ts";
import type { FieldDifference, FolioFieldName } from "./call-fault.ts";
import { FLAGS, type Holders, NUMBERS, PAGE_WORDS, SLOT_WORDS } from "./exchanged-fields.ts";
import type { FolioRoom } from "./instance.ts";

/** A word of a folio: `index` is the number of the owner slot or of the page. */
interface Word {
  readonly field: FolioFieldName;
  readonly position: number;
  readonly index?: number;
}

/** Compares two exchange buffers and returns the fields that differ. */
export function folioDifferences(compiled: Int32Array, model: Int32Array, room: FolioRoom): FieldDifference[] {
  const nrPages = compiled[BufferField.nrPages] as number;
  const holds: { readonly [H in Holders]: boolean } = {
    all: true,
    large: nrPages > 1,
    entireMapcount: nrPages >= room.entireMapcount,
    pincount: nrPages >= room.pincount,
  };
  const words: Word[] = [
    ...NUMBERS.filter(({ holders }) => holds[holders]).flatMap(({ words: each }) =>
      each.map(({ position, differs }) => ({ field: differs, position })),
    ),
    ...(holds.large
      ? SLOT_WORDS.map(({ differs, slot, position }) => ({ field: differs, index: slot, position }))
      : []),
    ...PAGE_WORDS.flatMap(({ differs, position }) =>
      Array.from({ length: Math.min(nrPages, MOST_PAGES) }, (_, index) => ({
        field: differs,
        index,
        position: position + index,
      })),
    ),
  ];
  const numbers = words
    .filter(({ position }) => compiled[position] !== model[position])
    .map(
      ({ position, ...word }): FieldDifference => ({
        kind: "field",
        ...word,
        compiled: compiled[position] as number,
        model: model[position] as number,
      }),
    );
  const has = (exchange: Int32Array, bit: number): boolean => ((exchange[BufferField.flags] as number) & bit) !== 0;
  const flags = FLAGS.filter(({ bit }) => has(compiled, bit) !== has(model, bit)).map(
    ({ differs, bit }): FieldDifference => ({
      kind: "field",
      field: differs,
      compiled: has(compiled, bit),
      model: has(model, bit),
    }),
  );
  return [...numbers, ...flags];
}
