/** The files that the mm image is compiled from: those of a kernel tree, changed by a patch, and ours. */
import { readdirSync, readFileSync, realpathSync, statSync } from "node:fs";
import { join, posix } from "node:path";
import { fileURLToPath } from "node:url";
import { type Patch, patched } from "../../change/patch.ts";
import { type KernelTree, kernelTree } from "../../tree/kernel-tree.ts";

/** Where our files are in the tree, to the compiler. No kernel tree has such a folder. */
export const OWN_FOLDER = "foliocheck";

/** Our C: headers of the architecture, a header that every file includes first, and the harness. */
const OWN_SOURCES = fileURLToPath(new URL("../c", import.meta.url));

/** Folders in which headers are searched for, in this order. The last two are for the harness. */
export const INCLUDE_FOLDERS: readonly string[] = [OWN_FOLDER, "include", "include/uapi", "mm", "."];

/** Files by their path in the tree; the later layers hide the earlier ones. */
export class SourceLayers {
  /** The tree's folder: absolute, and without symbolic links in it. */
  readonly folder: string;
  readonly #tree: KernelTree;
  /** Paths of our C files and headers. */
  readonly ownFiles: readonly string[];
  readonly #opened: number = Date.now();
  readonly #above: Map<string, string | undefined> = new Map();

  /**
   * @param ownSources a folder with our C; the project's own unless a test has another
   * @throws TreeError when the folder is no kernel tree, or the patch does not apply
   */
  constructor(folder: string, patch?: Patch, ownSources: string = OWN_SOURCES) {
    const tree = kernelTree(folder);
    this.folder = realpathSync(folder);
    this.#tree = tree;
    if (patch !== undefined) {
      const changed = patched(tree, patch);
      for (const file of changed.touched) {
        this.#above.set(file, changed.read(file));
      }
    }
    const own = filesIn(ownSources).map(
      (file) => [posix.join(OWN_FOLDER, file), readFileSync(join(ownSources, file), "utf8")] as const,
    );
    for (const [file, text] of own) {
      this.add(file, text);
    }
    this.ownFiles = own.map(([file]) => file);
  }

  /** Adds a file, or replaces one. */
  add(file: string, text: string): void {
    this.#above.set(file, text);
  }

  /**
   * The text of a file; undefined where there is none.
   *
   * @throws TreeError when it cannot be read
   */
  read(file: string): string | undefined {
    return this.#above.has(file) ? this.#above.get(file) : this.#tree.read(file);
  }

  /** Whether a file of the tree's folder was written since it was opened: a compiler may have read another text than read() gives. */
  isWritten(file: string): boolean {
    const stats = this.#above.has(file) ? undefined : statSync(join(this.folder, file), { throwIfNoEntry: false });
    return stats !== undefined && stats.mtimeMs > this.#opened;
  }

  /** Files that are not as they are in the tree's folder; undefined for those that a patch removes. */
  get above(): ReadonlyMap<string, string | undefined> {
    return this.#above;
  }

  /** Names of the files in a folder of the tree, sorted. */
  namesIn(folder: string): readonly string[] {
    const names = new Set(readdirSync(join(this.folder, folder)));
    for (const [file, text] of this.#above) {
      if (posix.dirname(file) === folder) {
        names[text === undefined ? "delete" : "add"](posix.basename(file));
      }
    }
    return [...names].sort();
  }
}

/** Paths of the files in a folder, with forward slashes, sorted. */
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
