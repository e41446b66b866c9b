/** Output files of the command, written atomically. */
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

/** Destination of the content. */
type Destination =
  /** Written to a temporary file in the target's folder, and renamed. */
  | { readonly kind: "file"; readonly temporary: string; readonly target: string }
  /** Written asynchronously, so that the command remains interruptible if the reader blocks. */
  | { readonly kind: "pipe"; readonly descriptor: number }
  | { readonly kind: "device" }
  /** The file of standard output, which a rename would replace together with the text printed so far. */
  | { readonly kind: "standard-output" };

/**
 * A file to be written later. The constructor checks that it is writable. The content appears under the name
 * atomically; devices and pipes are written directly, and symbolic links are preserved.
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
   * Writes the content. After a failure, such as a full disk, neither the file nor the temporary file contains any of
   * it.
   *
   * @returns the reason for a failure; undefined after success
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

  /** Removes the temporary file of an unwritten output. */
  discard(): void {
    if (pending.delete(this) && this.destination.kind === "file") {
      rmSync(this.destination.temporary, { force: true });
    }
  }
}

/** Determines the destination. @throws Error with the reason as its message, or of the system, if it is not writable */
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

/** Opens a pipe without waiting for a reader: a blocking open would make the command ignore signals. */
function openPipe(name: string): number {
  try {
    return openSync(name, constants.O_WRONLY | constants.O_NONBLOCK);
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === "ENXIO" ? new Error("it is a pipe that nothing reads from") : error;
  }
}

function writeToPipe(descriptor: number, content: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const pipe = new Socket({ fd: descriptor, readable: false, writable: true });
    pipe.on("finish", resolve).on("error", reject);
    pipe.end(content);
  });
}

function isStandardOutput({ dev, ino }: Stats): boolean {
  const output = fstatSync(process.stdout.fd);
  return output.isFile() && output.dev === dev && output.ino === ino;
}

/** Requires distinct files. @throws UsageError when two options name the same file */
export function distinctFiles(options: Iterable<readonly [option: string, name: string | undefined]>): void {
  const files = new Map<string, { readonly option: string; readonly name: string }>();
  for (const [option, name] of options) {
    if (name === undefined) {
      continue;
    }
    const other = files.get(resolve(name));
    if (other !== undefined) {
      throw new UsageError(`${other.option} and ${option} both name ${other.name}; want two files`);
    }
    files.set(resolve(name), { option, name });
  }
}

let outputs = 0;
const pending = new Set<OutputFile>();

/** Discards every unwritten file, on exit of the process. */
export function discardUnwritten(): void {
  for (const output of [...pending]) {
    output.discard();
  }
}
