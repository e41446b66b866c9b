/** Lines of files, by number, and ranges of lines. */

/** Lines of files, by number. */
export class LineSet {
  readonly #lines = new Map<string, Set<number>>();
  readonly #around: LineRange[] = [];

  add(file: string, line: number): void {
    const known = this.#lines.get(file) ?? new Set<number>();
    this.#lines.set(file, known.add(line));
  }

  addSet(other: LineSet): void {
    for (const [file, lines] of other.#lines) {
      for (const line of lines) {
        this.add(file, line);
      }
    }
  }

  /** Adds all lines of a text that begins at a line. */
  addAll({ file, line, lines }: { readonly file: string; readonly line: number; readonly lines: string }): void {
    lines.split("\n").forEach((_, i) => {
      this.add(file, line + i);
    });
  }

  /** Adds what lies around lines that are added one by one. */
  addAround(range: LineRange): void {
    this.#around.push(range);
  }

  has(file: string, line: number): boolean {
    return this.#lines.get(file)?.has(line) === true;
  }

  /** The lines as ranges. */
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

  /** Whether a line lies between lines that belong together. */
  surround(file: string, line: number): boolean {
    return this.#around.some((each) => each.file === file && each.line <= line && line <= each.endLine);
  }
}

/** Lines of a file of the tree, from 1; both ends belong to it. */
export interface LineRange {
  readonly file: string;
  readonly line: number;
  readonly endLine: number;
}
