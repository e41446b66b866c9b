/**
 * x86-TSO: each CPU's stores are queued in a first-in, first-out buffer, which its own loads read first; locked
 * instructions and smp_mb() wait until it is empty.
 *
 * @source Sewell et al., x86-TSO: A Rigorous and Usable Programmer's Model (2010)
 */
import { at, int, type StructField, struct } from "../explore/model/schema.ts";
import type { Access } from "./access.ts";
import { type Cells, StateMemory } from "./cells.ts";

/** A store that has not reached memory. */
export interface BufferedStore {
  /** Index of the cell plus one; 0 for a free place of the buffer. */
  cell: number;
  value: number;
  /** Whether it is one store with the previous entry: cells of one word. */
  continues: boolean;
}

/** Range of cell values in buffers and histories: they are counts within bounds. */
export const LEAST_VALUE = -64;
export const MOST_VALUE = 191;

/** Schema of a place in a buffer. */
export function bufferSchema({ all }: Cells): StructField<BufferedStore> {
  return struct({ cell: int(0, all.length), value: int(LEAST_VALUE, MOST_VALUE, 0), continues: BOOL });
}

const BOOL = { kind: "bool", initial: false } as const;

/** Memory as seen by the CPU whose buffer is set. */
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

  /** Whether it is an unlock without pending stores. It may reach memory at once: other CPUs can only wait for it. */
  isEmptyUnlock({ kind }: Access): boolean {
    this.continues = false;
    return kind === "unlock" && (this.buffer.length === 0 || at(this.buffer, 0).cell === 0);
  }

  /** Writes the oldest store to memory. @returns false if there is none */
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
