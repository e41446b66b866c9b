/**
 * Checkpoints: the state of a search as a stream of bytes, from which the search can be resumed.
 *
 * A breadth-first search is its visited states in order, the parent of each, and a handful of numbers. States and
 * parents are streamed in small pieces, so that writing a checkpoint needs almost no extra memory.
 *
 *     four words: magic number, format version, length and checksum of the head
 *     the head: a JSON text, padded with spaces to whole words
 *     for each piece of the visited set: its states, then their parents
 *     one word: the checksum of all pieces
 *
 * Words are 32 bits wide, in the byte order of the host; a file in the other byte order is refused.
 */

import { MachineError } from "../model/errors.ts";
import type { Machine } from "../model/machine.ts";
import { checksum, type Words } from "../packed/checksum.ts";
import type { StateStore } from "../visited/state-store.ts";
import { ChunkReader } from "./chunk-reader.ts";
import type { Position } from "./position.ts";

/** Options for writing checkpoints and for resuming from one. */
export interface Checkpointing {
  /**
   * Identifies everything besides the machine's outline that must be equal on resume: versions, configurations, bounds.
   * It must cover all that recipes and properties depend on, because the explorer cannot inspect that.
   */
  readonly subject: string;
  /**
   * Writes a checkpoint. Called at intervals, and when the search stops before its end. Consume each chunk before
   * requesting the next, and all before returning.
   */
  readonly save?: (chunks: Iterable<Uint8Array>) => void;
  /** Seconds between checkpoints. Default: one checkpoint, when the search stops. */
  readonly everySeconds?: number;
  /** A checkpoint to resume from, in chunks of any length. */
  readonly resume?: Iterable<Uint8Array>;
}

/** Description of a search that must be equal in the search that wrote a checkpoint and in the one that resumes it. */
export interface Outline {
  readonly name: string;
  readonly subject: string;
  readonly words: number;
  readonly layout: string;
  readonly symmetry: boolean;
  readonly allViolations: boolean;
  /** Names and numbers of instances. */
  readonly actions: readonly string[];
  readonly properties: readonly string[];
}

/** The outline of a machine. */
export function outlineOf(
  machine: Machine,
  { subject, symmetry, allViolations }: Pick<Outline, "subject" | "symmetry" | "allViolations">,
): Outline {
  const { name, words, layout, actions, properties } = machine;
  return {
    name,
    subject,
    words,
    layout,
    symmetry,
    allViolations,
    actions: actions.map((each) => `${each.name} × ${each.instances}`),
    properties: properties.map(({ id, kind }) => `${id} (${kind})`),
  };
}

/** Magic number: "srch" in little-endian byte order. */
const MAGIC = 0x6863_7273;

/** Incremented whenever older checkpoints would be misread, or canonical forms change. */
const VERSION = 2;

/** A real head is far smaller; a greater length means damage. */
const LONGEST_HEAD = 1 << 29;

/** The chunks of a checkpoint. */
export function* checkpointOf(outline: Outline, position: Position, store: StateStore): Generator<Uint8Array> {
  const text = new TextEncoder().encode(JSON.stringify({ outline, position }));
  const head = new Uint8Array(Math.ceil(text.length / 4) * 4).fill(" ".charCodeAt(0));
  head.set(text);
  const first = Int32Array.of(MAGIC, VERSION, head.length, checksum(wordsOf(head), 0));
  yield bytesOf(first);
  yield head;
  let sum = 0;
  for (const piece of store.pieces()) {
    sum = checksum(piece, sum);
    yield bytesOf(piece);
  }
  yield bytesOf(Int32Array.of(sum));
}

/**
 * Reads a checkpoint into an empty store.
 *
 * @throws MachineError (`bad-checkpoint`) for a damaged file, another kind of file, or a checkpoint of another search
 */
export function readCheckpoint(chunks: Iterable<Uint8Array>, outline: Outline, store: StateStore): Position {
  const reader = new ChunkReader(chunks);
  const read = <W extends Words>(words: W): W => {
    if (!reader.fill(bytesOf(words))) {
      throw damaged();
    }
    return words;
  };
  try {
    const { outline: theirs, position } = readHead(read);
    refuseOther(theirs, outline);
    let sum = 0;
    store.restore(position.states, (piece) => {
      sum = checksum(read(piece), sum);
    });
    if (read(new Int32Array(1))[0] !== sum || !reader.isAtEnd()) {
      throw damaged();
    }
    return position;
  } finally {
    reader.close();
  }
}

function readHead(read: (words: Int32Array) => Int32Array): { readonly outline: Outline; readonly position: Position } {
  const [magic] = read(new Int32Array(1));
  if (magic !== MAGIC) {
    throw new MachineError("bad-checkpoint", "this is not a checkpoint of a search");
  }
  const [version, length, sum] = read(new Int32Array(3)) as unknown as [number, number, number];
  if (version !== VERSION) {
    throw new MachineError("bad-checkpoint", `this checkpoint has format ${version}; format ${VERSION} can be read`);
  }
  if (length < 0 || length > LONGEST_HEAD || length % 4 !== 0) {
    throw damaged();
  }
  const head = read(new Int32Array(length / 4));
  if (checksum(head, 0) !== sum) {
    throw damaged();
  }
  try {
    return JSON.parse(new TextDecoder().decode(bytesOf(head)));
  } catch {
    throw damaged();
  }
}

function refuseOther(theirs: Outline, ours: Outline): void {
  const different = Object.keys(ours).filter((key) => {
    const aspect = key as keyof Outline;
    return JSON.stringify(theirs[aspect]) !== JSON.stringify(ours[aspect]);
  });
  if (different.length > 0) {
    throw new MachineError(
      "bad-checkpoint",
      `this checkpoint is of another search, of machine ${theirs.name} (${theirs.subject}); here, machine ${ours.name} ` +
        `(${ours.subject}) differs in its ${different.join(", ")}`,
    );
  }
}

function damaged(): MachineError {
  return new MachineError("bad-checkpoint", "this checkpoint is damaged or not complete; search from the start");
}

function bytesOf({ buffer, byteOffset, byteLength }: Words): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

function wordsOf({ buffer, byteOffset, byteLength }: Uint8Array): Int32Array {
  return new Int32Array(buffer, byteOffset, byteLength / 4);
}
