/**
 * Cache entries: files that end with a checksum over their key and their bytes. Every read verifies it: a damaged or
 * truncated file, a copy of another entry, or another format reads as absent.
 */
import { createHash, randomUUID } from "node:crypto";
import { readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeFolder } from "./make-folder.ts";

/** Format of the files, with its version. It is a part of every key. */
const FORMAT = "foliocheck cache entry 1";

/** Permissions of a program as an entry: the system ignores the checksum at the end of an executable file. */
export const PROGRAM = 0o755;

/** One entry of a cache. */
export class CacheEntry {
  /** Path of the entry, which need not exist. */
  readonly path: string;
  private readonly keyHash: string;

  /**
   * @param kind first word of the file name
   * @param key everything that the content depends on: sources, options, versions of tools
   */
  constructor(folder: string, kind: string, key: readonly string[]) {
    this.keyHash = sha256(JSON.stringify([FORMAT, kind, ...key]));
    this.path = join(folder, `${kind}-${this.keyHash}`);
  }

  /** The bytes written under this key; undefined if the entry is absent or fails the check. */
  read(): Uint8Array<ArrayBuffer> | undefined {
    try {
      // Opening a FIFO would block.
      if (!statSync(this.path).isFile()) {
        return undefined;
      }
      const file = readFileSync(this.path);
      const bytes = new Uint8Array(file.subarray(0, Math.max(0, file.length - TRAILER_LENGTH)));
      return file.subarray(bytes.length).equals(this.trailerOf(bytes)) ? bytes : undefined;
    } catch {
      return undefined;
    }
  }

  /**
   * Writes the entry atomically; it replaces an existing one.
   *
   * @throws Error of the system
   */
  write(bytes: Uint8Array, permissions = 0o666): void {
    const temporary = `${this.path}.${randomUUID()}.tmp`;
    makeFolder(join(this.path, ".."));
    try {
      writeFileSync(temporary, Buffer.concat([bytes, this.trailerOf(bytes)]), { mode: permissions });
      renameSync(temporary, this.path);
    } catch (error) {
      rmSync(temporary, { force: true });
      throw error;
    }
  }

  /**
   * The bytes of the entry. If it cannot be read, `make` makes them, and they are written for the next time; a failed
   * write, on a full disk for instance, is no error.
   */
  async readOrMake(make: () => Promise<Uint8Array<ArrayBuffer>>): Promise<Uint8Array<ArrayBuffer>> {
    const cached = this.read();
    if (cached !== undefined) {
      return cached;
    }
    const bytes = await make();
    try {
      this.write(bytes);
    } catch {
      // The next call makes them again.
    }
    return bytes;
  }

  private trailerOf(bytes: Uint8Array): Buffer {
    return Buffer.from(trailer(createHash("sha256").update(this.keyHash).update(bytes).digest("hex")));
  }
}

function trailer(checksum: string): string {
  return `\n${FORMAT} ${checksum}\n`;
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

const TRAILER_LENGTH = trailer(sha256("")).length;
