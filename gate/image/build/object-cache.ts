/**
 * A cache of compiled files, with two levels. The file, the options and the compiler are the key of a list of headers
 * that an earlier compilation read. If none of them changed, their hashes are the key of the object. A compilation that
 * would read other headers is repeated.
 */
import { createHash } from "node:crypto";
import { posix } from "node:path";
import { CacheEntry } from "../../../files/cache-entry.ts";
import type { Compilation, CompiledFile } from "./compiler.ts";
import { INCLUDE_FOLDERS, type SourceLayers } from "./source-layers.ts";

/** Headers that a compilation read, each with a hash of its identity. */
type Headers = readonly (readonly [file: string, identity: string])[];

/** Maximum number of lists of headers for one file: they differ between trees and patches. */
const MOST_LISTS = 16;

/** The cache of the compiled files of one set of sources. */
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

  /** Drops the hash of a file. Must be called when a file of the sources is replaced. */
  invalidate(file: string): void {
    this.#identities.delete(file);
  }

  /** Returns the object of a file; undefined if it is not in the cache. */
  read(compilation: Compilation): CompiledFile | undefined {
    const key = this.#keyOf(compilation);
    for (const headers of listsOf(this.#lists(key))) {
      if (headers.every(([file, identity]) => this.#identityOf(file) === identity)) {
        const bytes = this.#object(key, headers).read();
        if (bytes !== undefined) {
          return { bytes, inputs: headers.map(([file]) => file) };
        }
      }
    }
    return undefined;
  }

  /** Stores an object, unless one of its source files was written meanwhile. Ignores a cache that cannot be written. */
  write(compilation: Compilation, { bytes, inputs }: CompiledFile): void {
    if (inputs.some((file) => this.#sources.isModified(file))) {
      return;
    }
    const key = this.#keyOf(compilation);
    const headers = inputs.map((file) => [file, this.#identityOf(file)] as const);
    const lists = this.#lists(key);
    const others = listsOf(lists).filter((each) => JSON.stringify(each) !== JSON.stringify(headers));
    try {
      this.#object(key, headers).write(bytes);
      lists.write(Buffer.from(JSON.stringify([headers, ...others].slice(0, MOST_LISTS))));
    } catch {
      // Without a cache entry, the next build compiles again.
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

  /** Returns the hash of a file's text, and the existing files that would hide it from an `#include` of its name. */
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

/** Returns the paths at which another file would hide a header: the same name in folders that are searched earlier. */
function hidingFiles(file: string): readonly string[] {
  return INCLUDE_FOLDERS.flatMap((folder, index) => {
    const name = posix.relative(folder, file);
    return name.startsWith("..") ? [] : INCLUDE_FOLDERS.slice(0, index).map((each) => posix.join(each, name));
  });
}
