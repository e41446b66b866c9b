/**
 * Reads the source lines of instructions from the debug information that clang writes.
 *
 * @source the DWARF 4 standard, 6.2 "Line Number Information"
 */
import { posix } from "node:path";
import type { SourcePlace } from "../../../model/kernel/call-node.ts";
import { isDiscarded } from "./discarded.ts";
import { DwarfReader } from "./dwarf-reader.ts";

/** Returns the source line of an instruction; undefined if it has none. */
export type LineOf = (address: number) => SourcePlace | undefined;

/** A row of the table: valid from its address up to that of the next row. Line 0 is no line. */
export interface LineRow {
  readonly address: number;
  readonly file: string;
  readonly line: number;
}

/** The line table of a module. */
export interface LineTable {
  /** Rows by ascending address. */
  readonly rows: readonly LineRow[];
  /** Rows of code that the linker removed: it has no addresses. */
  readonly discarded: readonly LineRow[];
}

/** Opcodes of a line number program. */
const Standard = {
  extended: 0,
  copy: 1,
  advancePc: 2,
  advanceLine: 3,
  setFile: 4,
  setColumn: 5,
  constAddPc: 8,
  fixedAdvancePc: 9,
} as const;
const Extended = { endSequence: 1, setAddress: 2 } as const;

/** Reads a line table. @param content content of the section `.debug_line` */
export function lineTable(content: Uint8Array): LineOf {
  const { rows } = readLineTable(content);
  return (address) => {
    let low = 0;
    for (let high = rows.length; low < high; ) {
      const middle = (low + high) >> 1;
      if ((rows[middle] as LineRow).address <= address) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    const row = rows[low - 1];
    return row === undefined || row.line === 0 ? undefined : { file: row.file, line: row.line };
  };
}

/**
 * Reads the rows of a line table.
 *
 * @param content content of the section `.debug_line`: line number programs of version 4, one for each translation unit
 */
export function readLineTable(content: Uint8Array): LineTable {
  const reader = new DwarfReader(content);
  const sequences: LineRow[][] = [];
  while (reader.at < content.length) {
    sequences.push(...readProgram(reader));
  }
  const start = ([first]: LineRow[]): number => first?.address ?? 0;
  const linked = sequences.filter((rows) => !isDiscarded(start(rows)));
  return {
    // Sequences are sorted as a whole: the end of one and the start of the next may have the same address.
    rows: linked.sort((one, other) => start(one) - start(other)).flat(),
    discarded: sequences.filter((rows) => isDiscarded(start(rows))).flat(),
  };
}

/** Returns the names of the files of the program at an offset of the section, by number minus 1. */
export function filesOfProgram(content: Uint8Array, offset: number): readonly string[] {
  return readHeader(new DwarfReader(content, offset)).files;
}

interface Header {
  readonly end: number;
  readonly lineBase: number;
  readonly lineRange: number;
  readonly opcodeBase: number;
  readonly operands: readonly number[];
  readonly files: readonly string[];
}

/** Reads the header of a program, and leaves the reader at the first opcode. */
function readHeader(reader: DwarfReader): Header {
  const length = reader.u32();
  const end = reader.at + length;
  const version = reader.u16();
  if (version !== 4) {
    throw new Error(`cannot read line numbers of DWARF version ${version}: clang was to write version 4`);
  }
  const start = reader.u32() + reader.at;
  reader.skip(3); // minimum_instruction_length, maximum_operations_per_instruction, default_is_stmt: 1 each
  const lineBase = reader.i8();
  const lineRange = reader.u8();
  const opcodeBase = reader.u8();
  const operands = Array.from({ length: opcodeBase - 1 }, () => reader.u8());
  const folders = readStrings(reader);
  const files: string[] = [];
  for (let name = reader.text(); name !== ""; name = reader.text()) {
    const folder = reader.unsigned();
    reader.unsigned();
    reader.unsigned();
    files.push(posix.normalize(folder === 0 ? name : `${folders[folder - 1]}/${name}`));
  }
  reader.at = start;
  return { end, lineBase, lineRange, opcodeBase, operands, files };
}

/** Reads one program: sequences of rows, each by ascending address. */
function readProgram(reader: DwarfReader): LineRow[][] {
  const { end, lineBase, lineRange, opcodeBase, operands, files } = readHeader(reader);
  const sequences: LineRow[][] = [];
  let rows: LineRow[] = [];
  let address = 0;
  let file = 1;
  let line = 1;
  const row = (): void => {
    rows.push({ address, file: files[file - 1] ?? "?", line });
  };
  while (reader.at < end) {
    const op = reader.u8();
    if (op >= opcodeBase) {
      address += Math.floor((op - opcodeBase) / lineRange);
      line += lineBase + ((op - opcodeBase) % lineRange);
      row();
      continue;
    }
    switch (op) {
      case Standard.extended: {
        const next = reader.unsigned() + reader.at;
        const extended = reader.u8();
        if (extended === Extended.endSequence) {
          rows.push({ address, file: "", line: 0 });
          sequences.push(rows);
          rows = [];
          [address, file, line] = [0, 1, 1];
        } else if (extended === Extended.setAddress) {
          // The address has 4 or 8 bytes; it is below 2^32, as a module is smaller.
          address = reader.u32();
        }
        reader.at = next;
        break;
      }
      case Standard.copy:
        row();
        break;
      case Standard.advancePc:
        address += reader.unsigned();
        break;
      case Standard.advanceLine:
        line += reader.signed();
        break;
      case Standard.setFile:
        file = reader.unsigned();
        break;
      case Standard.constAddPc:
        address += Math.floor((255 - opcodeBase) / lineRange);
        break;
      case Standard.fixedAdvancePc:
        address += reader.u16();
        break;
      default:
        for (let left = operands[op - 1] ?? 0; left > 0; left--) {
          reader.unsigned();
        }
    }
  }
  return sequences;
}

function readStrings(reader: DwarfReader): string[] {
  const strings: string[] = [];
  for (let text = reader.text(); text !== ""; text = reader.text()) {
    strings.push(text);
  }
  return strings;
}
