/**
 * Adds a call log to the code of an image: entries at the beginning and end of a function, and where code of an inlined
 * function begins.
 */

import { type FunctionRewriting, type Instruction, Op, rewrittenCode } from "../../module/code.ts";
import { CodePlaces } from "../../module/debug-info/code-places.ts";
import type { Scope, SourceFunction } from "../../module/debug-info/compiled-scopes.ts";
import { hasMemory64, withoutDebugSections } from "../../module/functions.ts";
import { required, withGlobal } from "../../module/globals.ts";
import { joined, leb128, Section, sectionsOf, signedLeb128, withSections } from "../../module/sections.ts";

/** Kinds of entries, in the two lowest bits. The other bits are the number of a scope or loop. */
export const LogEntry = { enter: 0, leave: 1, inside: 2, iteration: 3 } as const;

/** Name of the exported global with the length of the log in bytes, entries that did not fit included. */
export const LOG_LENGTH = "image_log_length";

/** A compiled function, or a function that is inlined into one. */
export interface LoggedScope {
  /** Undefined for a function that traces do not show. */
  readonly function: SourceFunction | undefined;
  /** Number of the scope that it is inlined into; undefined for a compiled function. */
  readonly parent: number | undefined;
}

/** Location of the log in memory, and the meaning of its entries. */
export interface CallLog {
  readonly address: number;
  /** Maximum number of entries. */
  readonly capacity: number;
  readonly scopes: readonly LoggedScope[];
  /** By number of a loop: the scopes in it. Each iteration enters them anew. */
  readonly loops: readonly (readonly number[])[];
}

/** A module that writes a log. */
export interface LoggingModule {
  /** Without debug information, whose addresses no longer match the code. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly log: CallLog;
}

const I32_STORE = 0x36;
const SELECT = 0x1b;
const EXTEND_U = 0xad;
const ENTRY_BYTES = 4;

/** Control instructions without an effect themselves. */
const CONTROL: ReadonlySet<number> = new Set([Op.block, Op.loop, Op.else, Op.end, Op.unreachable]);

/**
 * Returns the module with code that writes a log.
 *
 * @param module output of the linker, with debug information
 * @param address address of the log in memory
 * @param capacity maximum number of entries
 * @param isShown whether a function is logged
 */
export function withCallLog(
  module: Uint8Array<ArrayBuffer>,
  address: number,
  capacity: number,
  isShown: (each: SourceFunction) => boolean,
): LoggingModule {
  const original = sectionsOf(module);
  const { sections, index } = withGlobal(original, LOG_LENGTH, 0);
  const log = new LogWriter({ address, capacity, isWide: hasMemory64(sections), length: index, isShown });
  const places = new CodePlaces(original);
  const code = rewrittenCode(required(sections, Section.code), ({ address: at }) => log.rewriting(places, at));
  return {
    bytes: withSections(
      module,
      withoutDebugSections(sections).map(({ id, content }) => ({ id, content: id === Section.code ? code : content })),
    ),
    log: { address, capacity, scopes: log.scopes, loops: log.loops },
  };
}

interface WriterInput {
  readonly address: number;
  readonly capacity: number;
  readonly isWide: boolean;
  /** Index of the global with the length. */
  readonly length: number;
  readonly isShown: (each: SourceFunction) => boolean;
}

/** Generates the code that writes entries. */
class LogWriter {
  readonly scopes: LoggedScope[] = [];
  readonly loops: (readonly number[])[] = [];
  readonly #input: WriterInput;
  readonly #numbers = new Map<Scope, number>();

  constructor(input: WriterInput) {
    this.#input = input;
  }

  /**
   * Returns the rewriting of a function; undefined if nothing in it is logged.
   *
   * @param address address of its first instruction
   */
  rewriting(places: CodePlaces, address: number): FunctionRewriting | undefined {
    places.goTo(address);
    let root = places.scope;
    while (root?.parent !== undefined) {
      root = root.parent;
    }
    if (root === undefined || !this.#shows(root)) {
      return undefined;
    }
    const logged = new LoggedFunction(this, places, root);
    return {
      atStart: this.entry(LogEntry.enter, this.numberOf(root)),
      instead: (instruction) => logged.instead(instruction),
    };
  }

  /**
   * Returns the number of a scope, or of the innermost shown scope around it. A compiled function always has a number.
   */
  numberOf(scope: Scope): number {
    const existing = this.#numbers.get(scope);
    if (existing !== undefined) {
      return existing;
    }
    const isShown = this.#input.isShown(scope.function);
    const parent = scope.parent === undefined ? undefined : this.numberOf(scope.parent);
    const number =
      parent !== undefined && !isShown
        ? parent
        : this.scopes.push({ function: isShown ? scope.function : undefined, parent }) - 1;
    this.#numbers.set(scope, number);
    return number;
  }

  /** Returns the numbers of the shown scopes inside another one whose code lies between two addresses. */
  numbersWithin(scope: Scope, low: number, high: number): readonly number[] {
    return scope.inlined.flatMap((each) => {
      const isWithin = each.ranges.every(([from, to]) => low <= from && to <= high);
      const numbers = isWithin && this.#input.isShown(each.function) ? [this.numberOf(each)] : [];
      return [...numbers, ...this.numbersWithin(each, low, high)];
    });
  }

  /** Returns the instructions that write an entry. When the log is full, it overwrites the last entry. */
  entry(kind: number, number: number): Uint8Array {
    const { address, capacity, isWide, length } = this.#input;
    const get = [Op.globalGet, ...leb128(length)];
    const last = [Op.i32Const, ...signedLeb128((capacity - 1) * ENTRY_BYTES)];
    return Uint8Array.of(
      ...[...get, ...last, ...get, ...last, Op.i32LtU, SELECT, ...(isWide ? [EXTEND_U] : [])],
      ...[Op.i32Const, ...signedLeb128((number << 2) | kind), I32_STORE, 2, ...leb128(address)],
      ...[...get, Op.i32Const, ENTRY_BYTES, Op.i32Add, Op.globalSet, ...leb128(length)],
    );
  }

  #shows(scope: Scope): boolean {
    return this.#input.isShown(scope.function) || scope.inlined.some((each) => this.#shows(each));
  }
}

/** An open block, loop or branch. */
interface Construct {
  /** For a loop: its number, and the address at which it begins. */
  readonly loop?: { readonly number: number; readonly start: number };
}

/** Rewrites one function to write entries. */
class LoggedFunction {
  readonly #log: LogWriter;
  readonly #places: CodePlaces;
  readonly #root: Scope;
  readonly #open: Construct[] = [];
  /** The scope of the last entry on every path to the current instruction. */
  #last: number | undefined;
  /** Address behind the last join of control flow. */
  #lastJoin = 0;

  constructor(log: LogWriter, places: CodePlaces, root: Scope) {
    this.#log = log;
    this.#places = places;
    this.#root = root;
    this.#last = log.numberOf(root);
  }

  /** Returns the replacement of an instruction. Called with all instructions of the function, in order. */
  instead(instruction: Instruction): Uint8Array | undefined {
    const { op, address, isLast } = instruction;
    const before = CONTROL.has(op) ? [] : this.#scopeEntry(address);
    const leaves = op === Op.return || isLast ? [this.#log.entry(LogEntry.leave, 0)] : [];
    const after = this.#trackControlFlow(instruction);
    return before.length + leaves.length + after.length === 0
      ? undefined
      : joined([...before, ...leaves, instruction.bytes, ...after]);
  }

  /** Returns the entry for a change of the scope, if there is one. */
  #scopeEntry(address: number): readonly Uint8Array[] {
    this.#places.goTo(address);
    const { scope } = this.#places;
    if (scope === undefined || !this.#places.isKnownSince(this.#lastJoin)) {
      return [];
    }
    const number = this.#log.numberOf(scope);
    if (number === this.#last) {
      return [];
    }
    this.#last = number;
    return [this.#log.entry(LogEntry.inside, number)];
  }

  /**
   * Tracks the control flow.
   *
   * @returns the entries to write behind the instruction
   */
  #trackControlFlow({ op, address, isLast }: Instruction): readonly Uint8Array[] {
    // `else` and `end` have one byte.
    const next = address + 1;
    switch (op) {
      case Op.block:
      case Op.if:
        this.#open.push({});
        return [];
      case Op.loop: {
        const number = this.#log.loops.push([]) - 1;
        this.#open.push({ loop: { number, start: address } });
        this.#last = undefined;
        return [this.#log.entry(LogEntry.iteration, number)];
      }
      case Op.else:
        this.#join(next);
        return [];
      case Op.end: {
        const loop = isLast ? undefined : this.#open.pop()?.loop;
        if (loop === undefined) {
          this.#join(next);
        } else {
          this.#log.loops[loop.number] = this.#log.numbersWithin(this.#root, loop.start, address);
        }
        return [];
      }
      default:
        return [];
    }
  }

  #join(address: number): void {
    this.#lastJoin = address;
    this.#last = undefined;
  }
}
