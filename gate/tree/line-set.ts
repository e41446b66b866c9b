/** Sets of lines of files, and ranges of lines. */

/** A set of lines of files, by number. */
export class LineSet {
  readonly #lines = new Map<string, Set<number>>();
  readonly #around: LineRange[] = [];

  add(file: string, line: number): void {
    const lines = this.#lines.get(file) ?? new Set<number>();
    this.#lines.set(file, lines.add(line));
  }

  addSet(other: LineSet): void {
    for (const [file, lines] of other.#lines) {
      for (const line of lines) {
        this.add(file, line);
      }
    }
  }

  /** Adds all lines of a text that begins at `line`. */
  addAll({ file, line, lines }: { readonly file: string; readonly line: number; readonly lines: string }): void {
    lines.split("\n").forEach((_, i) => {
      this.add(file, line + i);
    });
  }

  /** Adds a range whose lines are added one by one, without its empty lines. */
  addAround(range: LineRange): void {
    this.#around.push(range);
  }

  has(file: string, line: number): boolean {
    return this.#lines.get(file)?.has(line) === true;
  }

  /** Returns the lines as ranges. */
  ranges(): LineRange[] {
    return [...this.#lines].flatMap(([file, lines]) => {
      const ranges: LineRange[] = [];
      for (const line of [...lines].sort((one, other) => one - other)) {
        const last = ranges.at(-1);
        if (last?.endLine === line - 1) {
          ranges[ranges.length - 1] = { ...last, endLine: line };
        } else {
          ranges.push({ file, line, endLine: line });
        }
      }
      return ranges;
    });
  }

  /** Whether a line is in a range added by addAround(). */
  surround(file: string, line: number): boolean {
    return this.#around.some((each) => each.file === file && each.line <= line && line <= each.endLine);
  }
}

/** A range of lines of a file of the tree, from 1, both ends included. */
export interface LineRange {
  readonly file: string;
  readonly line: number;
  readonly endLine: number;
}
