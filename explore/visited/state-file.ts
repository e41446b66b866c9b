/** The interface between a visited set and the disk. */

/** A file of segments: states and their parents. It exists during one search, and nothing of it is left behind. */
export interface StateFile {
  /** Writes the next segment. @throws SpillFailed; then the file still has the former segments */
  append(states: Int32Array, parents: Uint32Array): void;
  /** Reads the states of a segment. @throws SpillFailed when they cannot be read, or are not those that were written */
  readStates(segment: number, states: Int32Array): void;
  /** Reads the parents of a segment. @throws SpillFailed when they cannot be read, or are not those that were written */
  readParents(segment: number, parents: Uint32Array): void;
  close(): void;
}

/** Raised when states cannot be moved to disk, or not be read from there. */
export class SpillFailed extends Error {
  override readonly name = "SpillFailed";
}
