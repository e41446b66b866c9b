/**
 * A file of visited states that a search has moved out of memory. Its name is removed as soon as it is open, so that
 * nothing is left behind, however the process ends. Checksums of all pieces are in memory, and are verified by every
 * read.
 */
import { randomUUID } from "node:crypto";
import { closeSync, openSync, readSync, unlinkSync, writeSync } from "node:fs";
import { join } from "node:path";
import { checksum, type Words } from "../packed/checksum.ts";
import type { Spill } from "./spilling-store.ts";
import { SpillFailed, type StateFile } from "./state-file.ts";

/** Moves states to files in a folder, which must exist. */
export function spillTo(folder: string): Spill {
  return { open: (words, segmentStates) => new SpillFile(folder, words, segmentStates) };
}

/** A file of segments: for each its states, then their parents. */
class SpillFile implements StateFile {
  private readonly folder: string;
  private readonly file: number;
  private readonly stateBytes: number;
  private readonly segmentBytes: number;
  /** Checksums of the states of each segment, and of their parents. */
  private readonly sums: { readonly states: number; readonly parents: number }[] = [];

  constructor(folder: string, words: number, segmentStates: number) {
    this.folder = folder;
    this.stateBytes = 4 * words * segmentStates;
    this.segmentBytes = this.stateBytes + 4 * segmentStates;
    this.file = this.attempt("create a file in", () => {
      const path = join(folder, `states-${randomUUID()}.spill`);
      const file = openSync(path, "wx+", 0o600);
      unlinkSync(path);
      return file;
    });
  }

  append(states: Int32Array, parents: Uint32Array): void {
    const at = this.sums.length * this.segmentBytes;
    this.attempt("move states to", () => {
      this.write(states, at);
      this.write(parents, at + this.stateBytes);
    });
    this.sums.push({ states: checksum(states, 0), parents: checksum(parents, 0) });
  }

  readStates(segment: number, states: Int32Array): void {
    this.read(states, segment * this.segmentBytes, this.sums[segment]?.states);
  }

  readParents(segment: number, parents: Uint32Array): void {
    this.read(parents, segment * this.segmentBytes + this.stateBytes, this.sums[segment]?.parents);
  }

  close(): void {
    closeSync(this.file);
  }

  private write(words: Words, at: number): void {
    const bytes = bytesOf(words);
    for (let from = 0; from < bytes.length; ) {
      from += writeSync(this.file, bytes, from, bytes.length - from, at + from);
    }
  }

  private read(words: Words, at: number, sum: number | undefined): void {
    const bytes = bytesOf(words);
    this.attempt("read states from", () => {
      for (let from = 0; from < bytes.length; ) {
        const length = readSync(this.file, bytes, from, bytes.length - from, at + from);
        if (length === 0) {
          throw new Error("its file is too short");
        }
        from += length;
      }
      if (checksum(words, 0) !== sum) {
        throw new Error("they are not the states that were written");
      }
    });
  }

  private attempt<T>(what: string, run: () => T): T {
    try {
      return run();
    } catch (error) {
      throw new SpillFailed(`cannot ${what} ${this.folder}: ${(error as Error).message}`);
    }
  }
}

function bytesOf({ buffer, byteOffset, byteLength }: Words): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
