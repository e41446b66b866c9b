/** The parts of the binary format of WebAssembly modules that are needed to rewrite finished modules. */

/** Ids of sections. */
export const Section = {
  custom: 0,
  type: 1,
  import: 2,
  function: 3,
  table: 4,
  memory: 5,
  global: 6,
  export: 7,
  element: 9,
  code: 10,
} as const;

/** A section of a module. */
export interface ModuleSection {
  readonly id: number;
  readonly content: Uint8Array;
}

/** Length of magic number and version. */
const HEADER_BYTES = 8;

/** Returns the sections of a module, in their order. */
export function sectionsOf(module: Uint8Array): ModuleSection[] {
  const sections: ModuleSection[] = [];
  let position = HEADER_BYTES;
  while (position < module.length) {
    const size = readLeb128(module, position + 1);
    sections.push({
      id: module[position] as number,
      content: module.subarray(size.next, size.next + size.value),
    });
    position = size.next + size.value;
  }
  return sections;
}

/** Returns a module with the given sections. @param module a module with the same header */
export function withSections(module: Uint8Array, sections: readonly ModuleSection[]): Uint8Array<ArrayBuffer> {
  const parts = sections.flatMap(({ id, content }) => [Uint8Array.of(id), leb128(content.length), content]);
  return joined([module.subarray(0, HEADER_BYTES), ...parts]);
}

/** Concatenates arrays of bytes. */
export function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let position = 0;
  for (const part of parts) {
    all.set(part, position);
    position += part.length;
  }
  return all;
}

/** Decodes an unsigned number of up to 32 bits; `next` is the position after it. */
export function readLeb128(bytes: Uint8Array, start: number): { value: number; next: number } {
  let value = 0;
  let shift = 0;
  let next = start;
  for (;;) {
    const byte = bytes[next] as number;
    next += 1;
    value |= (byte & 0x7f) << shift;
    if ((byte & 0x80) === 0) {
      return { value: value >>> 0, next };
    }
    shift += 7;
  }
}

/** Encodes an unsigned number of up to 32 bits. */
export function leb128(value: number): Uint8Array {
  const bytes: number[] = [];
  for (let rest = value; ; rest >>>= 7) {
    if (rest < 0x80) {
      return Uint8Array.from([...bytes, rest]);
    }
    bytes.push((rest & 0x7f) | 0x80);
  }
}

/** Encodes a signed number of up to 32 bits. */
export function signedLeb128(value: number): Uint8Array {
  const bytes: number[] = [];
  for (let rest = value | 0; ; rest >>= 7) {
    const byte = rest & 0x7f;
    if (rest >> 6 === 0 || rest >> 6 === -1) {
      return Uint8Array.from([...bytes, byte]);
    }
    bytes.push(byte | 0x80);
  }
}

/** Decodes a signed number of up to 32 bits; `next` is the position after it. Undefined for a longer number. */
export function readSignedLeb128(bytes: Uint8Array, start: number): { value: number; next: number } | undefined {
  const { value, next } = readLeb128(bytes, start);
  const bits = 7 * (next - start);
  if (bits > 35) {
    return undefined;
  }
  const sign = ((bytes[next - 1] as number) & 0x40) !== 0;
  return { value: bits < 32 && sign ? value | (-1 << bits) : value | 0, next };
}
