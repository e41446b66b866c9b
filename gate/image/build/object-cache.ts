/**
 * A cache of compiled files, with two levels. By the file, the options and the compiler, a list of headers is found that an
 * earlier compilation read; where all of them are what they were, the object is found by them. A compilation that would read
 * other headers is made anew.
 */
import { createHash } from "node:crypto";
import { posix } from "node:path";
import { CacheEntry } from "../../../files/cache-entry.ts";
import type { Compilation, Compiled } from "./compiler.ts";
import { INCLUDE_FOLDERS, type SourceLayers } from "./source-layers.ts";

/** Headers that a compilation read, by what identifies their contents. */
type Headers = readonly (readonly [file: string, identity: string])[];

/** Lists of headers that are remembered of one file: trees and patches differ in them. */
const REMEMBERED = 16;

/** Compiled files of one set of sources. */
export class ObjectCache {
  readonly #folder: string;
  readonly #compilerVersion: string;
  readonly #sources: SourceLayers;
  readonly #identities: Map<string, string> = new Map();

  constructor(folder: string, compilerVersion: string, sources: SourceLayers) {
    this.#folder = folder;
    this.#compilerVersion = compilerVersion;
    this.#sources = sources;
  }

  /** Called when a file of the sources has been replaced. */
  forget(file: string): void {
    this.#identities.delete(file);
  }

  /** The object of a file, if it is known. */
  read(compilation: Compilation): Compiled | undefined {
    const key = this.#keyOf(compilation);
    for (const headers of listsOf(this.#lists(key))) {
      if (headers.every(([file, identity]) => this.#identityOf(file) === identity)) {
        const bytes = this.#object(key, headers).read();
        if (bytes !== undefined) {
          return { bytes, read: headers.map(([file]) => file) };
        }
      }
    }
    return undefined;
  }

  /**
   * Keeps an object for the next time, unless a file that it was made of was written meanwhile. A cache that cannot be written
   * is no error.
   */
  write(compilation: Compilation, { bytes, read }: Compiled): void {
    if (read.some((file) => this.#sources.isWritten(file))) {
      return;
    }
    const key = this.#keyOf(compilation);
    const headers = read.map((file) => [file, this.#identityOf(file)] as const);
    const lists = this.#lists(key);
    const others = listsOf(lists).filter((each) => JSON.stringify(each) !== JSON.stringify(headers));
    try {
      this.#object(key, headers).write(bytes);
      lists.write(Buffer.from(JSON.stringify([headers, ...others].slice(0, REMEMBERED))));
    } catch {
      // It is compiled again the next time.
    }
  }

  #keyOf({ file, flags, output }: Compilation): readonly string[] {
    return [this.#compilerVersion, output, JSON.stringify(flags), file, this.#identityOf(file)];
  }

  #lists(key: readonly string[]): CacheEntry {
    return new CacheEntry(this.#folder, "image-headers", key);
  }

  #object(key: readonly string[], headers: Headers): CacheEntry {
    return new CacheEntry(this.#folder, "image-object", [...key, JSON.stringify(headers)]);
  }

  /** The hash of a file's text, and which files an `#include` of its name would find before it. */
  #identityOf(file: string): string {
    let identity = this.#identities.get(file);
    if (identity === undefined) {
      const text = this.#sources.read(file);
      const hash = text === undefined ? "absent" : createHash("sha256").update(text).digest("hex");
      identity = [hash, ...hidingFiles(file).filter((each) => this.#sources.read(each) !== undefined)].join(" ");
      this.#identities.set(file, identity);
    }
    return identity;
  }
}

function listsOf(entry: CacheEntry): readonly Headers[] {
  const bytes = entry.read();
  return bytes === undefined ? [] : (JSON.parse(Buffer.from(bytes).toString("utf8")) as Headers[]);
}

/** Paths at which another file would hide a header: those of its name in folders that are searched earlier. */
function hidingFiles(file: string): readonly string[] {
  return INCLUDE_FOLDERS.flatMap((folder, index) => {
    const name = posix.relative(folder, file);
    return name.startsWith("..") ? [] : INCLUDE_FOLDERS.slice(0, index).map((each) => posix.join(each, name));
  });
}
