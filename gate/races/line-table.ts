/**
 * Lines of the C text by address of an instruction, from the debug information that clang writes.
 *
 * @source the DWARF 4 standard, 6.2 "Line Number Information"
 */
import { DwarfReader } from "./dwarf-reader.ts";

/** Finds the place of an instruction, such as `mm/rmap.c:1261`; undefined for one that has none. */
export type LineOf = (address: number) => string | undefined;

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

/** A row of the table: holds from its address to that of the next. A line of 0: no place. */
interface Row {
  readonly address: number;
  readonly file: number;
  readonly line: number;
}

/**
 * Reads a table.
 *
 * @param content of the section `.debug_line`: one program of version 4, as clang writes for one translation unit
 */
export function lineTable(content: Uint8Array): LineOf {
  const { files, rows } = readProgram(content);
  const sorted = [...rows].sort((one, other) => one.address - other.address);
  return (address) => {
    let low = 0;
    for (let high = sorted.length; low < high; ) {
      const middle = (low + high) >> 1;
      if ((sorted[middle] as Row).address <= address) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    const row = sorted[low - 1];
    return row === undefined || row.line === 0 ? undefined : `${files[row.file - 1] ?? "?"}:${row.line}`;
  };
}

function readProgram(content: Uint8Array): { files: readonly string[]; rows: readonly Row[] } {
  const reader = new DwarfReader(content);
  const end = reader.u32() + 4;
  const version = reader.u16();
  if (version !== 4) {
    throw new Error(`cannot read line numbers of DWARF version ${version}: it is 4 that clang is asked for`);
  }
  const start = reader.u32() + reader.at;
  reader.at += 3; // minimum_instruction_length, maximum_operations_per_instruction, default_is_stmt: 1 each
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
    files.push(folder === 0 ? name : `${folders[folder - 1]}/${name}`);
  }
  reader.at = start;
  const rows: Row[] = [];
  let address = 0;
  let file = 1;
  let line = 1;
  const row = (): void => {
    rows.push({ address, file, line });
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
          rows.push({ address, file, line: 0 });
          [address, file, line] = [0, 1, 1];
        } else if (extended === Extended.setAddress) {
          // Of 4 or 8 bytes; a module has fewer than 2^32.
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
  return { files, rows };
}

function readStrings(reader: DwarfReader): string[] {
  const strings: string[] = [];
  for (let text = reader.text(); text !== ""; text = reader.text()) {
    strings.push(text);
  }
  return strings;
}
