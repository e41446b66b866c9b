/** Sources of the mm image: files of a kernel tree, changed by a patch, and ours. */
import { readdirSync, readFileSync, realpathSync, statSync } from "node:fs";
import { join, posix } from "node:path";
import { fileURLToPath } from "node:url";
import { type Patch, patched } from "../../change/patch.ts";
import { type KernelTree, kernelTree } from "../../tree/kernel-tree.ts";

/** Folder of our files, in the view of the compiler. No kernel tree has a folder of this name. */
export const OWN_FOLDER = "foliocheck";

/** Our C sources: headers of the architecture, the header that every file includes first, and the harness. */
const OWN_SOURCES = fileURLToPath(new URL("../c", import.meta.url));

/** Folders that are searched for headers, in this order. The last two are for the harness. */
export const INCLUDE_FOLDERS: readonly string[] = [OWN_FOLDER, "include", "include/uapi", "mm", "."];

/** Files by path in the tree. Later layers hide earlier ones. */
export class SourceLayers {
  /** Absolute path of the tree's folder, without symbolic links. */
  readonly folder: string;
  readonly #tree: KernelTree;
  /** Paths of our C files and headers. */
  readonly ownFiles: readonly string[];
  readonly #opened: number = Date.now();
  readonly #overlay: Map<string, string | undefined> = new Map();

  /**
   * @param ownSources a folder with our C sources; only tests pass another than the project's
   * @throws TreeError when the folder is no kernel tree, or the patch does not apply
   */
  constructor(folder: string, patch?: Patch, ownSources: string = OWN_SOURCES) {
    const tree = kernelTree(folder);
    this.folder = realpathSync(folder);
    this.#tree = tree;
    if (patch !== undefined) {
      const changed = patched(tree, patch);
      for (const file of changed.touched) {
        this.#overlay.set(file, changed.read(file));
      }
    }
    const sources = filesIn(ownSources).map(
      (file) => [posix.join(OWN_FOLDER, file), readFileSync(join(ownSources, file), "utf8")] as const,
    );
    for (const [file, text] of sources) {
      this.add(file, text);
    }
    this.ownFiles = sources.map(([file]) => file);
  }

  /** Adds or replaces a file. */
  add(file: string, text: string): void {
    this.#overlay.set(file, text);
  }

  /**
   * Returns the text of a file; undefined if it does not exist.
   *
   * @throws TreeError when it cannot be read
   */
  read(file: string): string | undefined {
    return this.#overlay.has(file) ? this.#overlay.get(file) : this.#tree.read(file);
  }

  /**
   * Whether a file of the tree's folder was written since it was opened. If so, the compiler may have read another text
   * than read() returns.
   */
  isModified(file: string): boolean {
    const stats = this.#overlay.has(file) ? undefined : statSync(join(this.folder, file), { throwIfNoEntry: false });
    return stats !== undefined && stats.mtimeMs > this.#opened;
  }

  /** Files that differ from the tree's folder; undefined for those that a patch removes. */
  get overlay(): ReadonlyMap<string, string | undefined> {
    return this.#overlay;
  }

  /** Returns the names of the files in a folder of the tree, sorted. */
  namesIn(folder: string): readonly string[] {
    const names = new Set(readdirSync(join(this.folder, folder)));
    for (const [file, text] of this.#overlay) {
      if (posix.dirname(file) === folder) {
        names[text === undefined ? "delete" : "add"](posix.basename(file));
      }
    }
    return [...names].sort();
  }
}

/** Returns the paths of the files in a folder, with forward slashes, sorted. */
function filesIn(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true })
    .flatMap((entry) =>
      entry.isDirectory()
        ? filesIn(join(folder, entry.name)).map((file) => posix.join(entry.name, file))
        : entry.isFile() && /\.[ch]$/.test(entry.name)
          ? [entry.name]
          : [],
    )
    .sort();
}
