/**
 * Protocol between supervisor and agent. A frame is one 32-bit word with the number of bytes that follow, then these
 * bytes: 32-bit words in the byte order of the host, of which the first is the kind of the frame.
 *
 * live/agent/agent.c is the other side.
 */
import type { EntryObservation, Failure, MmObservation, Observation, VmaObservation } from "./observation.ts";
import type { Operation } from "./operation.ts";
import type { SessionBounds } from "./session.ts";

/** Incremented with each change of the frames. */
export const PROTOCOL_VERSION = 2;

/** Maximum size of a request, in bytes. */
export const MAX_REQUEST_BYTES: number = 2 ** 20;

/** First word of a frame. */
export const Frame = { hello: 1, lock: 2, settings: 3, perform: 4, reset: 5, failure: 6 } as const;

/** A decoded answer. */
export type Answer =
  | { readonly kind: "hello"; readonly version: number; readonly pageSize: number }
  | { readonly kind: "lock"; readonly locked: boolean }
  | { readonly kind: "settings" }
  | { readonly kind: "reset" }
  | Observation
  | Failure;

/** A frame that violates the protocol. The message is one line. */
export class ProtocolError extends Error {}

/** A setting of the host: a file in sysfs, its current value, and its value during the session. */
export interface SettingChange {
  readonly path: string;
  readonly oldValue: string;
  readonly value: string;
}

const KIND = {
  newMm: 1,
  fork: 2,
  exit: 3,
  fault: 4,
  write: 5,
  read: 6,
  unmap: 7,
  mremap: 8,
  get: 9,
  put: 10,
  pageout: 11,
  readFile: 12,
  fileFault: 13,
  reclaim: 14,
  touch: 15,
  munmap: 16,
  protect: 17,
  pin: 18,
  deviceWrite: 19,
  faultIn: 20,
  readIn: 21,
  advise: 22,
  setProtection: 23,
  unmapArea: 24,
  moveArea: 25,
  clearSoftDirty: 26,
  split: 27,
  migrate: 28,
  shrink: 29,
} as const satisfies { readonly [kind in Operation["kind"]]: number };

/** Words of an operation: its kind, and four parameters. */
const OPERATION_WORDS = 5;
/** Words of an entry in an observation. */
const ENTRY_WORDS = 6;
/** Words of smaps in an observation. */
const SMAPS_WORDS = 4;

/** Maximum number of operations in a request. */
export const MAX_OPERATIONS: number = Math.floor((MAX_REQUEST_BYTES / 4 - 1) / OPERATION_WORDS);

/** Encodes the first request. */
export function helloRequest(bounds: SessionBounds): Buffer {
  return request([Frame.hello, PROTOCOL_VERSION, ...boundWords(bounds)]);
}

/** Encodes the bounds of a session, in the order of the agent's structure. */
export function boundWords({ mms, pages, anon, file, holders, run = 1, mapped = pages }: SessionBounds): number[] {
  return [mms, pages, anon, file, holders, run, mapped];
}

/** Encodes a request for the exclusive lock on the host's settings. */
export function lockRequest(): Buffer {
  return request([Frame.lock]);
}

/** Encodes a request to change settings until the agent exits. */
export function settingsRequest(changes: readonly SettingChange[]): Buffer {
  const words = changes.flatMap(({ path, oldValue, value }) => [path, oldValue, value].flatMap(textWords));
  return request([Frame.settings, ...words]);
}

/** Encodes a text: its length in bytes, then the bytes, padded to whole words. */
function textWords(text: string): number[] {
  const bytes = Buffer.from(text);
  const padded = Buffer.alloc(Math.ceil(bytes.length / 4) * 4);
  bytes.copy(padded);
  return [bytes.length, ...new Uint32Array(padded.buffer, padded.byteOffset, padded.length / 4)];
}

/** Encodes a request to end all MMs and holders. */
export function resetRequest(): Buffer {
  return request([Frame.reset]);
}

/** Encodes a request to perform operations. */
export function performRequest(operations: readonly Operation[]): Buffer {
  const words = [Frame.perform as number];
  for (const operation of operations) {
    const parameters = parametersOf(operation);
    words.push(KIND[operation.kind], ...parameters);
    for (let i = parameters.length + 1; i < OPERATION_WORDS; i++) {
      words.push(0);
    }
  }
  return request(words);
}

/** Returns the words of an operation after its kind. */
export function parametersOf(operation: Operation): number[] {
  switch (operation.kind) {
    case "shrink":
      return [];
    case "newMm":
    case "exit":
    case "clearSoftDirty":
      return [operation.mm];
    case "fork":
      return [operation.parent, operation.child];
    case "fault":
      return [operation.mm, operation.first, operation.pages, operation.value];
    case "faultIn":
      return [operation.mm, operation.first, operation.count, operation.value];
    case "advise":
      return [operation.mm, operation.first, operation.count, operation.advice];
    case "setProtection":
      return [operation.mm, operation.first, operation.count, operation.writable ? 1 : 0];
    case "moveArea":
      return [operation.mm, operation.from, operation.count, operation.to];
    case "split":
      return [operation.mm, operation.entry, operation.order, operation.isOwn ? 1 : 0];
    case "write":
      return [operation.mm, operation.entry, operation.value];
    case "touch":
    case "readIn":
    case "migrate":
      return [operation.mm, operation.entry];
    case "read":
      return [operation.mm, operation.vma, operation.entry];
    case "unmap":
    case "fileFault":
      return [operation.mm, operation.vma, operation.first, operation.count];
    case "mremap":
      return [operation.mm, operation.from, operation.to];
    case "get":
    case "pin":
      return [operation.mm, operation.entry, operation.holder];
    case "deviceWrite":
      return [operation.holder, operation.value];
    case "put":
      return [operation.holder];
    case "munmap":
    case "unmapArea":
    case "protect":
    case "pageout":
      return [operation.mm, operation.first, operation.count];
    case "readFile":
    case "reclaim":
      return [operation.index, operation.pages];
  }
}

function request(words: readonly number[]): Buffer {
  const all = Uint32Array.of(words.length * 4, ...words);
  return Buffer.from(all.buffer);
}

/** Returns the maximum size of an answer within bounds, in bytes. Longer ones are invalid. */
export function maxAnswerBytes(bounds: SessionBounds): number {
  return Math.max(4 * observationWords(bounds), 512);
}

function observationWords({ mms, pages, anon, file, holders }: SessionBounds): number {
  return 1 + mms * (1 + (anon + file) * (pages * ENTRY_WORDS + SMAPS_WORDS)) + holders * 2;
}

/**
 * Decodes an answer.
 *
 * @param words words of one frame, without its length
 * @throws ProtocolError for words that are invalid within the bounds
 */
export function readAnswer(words: Uint32Array, bounds: SessionBounds): Answer {
  const kind = words[0];
  switch (kind) {
    case Frame.hello:
      expectWords("hello", words, 3);
      return { kind: "hello", version: wordAt(words, 1), pageSize: wordAt(words, 2) };
    case Frame.lock:
      expectWords("lock", words, 2);
      return { kind: "lock", locked: flagAt(words, 1) };
    case Frame.settings:
      expectWords("settings", words, 1);
      return { kind: "settings" };
    case Frame.reset:
      expectWords("reset", words, 1);
      return { kind: "reset" };
    case Frame.perform:
      expectWords("observation", words, observationWords(bounds));
      return readObservation(words, bounds);
    case Frame.failure:
      return { kind: "failure", message: readText(words) };
    default:
      throw new ProtocolError(`unknown kind of answer: ${kind}`);
  }
}

function expectWords(name: string, words: Uint32Array, count: number): void {
  if (words.length !== count) {
    throw new ProtocolError(`an answer to ${name} has ${words.length * 4} bytes; want ${count * 4}`);
  }
}

function wordAt(words: Uint32Array, index: number): number {
  const word = words[index];
  if (word === undefined) {
    throw new ProtocolError("an answer is too short");
  }
  return word;
}

function flagAt(words: Uint32Array, index: number): boolean {
  const word = wordAt(words, index);
  if (word > 1) {
    throw new ProtocolError(`an answer has ${word} where 0 or 1 must be`);
  }
  return word === 1;
}

function readText(words: Uint32Array): string {
  const length = wordAt(words, 1);
  const bytes = Buffer.from(words.buffer, words.byteOffset + 8, (words.length - 2) * 4);
  if (Math.ceil(length / 4) * 4 !== bytes.length) {
    throw new ProtocolError(`a text of ${length} bytes does not fit its answer of ${words.length * 4}`);
  }
  return bytes.toString("utf8", 0, length);
}

function readObservation(words: Uint32Array, { mms, pages, anon, file, holders }: SessionBounds): Observation {
  let position = 1;
  const vmas = anon + file;
  const mmObservations: (MmObservation | null)[] = [];
  for (let mm = 0; mm < mms; mm++) {
    const live = flagAt(words, position);
    position += 1;
    const areas: VmaObservation[] = [];
    for (let vma = 0; vma < vmas; vma++) {
      const entries: EntryObservation[] = [];
      for (let entry = 0; entry < pages; entry++) {
        entries.push(readEntry(words, position));
        position += ENTRY_WORDS;
      }
      const [rss, pss, unique] = [0, 1, 2].map((i) => 1024 * wordAt(words, position + i)) as [number, number, number];
      areas.push({ entries, smaps: { rss, pss, private: unique, vmas: wordAt(words, position + 3) } });
      position += SMAPS_WORDS;
    }
    mmObservations.push(live ? { vmas: areas } : null);
  }
  const holderContents: (number | null)[] = [];
  for (let holder = 0; holder < holders; holder++) {
    holderContents.push(flagAt(words, position) ? wordAt(words, position + 1) : null);
    position += 2;
  }
  return { kind: "observation", mms: mmObservations, holders: holderContents };
}

// Bits of an entry of /proc/PID/pagemap, in the upper one of its two words.
const PRESENT = 0x8000_0000;
const SWAPPED = 0x4000_0000;
const EXCLUSIVE = 0x0100_0000;
const PFN = 0x007f_ffff;

function readEntry(words: Uint32Array, position: number): EntryObservation {
  const upper = wordAt(words, position + 1);
  const present = (upper & PRESENT) !== 0;
  return {
    present,
    swapped: (upper & SWAPPED) !== 0,
    pfn: present ? (upper & PFN) * 2 ** 32 + wordAt(words, position) : 0,
    exclusive: (upper & EXCLUSIVE) !== 0,
    mapcount: wordAt(words, position + 2),
    flags: wordAt(words, position + 3),
    content: present ? wordAt(words, position + 4) : null,
    alike: wordAt(words, position + 5),
  };
}
