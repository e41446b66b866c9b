/** Files that the command writes: whole, or not at all. */
import {
  accessSync,
  constants,
  fstatSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  writeFileSync,
} from "node:fs";
import { Socket } from "node:net";
import { dirname, join, resolve } from "node:path";
import { reasonOf } from "../files/error-reason.ts";
import { UsageError } from "../verify/request/usage-error.ts";

/** Where the content goes. */
type Destination =
  /** Written beside the file that the name leads to, and moved there in one step. */
  | { readonly kind: "file"; readonly temporary: string; readonly target: string }
  /** Written by events, so that a reader that does not read leaves the command interruptible. */
  | { readonly kind: "pipe"; readonly descriptor: number }
  | { readonly kind: "device" }
  /** The file that standard output goes to: a new one in its place would lose what was printed. */
  | { readonly kind: "standard-output" };

/**
 * A file to be written later. The constructor checks at once that it can be written; the content appears under the name
 * in one step, so that half of it is never seen. A device or a pipe is written directly; a link stays a link.
 */
export class OutputFile {
  readonly name: string;
  private readonly destination: Destination;

  /** @throws UsageError when the file cannot be written */
  constructor(name: string) {
    this.name = name;
    try {
      this.destination = destinationOf(name);
    } catch (error) {
      throw new UsageError(`cannot write ${name === "" ? '""' : name}: ${reasonOf(error)}`);
    }
    pending.add(this);
  }

  /**
   * Writes the content. When that fails, because the disk is full for instance, nothing of it is left under the name,
   * nor beside it.
   *
   * @returns the reason why it cannot be written; undefined when it was
   */
  async write(content: string): Promise<string | undefined> {
    try {
      await this.writeAll(content);
    } catch (error) {
      this.discard();
      return reasonOf(error);
    }
    pending.delete(this);
    return undefined;
  }

  private async writeAll(content: string): Promise<void> {
    const { destination } = this;
    switch (destination.kind) {
      case "file":
        writeFileSync(destination.temporary, content);
        renameSync(destination.temporary, destination.target);
        return;
      case "pipe":
        await writeToPipe(destination.descriptor, content);
        return;
      case "device":
        writeFileSync(this.name, content);
        return;
      case "standard-output":
        writeFileSync(process.stdout.fd, content);
    }
  }

  /** Gives up: nothing is left behind. */
  discard(): void {
    if (pending.delete(this) && this.destination.kind === "file") {
      rmSync(this.destination.temporary, { force: true });
    }
  }
}

/** @throws Error with the reason as its message, or of the system, when the file cannot be written */
function destinationOf(name: string): Destination {
  if (name === "") {
    throw new Error("the name is empty");
  }
  const existing = statSync(name, { throwIfNoEntry: false });
  if (existing?.isDirectory() === true) {
    throw new Error("it is a directory");
  }
  if (existing?.isFIFO() === true) {
    return { kind: "pipe", descriptor: openPipe(name) };
  }
  if (existing !== undefined) {
    accessSync(name, constants.W_OK);
  }
  if (existing?.isFile() === false) {
    return { kind: "device" };
  }
  if (existing !== undefined && isStandardOutput(existing)) {
    return { kind: "standard-output" };
  }
  const target = existing === undefined ? name : realpathSync(name);
  const temporary = join(dirname(target), `.foliocheck-${process.pid}-${outputs++}.tmp`);
  writeFileSync(temporary, "", existing === undefined ? {} : { mode: existing.mode });
  return { kind: "file", temporary, target };
}

/** Opens a pipe without waiting for a reader: one that starts later would find the command waiting, deaf to signals. */
function openPipe(name: string): number {
  try {
    return openSync(name, constants.O_WRONLY | constants.O_NONBLOCK);
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === "ENXIO" ? new Error("it is a pipe that nothing reads from") : error;
  }
}

function writeToPipe(descriptor: number, content: string): Promise<void> {
  return new Promise((written, failed) => {
    const pipe = new Socket({ fd: descriptor, readable: false, writable: true });
    pipe.on("finish", written).on("error", failed);
    pipe.end(content);
  });
}

function isStandardOutput({ dev, ino }: Stats): boolean {
  const output = fstatSync(process.stdout.fd);
  return output.isFile() && output.dev === dev && output.ino === ino;
}

/** Makes sure that no two options name one file. @throws UsageError when they do */
export function distinctFiles(files: { readonly [option: string]: string | undefined }): void {
  const owners = new Map<string, { readonly option: string; readonly name: string }>();
  for (const [option, name] of Object.entries(files)) {
    if (name === undefined) {
      continue;
    }
    const other = owners.get(resolve(name));
    if (other !== undefined) {
      throw new UsageError(`${other.option} and ${option} both name ${other.name}; want two files`);
    }
    owners.set(resolve(name), { option, name });
  }
}

let outputs = 0;
const pending = new Set<OutputFile>();

/** Discards every file that was not written: call it when the command ends, however it ends. */
export function discardUnwritten(): void {
  for (const output of [...pending]) {
    output.discard();
  }
}
