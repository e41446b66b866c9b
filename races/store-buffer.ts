/**
 * x86-TSO: stores wait in a first-in, first-out buffer of their CPU, which its own loads see; locked instructions and
 * smp_mb() wait until it is empty. @source Sewell et al., x86-TSO: A Rigorous and Usable Programmer's Model (2010)
 */
import { at, int, type StructField, struct } from "../explore/model/schema.ts";
import type { Access } from "./access.ts";
import { type Cells, StateMemory } from "./cells.ts";

/** A store that is not in memory yet. */
export interface BufferedStore {
  /** Index of the cell plus one; 0 for an empty place of the buffer. */
  cell: number;
  value: number;
  /** Whether the store before it and this one are one: cells of one word. */
  continues: boolean;
}

/** Values of cells are small numbers: counts within bounds. */
export const LEAST_REMEMBERED = -64;
export const MOST_REMEMBERED = 191;

/** Schema of a place in a buffer. */
export function bufferSchema({ all }: Cells): StructField<BufferedStore> {
  return struct({ cell: int(0, all.length), value: int(LEAST_REMEMBERED, MOST_REMEMBERED, 0), continues: BOOL });
}

const BOOL = { kind: "bool", initial: false } as const;

/** Memory as the CPU sees it whose buffer is set. */
export class StoreBufferMemory extends StateMemory {
  buffer: readonly BufferedStore[] = [];
  /** Whether writes go to the buffer. */
  isBuffering = false;
  private continues = false;

  override read(cell: number): number {
    const { buffer } = this;
    for (let i = buffer.length - 1; i >= 0; i--) {
      const each = at(buffer, i);
      if (each.cell === cell + 1) {
        return each.value;
      }
    }
    return super.read(cell);
  }

  override write(cell: number, value: number): void {
    if (!this.isBuffering) {
      super.write(cell, value);
      return;
    }
    const { buffer } = this;
    let i = 0;
    while (i < buffer.length && at(buffer, i).cell !== 0) {
      i++;
    }
    const free = at(buffer, i);
    free.cell = cell + 1;
    free.value = value;
    free.continues = this.continues;
    this.continues = true;
  }

  /** An unlock that no store waits before may reach memory at once: until then others can only wait for it. */
  isEmptyUnlock({ kind }: Access): boolean {
    this.continues = false;
    return kind === "unlock" && (this.buffer.length === 0 || at(this.buffer, 0).cell === 0);
  }

  /** The oldest store reaches memory. @returns false when there is none */
  drain(state: unknown, cpu: { readonly buffer: readonly BufferedStore[] }): boolean {
    const { buffer } = cpu;
    if (at(buffer, 0).cell === 0) {
      return false;
    }
    this.state = state;
    this.assignment = cpu as unknown as StateMemory["assignment"];
    do {
      const { cell, value } = at(buffer, 0);
      super.write(cell - 1, value);
      for (let i = 0; i + 1 < buffer.length; i++) {
        const [to, from] = [at(buffer, i), at(buffer, i + 1)];
        to.cell = from.cell;
        to.value = from.value;
        to.continues = from.continues;
      }
      const last = at(buffer, buffer.length - 1);
      last.cell = 0;
      last.value = 0;
      last.continues = false;
    } while (at(buffer, 0).continues);
    return true;
  }
}
