/**
 * A search that can be taken up again: everything that decides how it goes on, as a stream of bytes.
 *
 * A breadth-first search is its visited states in order, the parent of each, and a handful of numbers. States and parents
 * are streamed as they lie in memory, so that writing a checkpoint takes no memory to speak of.
 *
 *     four words: what this is, the version of the format, length and checksum of the head
 *     the head: a JSON text, padded with spaces to whole words
 *     for each segment of the visited set: its states, then their parents
 *     one word: the checksum of all segments
 *
 * Words are 32 bits wide, in the byte order of the machine; another order reads as another file.
 */

import { MachineError } from "../model/errors.ts";
import type { Machine } from "../model/machine.ts";
import type { StateStore } from "../visited/state-store.ts";
import { ChunkReader } from "./chunk-reader.ts";
import type { Position } from "./position.ts";

/** How a search leaves checkpoints, and where it goes on. */
export interface Checkpointing {
  /**
   * What besides the machine's outline must be the same when the search goes on: versions, configurations, bounds.
   * Whatever recipes and properties depend on belongs here, because the explorer cannot see it.
   */
  readonly subject: string;
  /**
   * Writes a checkpoint. Called now and then, and when the search stops before its end. The chunks are parts of the
   * visited set: use them before you ask for the next, and all before you return.
   */
  readonly save?: (chunks: Iterable<Uint8Array>) => void;
  /** Seconds between checkpoints. Default: none but when the search stops. */
  readonly everySeconds?: number;
  /** A checkpoint to go on from, in chunks of any length. */
  readonly resume?: Iterable<Uint8Array>;
}

/** What must be equal in the search that takes a checkpoint and in the one that goes on from it. */
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

/** The letters "srch" in the usual byte order. */
const WHAT = 0x6863_7273;

/** To be raised whenever older checkpoints would be read wrongly, or canonical forms change. */
const VERSION = 2;

/** A head is far smaller; a length beyond this is damage. */
const LONGEST_HEAD = 1 << 29;

/** The chunks of a checkpoint. */
export function* checkpointOf(outline: Outline, position: Position, store: StateStore): Generator<Uint8Array> {
  const text = new TextEncoder().encode(JSON.stringify({ outline, position }));
  const head = new Uint8Array(Math.ceil(text.length / 4) * 4).fill(" ".charCodeAt(0));
  head.set(text);
  const first = Int32Array.of(WHAT, VERSION, head.length, checksum(wordsOf(head), 0));
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
 * @throws MachineError (`bad-checkpoint`) when it is damaged, no checkpoint at all, or one of another machine
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
  const [what] = read(new Int32Array(1));
  if (what !== WHAT) {
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

type Words = Int32Array | Uint32Array;

function bytesOf({ buffer, byteOffset, byteLength }: Words): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

function wordsOf({ buffer, byteOffset, byteLength }: Uint8Array): Int32Array {
  return new Int32Array(buffer, byteOffset, byteLength / 4);
}

function checksum(words: Words, from: number): number {
  let sum = from;
  for (let i = 0; i < words.length; i++) {
    sum = Math.imul(sum ^ (words[i] as number), 0x85eb_ca6b) + i;
    sum ^= sum >>> 15;
  }
  return sum | 0;
}
