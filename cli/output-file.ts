/** Files that the command writes: whole, or not at all. */
import { accessSync, constants, realpathSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { reasonOf } from "../files/error-reason.ts";
import { UsageError } from "../verify/usage-error.ts";

/**
 * A file to be written later. Making one checks at once that it can be written; its content appears under its name in
 * one step, so that nobody ever sees half of it. A device or a pipe is written directly; a link stays a link.
 */
export class OutputFile {
  readonly name: string;
  /** The file behind the name, when the name is a link. */
  private readonly target: string;
  private readonly temporary: string | undefined;

  /** @throws UsageError when the file cannot be written */
  constructor(name: string) {
    this.name = name;
    try {
      if (name === "") {
        throw new Error("the name is empty");
      }
      const existing = statSync(name, { throwIfNoEntry: false });
      if (existing?.isDirectory() === true) {
        throw new Error("it is a directory");
      }
      if (existing !== undefined) {
        accessSync(name, constants.W_OK);
      }
      this.target = existing?.isFile() === true ? realpathSync(name) : name;
      if (existing === undefined || existing.isFile()) {
        this.temporary = join(dirname(this.target), `.foliocheck-${process.pid}-${outputs++}.tmp`);
        writeFileSync(this.temporary, "", existing === undefined ? {} : { mode: existing.mode });
      }
    } catch (error) {
      throw unwritable(name, error);
    }
    pending.add(this);
  }

  /** @throws UsageError when the file cannot be written after all, because the disk is full for instance */
  write(content: string): void {
    try {
      if (this.temporary === undefined) {
        writeFileSync(this.name, content);
      } else {
        writeFileSync(this.temporary, content);
        renameSync(this.temporary, this.target);
      }
    } catch (error) {
      throw unwritable(this.name, error);
    }
    pending.delete(this);
  }

  /** Gives up: nothing is left behind. */
  discard(): void {
    if (this.temporary !== undefined) {
      rmSync(this.temporary, { force: true });
    }
    pending.delete(this);
  }
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

function unwritable(name: string, error: unknown): UsageError {
  return new UsageError(`cannot write ${name === "" ? '""' : name}: ${reasonOf(error)}`);
}
