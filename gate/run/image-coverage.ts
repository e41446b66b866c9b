/** Coverage of a tree's lines by the runs on mm images. */
import { type FileCoverage, hasLine, type Lines } from "../image/module/coverage.ts";
import type { SourceShapes } from "./source-shape.ts";

/** Coverage of the lines of compiled files. */
export class ImageCoverage {
  readonly #files: ReadonlyMap<string, FileCoverage>;
  readonly #shapes: SourceShapes;

  /**
   * @param files line coverage, merged over all runs on images
   * @param shapes the files of the tree in which lines may be asked for
   */
  constructor(files: readonly FileCoverage[], shapes: SourceShapes) {
    this.#files = new Map(files.map((each) => [each.file, each]));
    this.#shapes = shapes;
  }

  /** Whether a line has code in some configuration. */
  hasCode(file: string, line: number): boolean {
    return this.#has(file, line, ({ code }) => code);
  }

  /**
   * Whether a line was reached in some configuration. A line without code, such as a continuation or an `else`, counts
   * as reached if the nearest lines with code before and after it were, and no preprocessor directive is between.
   */
  isReached(file: string, line: number): boolean {
    if (this.hasCode(file, line)) {
      return this.#has(file, line, ({ reached }) => reached);
    }
    const before = this.#neighbour(file, line, -1);
    const after = this.#neighbour(file, line, 1);
    return before !== undefined && after !== undefined && this.isReached(file, before) && this.isReached(file, after);
  }

  #has(file: string, line: number, linesOf: (coverage: FileCoverage) => readonly Lines[]): boolean {
    const coverage = this.#files.get(file);
    return coverage !== undefined && hasLine(linesOf(coverage), line);
  }

  /** Returns the nearest line with code in one direction; undefined if a directive or the end of the file is nearer. */
  #neighbour(file: string, from: number, step: 1 | -1): number | undefined {
    const { lines, directives } = (this.#files.has(file) ? this.#shapes[file] : undefined) ?? {
      lines: 0,
      directives: [],
    };
    for (let line = from; line >= 1 && line <= lines; line += step) {
      if (directives.includes(line)) {
        return undefined;
      }
      if (this.hasCode(file, line)) {
        return line;
      }
    }
    return undefined;
  }
}
