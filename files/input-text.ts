/**
 * Text of files that a user names. Whatever the name leads to, an error says why it cannot be read, and no read blocks the
 * process: a FIFO or a device is refused, or read such that an interrupt ends it.
 */
import { closeSync, constants, lstatSync, openSync, readFileSync, readSync, type Stats, statSync } from "node:fs";
import { Socket } from "node:net";
import { codeOf, reasonOf } from "./system-error.ts";

/** Size of the largest text that is read, in bytes: a patch from one release of Linux to the next has a third of it. */
const MOST_BYTES = 2 ** 28;

/** A text cannot be read. The message is the reason alone, in lower case. */
export class InputError extends Error {
  /** `absent`: nothing has this name. */
  readonly obstacle: "absent" | "folder" | "unreadable";

  constructor(reason: string, obstacle: InputError["obstacle"] = "unreadable") {
    super(reason);
    this.obstacle = obstacle;
  }
}

/** The text of a regular file. @throws InputError */
export function fileText(path: string): string {
  return reported(() => decoded(fileBytes(path, statsOf(path))));
}

/** The text of a regular file, or of a pipe: `<(git diff)` of a shell is one. @throws InputError */
export async function fileOrPipeText(path: string): Promise<string> {
  const stats = reported(() => statsOf(path));
  return stats.isFIFO() ? collected(pipeChunks(path)) : reported(() => decoded(fileBytes(path, stats)));
}

/** The text of standard input. @throws InputError */
export async function standardInputText(): Promise<string> {
  return collected(process.stdin);
}

function statsOf(path: string): Stats {
  try {
    return statSync(path);
  } catch (error) {
    if (!isNoEntry(error)) {
      throw error;
    }
    throw isLink(path)
      ? new InputError("it is a link to a file that does not exist")
      : new InputError("no such file or directory", "absent");
  }
}

/** Whether nothing has a name, or it goes on behind that of a file. */
function isNoEntry(error: unknown): boolean {
  return ["ENOENT", "ENOTDIR"].includes(codeOf(error) ?? "");
}

function isLink(path: string): boolean {
  try {
    return lstatSync(path).isSymbolicLink();
  } catch {
    return false;
  }
}

function fileBytes(path: string, stats: Stats): Buffer {
  if (stats.isDirectory()) {
    throw new InputError("it is a folder", "folder");
  }
  if (!stats.isFile()) {
    throw new InputError(stats.isFIFO() ? "it is a FIFO" : stats.isSocket() ? "it is a socket" : "it is a device");
  }
  requireSize(stats.size);
  return readFileSync(path);
}

function requireSize(bytes: number): void {
  if (bytes > MOST_BYTES) {
    throw new InputError(`it has more than ${MOST_BYTES / 2 ** 20} MiB`);
  }
}

/**
 * Reads until no process has the pipe open for writing. Opening it without O_NONBLOCK would block the process, signals
 * included, for as long as there is no writer.
 */
async function* pipeChunks(path: string): AsyncGenerator<Buffer> {
  const pipe = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const first = Buffer.alloc(2 ** 16);
  const length = bytesAvailable(pipe, first);
  if (length === 0) {
    closeSync(pipe);
    throw new InputError("it is an empty pipe, and no process writes to it");
  }
  yield first.subarray(0, length ?? 0);
  yield* new Socket({ fd: pipe, readable: true, writable: false });
}

/** Reads what is there now: 0 bytes at the end, undefined when there may be more later. */
function bytesAvailable(pipe: number, into: Buffer): number | undefined {
  try {
    return readSync(pipe, into);
  } catch (error) {
    if (codeOf(error) === "EAGAIN") {
      return undefined;
    }
    throw error;
  }
}

async function collected(chunks: AsyncIterable<Buffer>): Promise<string> {
  const collection: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of chunks) {
      collection.push(chunk);
      bytes += chunk.length;
      requireSize(bytes);
    }
  } catch (error) {
    throw inputError(error);
  }
  return decoded(Buffer.concat(collection));
}

/** UTF-8, without a byte order mark. */
function decoded(bytes: Buffer): string {
  return bytes.toString("utf8").replace(/^\uFEFF/, "");
}

function reported<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw inputError(error);
  }
}

function inputError(error: unknown): InputError {
  return error instanceof InputError ? error : new InputError(reasonOf(error));
}
