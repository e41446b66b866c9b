/**
 * The functions that a compiler has inlined around an instruction, from the debug information that clang writes with
 * `-gline-tables-only`.
 *
 * @source the DWARF 4 standard, 7.5 "Format of Debugging Information", 2.17 "Code Addresses and Ranges"
 */
import { customContent } from "../module-functions.ts";
import type { ModuleSection } from "../module-sections.ts";
import { DwarfReader } from "./dwarf-reader.ts";

/** Names the functions that are inlined around an instruction, the outermost first; without the one that has it. */
export type InlinedAround = (address: number) => readonly string[];

const Tag = { inlinedSubroutine: 0x1d } as const;
const Attribute = { name: 0x03, lowPc: 0x11, highPc: 0x12, abstractOrigin: 0x31, ranges: 0x55 } as const;
const Form = {
  addr: 0x01,
  data2: 0x05,
  data4: 0x06,
  data8: 0x07,
  string: 0x08,
  data1: 0x0b,
  flag: 0x0c,
  strp: 0x0e,
  udata: 0x0f,
  ref4: 0x13,
  secOffset: 0x17,
  exprloc: 0x18,
  flagPresent: 0x19,
} as const;

/** How entries of a kind are encoded. */
interface Abbreviation {
  readonly tag: number;
  readonly hasChildren: boolean;
  readonly attributes: readonly (readonly [attribute: number, form: number])[];
}

/** Addresses, the end of each range excluded. */
type Ranges = readonly (readonly [low: number, high: number])[];

/** An inlined call. */
interface InlinedCall {
  /** Offset of the entry of the function that is called. */
  readonly origin: number;
  readonly ranges: Ranges;
  /** How many inlined calls it is in. */
  readonly depth: number;
}

/** Reads the inlined calls of a module; one without debug information has none. */
export function inlinedFunctions(sections: readonly ModuleSection[]): InlinedAround {
  const content = (name: string): Uint8Array => customContent(sections, name) ?? new Uint8Array();
  const info = content(".debug_info");
  if (info.length === 0) {
    return () => [];
  }
  const { calls, names } = readCalls(info, content(".debug_abbrev"), content(".debug_str"), content(".debug_ranges"));
  return (address) =>
    calls
      .filter(({ ranges }) => ranges.some(([low, high]) => low <= address && address < high))
      .sort((one, other) => one.depth - other.depth)
      .flatMap(({ origin }) => names.get(origin) ?? []);
}

/** Reads the one compilation unit that clang writes for one translation unit. */
function readCalls(
  info: Uint8Array,
  abbreviations: Uint8Array,
  strings: Uint8Array,
  rangeLists: Uint8Array,
): { readonly calls: readonly InlinedCall[]; readonly names: ReadonlyMap<number, string> } {
  const reader = new DwarfReader(info);
  const end = reader.u32() + 4;
  const version = reader.u16();
  if (version !== 4) {
    throw new Error(`cannot read debug information of DWARF version ${version}: it is 4 that clang is asked for`);
  }
  const kinds = readAbbreviations(new DwarfReader(abbreviations, reader.u32()));
  const addressBytes = reader.u8();
  const names = new Map<number, string>();
  const calls: InlinedCall[] = [];
  /** For each entry that is open, how many inlined calls it is in. */
  const open: number[] = [];
  while (reader.at < end) {
    const offset = reader.at;
    const kind = kinds.get(reader.unsigned());
    if (kind === undefined) {
      open.pop();
      continue;
    }
    const values = new Map<number, number | string>();
    for (const [attribute, form] of kind.attributes) {
      values.set(attribute, readValue(reader, form, addressBytes, strings));
    }
    const name = values.get(Attribute.name);
    if (typeof name === "string") {
      names.set(offset, name);
    }
    const depth = open.at(-1) ?? 0;
    const isInlined = kind.tag === Tag.inlinedSubroutine;
    if (isInlined) {
      const origin = values.get(Attribute.abstractOrigin) as number;
      calls.push({ origin, depth, ranges: rangesOf(values, addressBytes, rangeLists) });
    }
    if (kind.hasChildren) {
      open.push(isInlined ? depth + 1 : depth);
    }
  }
  return { calls, names };
}

function readAbbreviations(reader: DwarfReader): ReadonlyMap<number, Abbreviation> {
  const kinds = new Map<number, Abbreviation>();
  for (let code = reader.unsigned(); code !== 0; code = reader.unsigned()) {
    const tag = reader.unsigned();
    const hasChildren = reader.u8() !== 0;
    const attributes: [number, number][] = [];
    for (;;) {
      const pair: [number, number] = [reader.unsigned(), reader.unsigned()];
      if (pair[0] === 0) {
        break;
      }
      attributes.push(pair);
    }
    kinds.set(code, { tag, hasChildren, attributes });
  }
  return kinds;
}

/** A value that is a number or a name; 0 for one that is neither. @throws Error for a form that clang is not known to write */
function readValue(reader: DwarfReader, form: number, addressBytes: number, strings: Uint8Array): number | string {
  switch (form) {
    case Form.addr:
      return reader.address(addressBytes);
    case Form.data1:
    case Form.flag:
      return reader.u8();
    case Form.data2:
      return reader.u16();
    case Form.data4:
    case Form.ref4:
    case Form.secOffset:
      return reader.u32();
    case Form.data8:
      return reader.address(8);
    case Form.udata:
      return reader.unsigned();
    case Form.string:
      return reader.text();
    case Form.strp:
      return new DwarfReader(strings, reader.u32()).text();
    case Form.exprloc:
      reader.skip(reader.unsigned());
      return 0;
    case Form.flagPresent:
      return 1;
    default:
      throw new Error(`cannot read debug information with form ${form}`);
  }
}

/** Addresses of an entry. Those of a list are relative to the unit, which begins at 0. */
function rangesOf(values: ReadonlyMap<number, number | string>, addressBytes: number, rangeLists: Uint8Array): Ranges {
  const list = values.get(Attribute.ranges);
  if (typeof list !== "number") {
    const low = Number(values.get(Attribute.lowPc));
    return [[low, low + Number(values.get(Attribute.highPc))]];
  }
  const reader = new DwarfReader(rangeLists, list);
  const ranges: [number, number][] = [];
  for (;;) {
    const range: [number, number] = [reader.address(addressBytes), reader.address(addressBytes)];
    if (range[0] === 0 && range[1] === 0) {
      return ranges;
    }
    ranges.push(range);
  }
}
