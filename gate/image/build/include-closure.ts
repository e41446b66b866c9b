/** The files that compilations can read, by their `#include` lines, whatever conditions these stand in. */
import { posix } from "node:path";
import { INCLUDE_FOLDERS } from "./source-layers.ts";

const INCLUDE = /^[ \t]*#[ \t]*include[ \t]*(["<])([^">\n]+)[">]/gm;

/** The transitive closure of included files. It grows. */
export class IncludeClosure {
  /** Texts by path as the compiler spells it, such as `fs/proc/../mount.h`. */
  readonly texts: Map<string, string> = new Map();
  readonly #read: (file: string) => string | undefined;

  /** @param read the text of a file, by a path without `..` */
  constructor(read: (file: string) => string | undefined) {
    this.#read = read;
  }

  /** Adds files, and what they include. A file that does not exist is left out: the compiler reports it where it is needed. */
  add(files: readonly string[]): void {
    const left = [...files];
    for (let path = left.pop(); path !== undefined; path = left.pop()) {
      const text = this.texts.has(path) ? undefined : this.#read(posix.normalize(path));
      if (text !== undefined) {
        this.texts.set(path, text);
        left.push(...this.#includedBy(path, text));
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
