/** A file of states in memory, for searches with limits that are too small for a usual one. */
import type { Machine } from "../../../explore/model/machine.ts";
import type { Budget } from "../../../explore/search/budget.ts";
import type { Spill } from "../../../explore/visited/spilling-store.ts";
import type { StateFile } from "../../../explore/visited/state-file.ts";

/** A file, with the number of its pieces that were written or read. */
export class MemoryFile implements StateFile {
  written = 0;
  read = 0;
  isClosed = false;
  private readonly segments: { readonly states: Int32Array; readonly parents: Uint32Array }[] = [];

  append(states: Int32Array, parents: Uint32Array): void {
    this.written += 1;
    this.segments.push({ states: states.slice(), parents: parents.slice() });
  }

  readStates(segment: number, states: Int32Array): void {
    this.read += 1;
    states.set(this.segments[segment]?.states ?? []);
  }

  readParents(segment: number, parents: Uint32Array): void {
    parents.set(this.segments[segment]?.parents ?? []);
  }

  close(): void {
    this.isClosed = true;
  }
}

/**
 * The options of a search of a machine with memory for two small tables, the successors of 16 states, and few other
 * states.
 *
 * @param files receives the file, if there is one
 */
export function spilling(
  { words, actions, properties }: Machine,
  files: MemoryFile[] = [],
): { readonly budget: Budget; readonly spill: Spill } {
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
        const file = new MemoryFile();
        files.push(file);
        return file;
      },
    },
  };
}
