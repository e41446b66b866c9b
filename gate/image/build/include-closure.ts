/** Transitive closure of `#include` lines, regardless of the conditions around them. */
import { posix } from "node:path";
import { INCLUDE_FOLDERS } from "./source-layers.ts";

const INCLUDE = /^[ \t]*#[ \t]*include[ \t]*(["<])([^">\n]+)[">]/gm;

/** The transitive closure of included files, which can be extended. */
export class IncludeClosure {
  /** Texts by path as the compiler spells it, such as `fs/proc/../mount.h`. */
  readonly texts: Map<string, string> = new Map();
  readonly #read: (file: string) => string | undefined;

  /** @param read returns the text of a file, by a path without `..` */
  constructor(read: (file: string) => string | undefined) {
    this.#read = read;
  }

  /** Adds files and the files that they include. A missing file is skipped: the compiler reports it if it is needed. */
  add(files: readonly string[]): void {
    const pending = [...files];
    for (let path = pending.pop(); path !== undefined; path = pending.pop()) {
      const text = this.texts.has(path) ? undefined : this.#read(posix.normalize(path));
      if (text !== undefined) {
        this.texts.set(path, text);
        pending.push(...this.#includedBy(path, text));
      }
    }
  }

  #includedBy(path: string, text: string): readonly string[] {
    return [...text.matchAll(INCLUDE)].flatMap(([, delimiter, name = ""]) => {
      const folders = delimiter === '"' ? [posix.dirname(path), ...INCLUDE_FOLDERS] : INCLUDE_FOLDERS;
      return (
        folders
          .map((folder) => `${folder}/${name}`)
          .find((each) => this.texts.has(each) || this.#read(posix.normalize(each)) !== undefined) ?? []
      );
    });
  }
}
