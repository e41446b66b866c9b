/** Opaque words of a folio in the exchange buffer: the C code uses them and the model has no field for them. */
import { at } from "../../explore/model/schema.ts";
import { BufferField } from "../harness/harness.ts";

/** A folio with opaque words, each in two halves. */
export interface WithOpaqueWords {
  readonly extra: readonly { low: number; high: number }[];
}

/** Encodes the opaque words. */
export function packOpaqueWords(exchange: Int32Array, { extra }: WithOpaqueWords): void {
  for (let i = 0; i < extra.length; i++) {
    const { low, high } = at(extra, i);
    exchange[BufferField.opaqueWords + i] = low | (high << 16);
  }
}

/** Decodes the opaque words. */
export function unpackOpaqueWords(exchange: Int32Array, { extra }: WithOpaqueWords): void {
  for (let i = 0; i < extra.length; i++) {
    const word = at(extra, i);
    const bits = exchange[BufferField.opaqueWords + i] as number;
    word.low = bits & 0xffff;
    word.high = bits >>> 16;
  }
}
