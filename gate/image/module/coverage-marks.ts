/** Adds coverage marks to the code of an image: bytes that are set when a basic block has run. */

import { Op, rewrittenCode } from "../../module/code.ts";
import { CodePlaces } from "../../module/debug-info/code-places.ts";
import type { Scope, SourceFunction } from "../../module/debug-info/compiled-scopes.ts";
import type { LineRow } from "../../module/debug-info/line-table.ts";
import { contentOf, hasMemory64, withoutDebugSections } from "../../module/functions.ts";
import { leb128, Section, sectionsOf, withSections } from "../../module/sections.ts";
import { BasicBlocks, type BlockMarks, type Item } from "./basic-blocks.ts";
import type { CoverageMap, MarkedItems } from "./coverage.ts";

/** A module with coverage marks. */
export interface MarkedModule {
  /** Without debug information, whose addresses no longer match the code. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly map: CoverageMap;
}

const I32_STORE8 = 0x3a;

/**
 * Returns the module with coverage marks.
 *
 * @param module output of the linker, with debug information
 * @param address address of the marks in memory
 * @param isOfTree whether a file is covered
 */
export function withCoverageMarks(
  module: Uint8Array<ArrayBuffer>,
  address: number,
  isOfTree: (file: string) => boolean,
): MarkedModule {
  const sections = sectionsOf(module);
  const places = new CodePlaces(sections);
  const marks = new Marks({ address, isWide: hasMemory64(sections), places, isOfTree });
  const code = rewrittenCode(contentOf(sections, Section.code) ?? Uint8Array.of(0), () => {
    const blocks = new BasicBlocks(marks);
    return { instead: (instruction) => blocks.instead(instruction) };
  });
  for (const row of places.discarded) {
    marks.lineOf(row);
  }
  return {
    bytes: withSections(
      module,
      withoutDebugSections(sections).map(({ id, content }) => ({ id, content: id === Section.code ? code : content })),
    ),
    map: marks.map,
  };
}

interface MarksInput {
  readonly address: number;
  readonly isWide: boolean;
  readonly places: CodePlaces;
  readonly isOfTree: (file: string) => boolean;
}

const NOTHING: readonly Item[] = [];

/** The marks of a module. An item is a line (even number) or a function (odd number). */
class Marks implements BlockMarks {
  readonly #input: MarksInput;
  readonly #files = new Map<string, number>();
  readonly #lines = new Map<number, Map<number, Item>>();
  readonly #lineFiles: number[] = [];
  readonly #lineNumbers: number[] = [];
  readonly #functions = new Map<string, Item>();
  readonly #sourceFunctions: SourceFunction[] = [];
  readonly #functionsOf = new Map<Scope, readonly Item[]>();
  readonly #markItems = { lines: new Lists(), functions: new Lists() };
  #items: readonly Item[] = [];

  constructor(input: MarksInput) {
    this.#input = input;
  }

  itemsAt(address: number, from: number): readonly Item[] {
    const { places } = this.#input;
    if (places.goTo(address)) {
      const line = this.lineOf(places.line);
      const functions = this.#itemsOf(places.scope);
      this.#items = line === undefined ? functions : [line, ...functions];
    }
    return places.isKnownSince(from) ? this.#items : NOTHING;
  }

  /** Returns the line of a row of the line table; undefined for a file that is not of the tree. */
  lineOf(row: LineRow | undefined): Item | undefined {
    if (row === undefined || row.line === 0 || !this.#input.isOfTree(row.file)) {
      return undefined;
    }
    const file = getOrAdd(this.#files, row.file, this.#files.size);
    const lines = getOrAdd(this.#lines, file, new Map<number, Item>());
    const existing = lines.get(row.line);
    if (existing !== undefined) {
      return existing;
    }
    const item = 2 * this.#lineNumbers.push(row.line) - 2;
    this.#lineFiles.push(file);
    lines.set(row.line, item);
    return item;
  }

  /** Returns the functions that contain a scope, from the outermost inwards. */
  #itemsOf(scope: Scope | undefined): readonly Item[] {
    if (scope === undefined) {
      return [];
    }
    let items = this.#functionsOf.get(scope);
    if (items === undefined) {
      items = [...this.#itemsOf(scope.parent), ...this.#numberOf(scope.function)];
      this.#functionsOf.set(scope, items);
    }
    return items;
  }

  #numberOf(each: SourceFunction): readonly Item[] {
    if (!this.#input.isOfTree(each.file)) {
      return [];
    }
    const key = `${each.file}:${each.line} ${each.name}`;
    const existing = this.#functions.get(key);
    if (existing !== undefined) {
      return [existing];
    }
    const item = 2 * this.#sourceFunctions.push(each) - 1;
    this.#functions.set(key, item);
    return [item];
  }

  add(items: readonly Item[]): Uint8Array {
    const { lines, functions } = this.#markItems;
    const mark = lines.end(items.filter((item) => item % 2 === 0).map((item) => item / 2));
    functions.end(items.filter((item) => item % 2 === 1).map((item) => (item - 1) / 2));
    const { address, isWide } = this.#input;
    return Uint8Array.of(
      ...[isWide ? Op.i64Const : Op.i32Const, 0, Op.i32Const, 1],
      ...[I32_STORE8, 0, ...leb128(address + mark)],
    );
  }

  get map(): CoverageMap {
    return {
      address: this.#input.address,
      files: [...this.#files.keys()],
      lineFiles: Uint32Array.from(this.#lineFiles),
      lines: Uint32Array.from(this.#lineNumbers),
      functions: this.#sourceFunctions,
      markedLines: this.#markItems.lines.all,
      markedFunctions: this.#markItems.functions.all,
    };
  }
}

/** Returns the value of a key, which is set to `fresh` if it has none. */
function getOrAdd<K, V>(map: Map<K, V>, key: K, fresh: V): V {
  const existing = map.get(key);
  if (existing !== undefined) {
    return existing;
  }
  map.set(key, fresh);
  return fresh;
}

/** A sequence of lists, stored in one array. */
class Lists {
  readonly #ends: number[] = [];
  readonly #items: number[] = [];

  /**
   * Appends a list.
   *
   * @returns its position
   */
  end(items: readonly number[]): number {
    this.#items.push(...items);
    return this.#ends.push(this.#items.length) - 1;
  }

  get all(): MarkedItems {
    return { ends: Uint32Array.from(this.#ends), items: Uint32Array.from(this.#items) };
  }
}
