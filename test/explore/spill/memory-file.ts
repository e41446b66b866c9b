/** A file of states in memory, for searches with limits that are too small for a usual one. */
import type { Machine } from "../../../explore/model/machine.ts";
import type { Spill } from "../../../explore/visited/spilling-store.ts";
import { SpillFailed, type StateFile } from "../../../explore/visited/state-file.ts";

/** Fault injection: segments that cannot be written, or pieces that cannot be read. */
export interface Faults {
  /** Number of segments after which none can be written. */
  readonly full?: number;
  /** Number of pieces after which none can be read. */
  readonly unreadable?: number;
}

/** A file, with the number of its pieces that were written or read. */
export class MemoryFile implements StateFile {
  written = 0;
  read = 0;
  isClosed = false;
  private readonly faults: Faults;
  private readonly segments: { readonly states: Int32Array; readonly parents: Uint32Array }[] = [];

  constructor(faults: Faults = {}) {
    this.faults = faults;
  }

  append(states: Int32Array, parents: Uint32Array): void {
    if (this.written === this.faults.full) {
      throw new SpillFailed("the disk is full");
    }
    this.written += 1;
    this.segments.push({ states: states.slice(), parents: parents.slice() });
  }

  readStates(segment: number, states: Int32Array): void {
    states.set(this.piece(segment).states);
  }

  readParents(segment: number, parents: Uint32Array): void {
    parents.set(this.piece(segment).parents);
  }

  close(): void {
    this.isClosed = true;
  }

  private piece(segment: number): { readonly states: Int32Array; readonly parents: Uint32Array } {
    const piece = this.segments[segment];
    if (piece === undefined || this.isClosed || this.read === this.faults.unreadable) {
      throw new SpillFailed("the disk is broken");
    }
    this.read += 1;
    return piece;
  }
}

/** Options of a search that moves states out of memory. */
export interface Spilling {
  readonly budget: { readonly maxMemoryBytes: number };
  readonly spill: Spill;
}

/**
 * The options of a search with memory for two small tables, the successors of 16 states, and few other states.
 *
 * @param files receives the file, if there is one
 */
export function spilling(
  { words, actions, properties }: Machine,
  files: MemoryFile[] = [],
  faults: Faults = {},
): Spilling {
  const states = 16 * actions.reduce((sum, { instances }) => sum + instances, 0) + 40;
  const slots = 2 ** Math.ceil(Math.log2(states / 0.75));
  const stateBytes = 4 * (2 * (words + 1) + 1 + Math.ceil(properties.length / 32));
  return {
    // With the filter of a look-up.
    budget: { maxMemoryBytes: 2 * 4 * slots + states * (stateBytes + 4) + 48 * stateBytes },
    spill: {
      segmentBits: 4,
      chunk: 16,
      open: () => {
        const file = new MemoryFile(faults);
        files.push(file);
        return file;
      },
    },
  };
}
