/**
 * Reads the compiled functions of a module and the functions inlined into them, from the debug information that clang
 * writes with `-gline-tables-only`.
 *
 * @source the DWARF 4 standard, 7.5 "Format of Debugging Information", 2.17 "Code Addresses and Ranges"
 */
import { customContent } from "../functions.ts";
import type { ModuleSection } from "../sections.ts";
import { isDiscarded } from "./discarded.ts";
import { DwarfReader } from "./dwarf-reader.ts";
import { filesOfProgram } from "./line-table.ts";

/** A function of the C source. */
export interface SourceFunction {
  readonly name: string;
  /** Place of its definition, with `-fdebug-info-for-profiling`; without, empty and 0. */
  readonly file: string;
  readonly line: number;
}

/** The code of a compiled function, or of one inlined call. */
export interface Scope {
  readonly function: SourceFunction;
  /** Address ranges, the ends excluded. */
  readonly ranges: Ranges;
  /** The scope that it is inlined into; undefined for a compiled function. */
  readonly parent: Scope | undefined;
  /** The calls inlined into it. */
  readonly inlined: readonly Scope[];
}

type Ranges = readonly (readonly [low: number, high: number])[];

/**
 * Returns the names of the inlined functions that contain an instruction, the outermost first, without the compiled
 * function.
 */
export type InlinedAround = (address: number) => readonly string[];

/** The innermost scope of the code from an address up to the next row's address; undefined for none. */
export interface ScopeRow {
  readonly address: number;
  readonly scope: Scope | undefined;
}

const Tag = { compileUnit: 0x11, inlinedSubroutine: 0x1d, subprogram: 0x2e } as const;
const Attribute = {
  name: 0x03,
  statementList: 0x10,
  lowPc: 0x11,
  highPc: 0x12,
  abstractOrigin: 0x31,
  declarationFile: 0x3a,
  declarationLine: 0x3b,
  ranges: 0x55,
} as const;
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

/** The encoding of a kind of entries. */
interface Abbreviation {
  readonly tag: number;
  readonly hasChildren: boolean;
  readonly attributes: readonly (readonly [attribute: number, form: number])[];
}

/** The sections with debug information. */
interface DebugSections {
  readonly info: Uint8Array;
  readonly abbreviations: Uint8Array;
  readonly strings: Strings;
  readonly ranges: Uint8Array;
  readonly lines: Uint8Array;
}

/**
 * Returns the compiled functions of a module, without those that the linker removed; none without debug information.
 */
export function compiledScopes(sections: readonly ModuleSection[]): readonly Scope[] {
  const content = (name: string): Uint8Array => customContent(sections, name) ?? new Uint8Array();
  const debug: DebugSections = {
    info: content(".debug_info"),
    abbreviations: content(".debug_abbrev"),
    strings: new Strings(content(".debug_str")),
    ranges: content(".debug_ranges"),
    lines: content(".debug_line"),
  };
  const functions: Scope[] = [];
  for (let at = 0; at < debug.info.length; ) {
    const unit = readUnit(debug, at);
    functions.push(...unit.functions);
    at = unit.end;
  }
  return functions;
}

/** Reads the inlined calls of a module; none without debug information. */
export function inlinedFunctions(sections: readonly ModuleSection[]): InlinedAround {
  const functions = compiledScopes(sections);
  const around = (scopes: readonly Scope[], address: number): readonly Scope[] => {
    const scope = scopes.find(({ ranges }) => ranges.some(([low, high]) => low <= address && address < high));
    return scope === undefined ? [] : [scope, ...around(scope.inlined, address)];
  };
  return (address) =>
    around(functions, address)
      .slice(1)
      .map((scope) => scope.function.name);
}

/** Returns the innermost scopes of all code, by ascending address. */
export function scopeRows(functions: readonly Scope[]): readonly ScopeRow[] {
  const rows: ScopeRow[] = [];
  const add = (scope: Scope, outside: Scope | undefined, low: number, high: number): void => {
    let from = low;
    const inside = scope.inlined
      .flatMap((each) => each.ranges.map((range) => ({ each, range })))
      .filter(({ range }) => range[0] >= low && range[1] <= high && range[0] < range[1])
      .sort((one, other) => one.range[0] - other.range[0]);
    rows.push({ address: from, scope });
    for (const { each, range } of inside) {
      add(each, scope, range[0], range[1]);
      from = range[1];
    }
    rows.push({ address: high, scope: outside });
  };
  const linked = functions.flatMap((scope) => scope.ranges.map((range) => ({ scope, range })));
  for (const { scope, range } of linked.sort((one, other) => one.range[0] - other.range[0])) {
    add(scope, undefined, range[0], range[1]);
  }
  return rows;
}

/** An entry of `.debug_info`, with the attributes that are read. */
interface Entry {
  readonly tag: number;
  readonly children: Entry[];
  name: string;
  statementList: number | undefined;
  low: number | undefined;
  /** Number of bytes from the low address. */
  size: number;
  ranges: number | undefined;
  origin: number | undefined;
  file: number;
  line: number;
}

function setAttribute(entry: Entry, attribute: number, value: number | string): void {
  switch (attribute) {
    case Attribute.name:
      entry.name = String(value);
      break;
    case Attribute.statementList:
      entry.statementList = Number(value);
      break;
    case Attribute.lowPc:
      entry.low = Number(value);
      break;
    case Attribute.highPc:
      entry.size = Number(value);
      break;
    case Attribute.ranges:
      entry.ranges = Number(value);
      break;
    case Attribute.abstractOrigin:
      entry.origin = Number(value);
      break;
    case Attribute.declarationFile:
      entry.file = Number(value);
      break;
    case Attribute.declarationLine:
      entry.line = Number(value);
      break;
    default:
  }
}

/** The strings of `.debug_str`, each decoded once. */
class Strings {
  readonly #reader: DwarfReader;
  readonly #texts = new Map<number, string>();

  constructor(content: Uint8Array) {
    this.#reader = new DwarfReader(content);
  }

  at(offset: number): string {
    let text = this.#texts.get(offset);
    if (text === undefined) {
      this.#reader.at = offset;
      text = this.#reader.text();
      this.#texts.set(offset, text);
    }
    return text;
  }
}

const NO_CHILDREN: Entry[] = [];

/** Reads one compilation unit. @param start its offset in `.debug_info` */
function readUnit(debug: DebugSections, start: number): { readonly functions: readonly Scope[]; readonly end: number } {
  const reader = new DwarfReader(debug.info, start);
  const length = reader.u32();
  const end = reader.at + length;
  const version = reader.u16();
  if (version !== 4) {
    throw new Error(`cannot read debug information of DWARF version ${version}: clang was to write version 4`);
  }
  const kinds = readAbbreviations(new DwarfReader(debug.abbreviations, reader.u32()));
  const addressBytes = reader.u8();
  const entries = new Map<number, Entry>();
  const top: Entry[] = [];
  const open: Entry[][] = [top];
  while (reader.at < end) {
    const offset = reader.at - start;
    const kind = kinds.get(reader.unsigned());
    if (kind === undefined) {
      open.pop();
      continue;
    }
    const entry: Entry = {
      tag: kind.tag,
      children: kind.hasChildren ? [] : NO_CHILDREN,
      name: "",
      statementList: undefined,
      low: undefined,
      size: 0,
      ranges: undefined,
      origin: undefined,
      file: 0,
      line: 0,
    };
    for (const [attribute, form] of kind.attributes) {
      setAttribute(entry, attribute, readValue(reader, form, addressBytes, debug.strings));
    }
    entries.set(offset, entry);
    open.at(-1)?.push(entry);
    if (kind.hasChildren) {
      open.push(entry.children);
    }
  }
  return { functions: scopesOf(top, entries, addressBytes, debug), end };
}

function scopesOf(
  top: readonly Entry[],
  entries: ReadonlyMap<number, Entry>,
  addressBytes: number,
  debug: DebugSections,
): readonly Scope[] {
  const statements = top.find(({ tag }) => tag === Tag.compileUnit)?.statementList;
  const files = statements === undefined ? [] : filesOfProgram(debug.lines, statements);
  const functions = new Map<Entry, SourceFunction>();
  const functionOf = (entry: Entry): SourceFunction => {
    if (entry.origin !== undefined) {
      return functionOf(entries.get(entry.origin) as Entry);
    }
    const { name, file, line } = entry;
    const own = functions.get(entry) ?? { name, file: files[file - 1] ?? "", line };
    functions.set(entry, own);
    return own;
  };
  const within = (parent: Scope | undefined, children: readonly Entry[]): Scope[] =>
    children.flatMap((entry) => {
      const ranges = rangesOf(entry, addressBytes, debug.ranges);
      const isCode =
        entry.tag === (parent === undefined ? Tag.subprogram : Tag.inlinedSubroutine) && ranges !== undefined;
      if (!isCode) {
        return within(parent, entry.children);
      }
      const inlined: Scope[] = [];
      const scope: Scope = { function: functionOf(entry), ranges, parent, inlined };
      inlined.push(...within(scope, entry.children));
      return [scope];
    });
  return within(undefined, top);
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

/**
 * Reads a number or a string; 0 for a value of another kind.
 *
 * @throws Error for a form that clang is not known to use
 */
function readValue(reader: DwarfReader, form: number, addressBytes: number, strings: Strings): number | string {
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
      return strings.at(reader.u32());
    case Form.exprloc:
      reader.skip(reader.unsigned());
      return 0;
    case Form.flagPresent:
      return 1;
    default:
      throw new Error(`cannot read debug information with form ${form}`);
  }
}

/**
 * Returns the address ranges of an entry; undefined for an entry without code. Addresses in a list are relative to the
 * unit, which begins at 0. Code that the linker removed has none.
 */
function rangesOf(
  { low, size, ranges: list }: Entry,
  addressBytes: number,
  rangeLists: Uint8Array,
): Ranges | undefined {
  if (list === undefined) {
    return low === undefined ? undefined : linked([[low, low + size]]);
  }
  const reader = new DwarfReader(rangeLists, list);
  const ranges: [number, number][] = [];
  for (;;) {
    const range: [number, number] = [reader.address(addressBytes), reader.address(addressBytes)];
    if (range[0] === 0 && range[1] === 0) {
      return linked(ranges);
    }
    ranges.push(range);
  }
}

function linked(ranges: Ranges): Ranges {
  return ranges.filter(([low]) => !isDiscarded(low));
}
