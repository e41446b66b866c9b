/**
 * Reads input files named by the user: whole, up to a size limit, without blocking the process. A regular file is read
 * synchronously. A pipe (a FIFO, `<(command)`, standard input) is read asynchronously, so that signals are handled
 * while it is silent. A FIFO without a writer fails after a timeout.
 */
import { closeSync, constants, fstatSync, lstatSync, openSync, readSync, type Stats } from "node:fs";
import { Socket } from "node:net";

/** Size limit of an input, in bytes: above all inputs of this tool, and below the maximum length of a string. */
export const MOST_BYTES: number = 2 ** 28;

/** Time that a pipe may be without a writer after it is opened. */
const PATIENCE_MS = 2000;

/** Name of standard input in place of a file name. */
export const STANDARD_INPUT = "-";

/**
 * Reads a regular file, as UTF-8.
 *
 * @param most size limit in bytes
 * @throws Error with the reason as its message: a system error, not a regular file, or too large
 */
export function readRegularFile(path: string, most: number = MOST_BYTES): string {
  return withFile(path, (file, stats) => {
    if (!stats.isFile()) {
      throw new Error(`it is ${kindOf(stats)}, not a regular file`);
    }
    return readWhole(file, stats, most);
  });
}

/**
 * Reads a regular file, a pipe or standard input, as UTF-8. Devices are refused, because many are endless.
 *
 * @param path `-` for standard input
 * @param most size limit in bytes
 * @throws Error with the reason as its message: a system error, neither a file nor a pipe, or too large
 */
export async function readInput(path: string, most: number = MOST_BYTES): Promise<string> {
  if (path === STANDARD_INPUT) {
    return readStream(process.stdin, most);
  }
  const content = withFile(path, (file, stats) => {
    if (stats.isFIFO()) {
      return pipe(file);
    }
    if (!stats.isFile()) {
      throw new Error(`it is ${kindOf(stats)}, neither a file nor a pipe`);
    }
    return readWhole(file, stats, most);
  });
  return typeof content === "string" ? content : readStream(content, most);
}

/** Opens a file without waiting for a writer, and closes it unless it is returned as a socket. */
function withFile<T extends string | Socket>(path: string, read: (file: number, stats: Stats) => T): T {
  const file = open(path);
  let content: T | undefined;
  try {
    content = read(file, fstatSync(file));
    return content;
  } finally {
    if (!(content instanceof Socket)) {
      closeSync(file);
    }
  }
}

function open(path: string): number {
  try {
    return openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw code === "ENOENT" && isLink(path) ? new Error("it is a link to a file that does not exist") : error;
  }
}

function isLink(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true;
}

/** A pipe as a stream. It ends when its last writer closes it, and fails if no process opens it for writing. */
function pipe(file: number): Socket {
  const stream = new Socket({ fd: file, readable: true, writable: false });
  // Pipes made by shells and commands have a writer from the start: these may be silent for any time.
  return stream.setTimeout(PATIENCE_MS, () => {
    const first = Buffer.alloc(1);
    switch (bytesRead(file, first)) {
      case 0:
        stream.destroy(new Error("it is a FIFO, and no process writes to it"));
        break;
      case 1:
        stream.unshift(first);
        break;
    }
  });
}

/** Reads available bytes of a pipe: undefined if the writer has not written yet, 0 without a writer. */
function bytesRead(file: number, into: Buffer): number | undefined {
  try {
    return readSync(file, into);
  } catch {
    return undefined;
  }
}

/** Reads to the end: files of /proc have size 0. */
function readWhole(file: number, { size }: Stats, most: number): string {
  if (size > most) {
    throw tooLarge(most);
  }
  const chunks: Buffer[] = [];
  let total = 0;
  for (;;) {
    const chunk = Buffer.allocUnsafe(Math.max(2 ** 16, size - total + 1));
    const length = readSync(file, chunk);
    if (length === 0) {
      return Buffer.concat(chunks, total).toString("utf8");
    }
    total += length;
    if (total > most) {
      throw tooLarge(most);
    }
    chunks.push(chunk.subarray(0, length));
  }
}

async function readStream(stream: NodeJS.ReadableStream, most: number): Promise<string> {
  const chunks: Buffer[] = [];
  let total = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    total += chunk.length;
    if (total > most) {
      throw tooLarge(most);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, total).toString("utf8");
}

function tooLarge(most: number): Error {
  const size = most >= 2 ** 20 ? `${most / 2 ** 20} MiB` : `${most} bytes`;
  return new Error(`it has more than ${size}`);
}

function kindOf(stats: Stats): string {
  if (stats.isDirectory()) {
    return "a folder";
  }
  return stats.isFIFO() ? "a pipe" : stats.isSocket() ? "a socket" : "a device";
}
