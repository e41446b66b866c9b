/** Decodes numbers and strings of DWARF 4 debug information. */
import { readLeb128, readSignedLeb128 } from "../sections.ts";

const decoder = new TextDecoder();

/** Reads the numbers and strings of a section sequentially. */
export class DwarfReader {
  at: number;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;

  /** @param at position of the first read, in bytes */
  constructor(bytes: Uint8Array, at: number = 0) {
    this.at = at;
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  u8(): number {
    return this.#view.getUint8(this.at++);
  }

  i8(): number {
    return this.#view.getInt8(this.at++);
  }

  u16(): number {
    this.at += 2;
    return this.#view.getUint16(this.at - 2, true);
  }

  u32(): number {
    this.at += 4;
    return this.#view.getUint32(this.at - 4, true);
  }

  /** @param bytes 4 or 8; the value must fit into 32 bits */
  address(bytes: number): number {
    const value = this.u32();
    this.skip(bytes - 4);
    return value;
  }

  skip(bytes: number): void {
    this.at += bytes;
  }

  unsigned(): number {
    const { value, next } = readLeb128(this.#bytes, this.at);
    this.at = next;
    return value;
  }

  /** Reads a signed number of up to 32 bits. */
  signed(): number {
    const { value, next } = readSignedLeb128(this.#bytes, this.at) as { value: number; next: number };
    this.at = next;
    return value;
  }

  /** Reads a zero-terminated string. */
  text(): string {
    const start = this.at;
    this.at = this.#bytes.indexOf(0, start) + 1;
    return decoder.decode(this.#bytes.subarray(start, this.at - 1));
  }
}
