/**
 * A log of the C functions that run, written by the code of an image itself: where a function begins and ends, and where code of
 * an inlined one begins.
 */

import { type FunctionRewriting, type Instruction, Op, rewrittenCode } from "../../module/code.ts";
import { CodePlaces } from "../../module/debug-info/code-places.ts";
import type { Scope, SourceFunction } from "../../module/debug-info/compiled-scopes.ts";
import { hasMemory64, withoutDebugSections } from "../../module/functions.ts";
import { required, withGlobal } from "../../module/globals.ts";
import { joined, leb128, Section, sectionsOf, signedLeb128, withSections } from "../../module/sections.ts";

/** Kinds of entries: in the two lowest bits. The others are the number of a scope or loop. */
export const LogEntry = { enter: 0, leave: 1, inside: 2, iteration: 3 } as const;

/** The export that has the length of the log, in bytes: what did not fit, too. */
export const LOG_LENGTH = "image_log_length";

/** A function whose code runs, or one that is inlined into it. */
export interface LoggedScope {
  /** Undefined for one that is not shown. */
  readonly function: SourceFunction | undefined;
  /** Number of the scope that it is inlined into; undefined for a compiled function. */
  readonly parent: number | undefined;
}

/** Where a module writes its log, and what entries mean. */
export interface CallLog {
  readonly address: number;
  /** Entries that fit. */
  readonly capacity: number;
  readonly scopes: readonly LoggedScope[];
  /** For each loop, the scopes in it: an iteration begins them anew. */
  readonly loops: readonly (readonly number[])[];
}

/** A module that writes a log. */
export interface LoggingModule {
  /** Without debug information, which would not fit its code. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly log: CallLog;
}

const I32_STORE = 0x36;
const SELECT = 0x1b;
const EXTEND_U = 0xad;
const ENTRY_BYTES = 4;

/** Instructions that change the order of others, and do nothing themselves. */
const STRUCTURE: ReadonlySet<number> = new Set([Op.block, Op.loop, Op.else, Op.end, Op.unreachable]);

/**
 * Makes a module write a log.
 *
 * @param module as the linker wrote it, with its debug information
 * @param address where the log is in memory
 * @param isShown whether a function is in the log
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
  /** Index of the variable that has the length. */
  readonly length: number;
  readonly isShown: (each: SourceFunction) => boolean;
}

/** Makes the code that writes entries. */
class LogWriter {
  readonly scopes: LoggedScope[] = [];
  readonly loops: (readonly number[])[] = [];
  readonly #input: WriterInput;
  readonly #numbers = new Map<Scope, number>();

  constructor(input: WriterInput) {
    this.#input = input;
  }

  /** How a function is rewritten; undefined for one of which nothing is shown. @param address of its first instruction */
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

  /** The number of a scope, or of the one around it that is shown; a compiled function has one in any case. */
  numberOf(scope: Scope): number {
    const known = this.#numbers.get(scope);
    if (known !== undefined) {
      return known;
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

  /** Numbers of the scopes in another one that are shown and lie between two addresses. */
  numbersWithin(scope: Scope, low: number, high: number): readonly number[] {
    return scope.inlined.flatMap((each) => {
      const isWithin = each.ranges.every(([from, to]) => low <= from && to <= high);
      const own = isWithin && this.#input.isShown(each.function) ? [this.numberOf(each)] : [];
      return [...own, ...this.numbersWithin(each, low, high)];
    });
  }

  /** The instructions that write an entry. What does not fit overwrites the last one. */
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

/** A block, loop or branch that is open. */
interface Construct {
  /** Of a loop: its number, and where it begins. */
  readonly loop?: { readonly number: number; readonly start: number };
}

/** A function that writes entries. */
class LoggedFunction {
  readonly #log: LogWriter;
  readonly #places: CodePlaces;
  readonly #root: Scope;
  readonly #open: Construct[] = [];
  /** The scope that the last entry was about, on every way to the instruction. */
  #last: number | undefined;
  /** Address behind the last place where branches met. */
  #met = 0;

  constructor(log: LogWriter, places: CodePlaces, root: Scope) {
    this.#log = log;
    this.#places = places;
    this.#root = root;
    this.#last = log.numberOf(root);
  }

  /** Replaces an instruction. Called with all of the function, in their order. */
  instead(instruction: Instruction): Uint8Array | undefined {
    const { op, address, isLast } = instruction;
    const before = STRUCTURE.has(op) ? [] : this.#inside(address);
    const leaves = op === Op.return || isLast ? [this.#log.entry(LogEntry.leave, 0)] : [];
    const after = this.#follow(instruction);
    return before.length + leaves.length + after.length === 0
      ? undefined
      : joined([...before, ...leaves, instruction.bytes, ...after]);
  }

  /** The entry for code of another scope. */
  #inside(address: number): readonly Uint8Array[] {
    this.#places.goTo(address);
    const { scope } = this.#places;
    if (scope === undefined || !this.#places.isKnownSince(this.#met)) {
      return [];
    }
    const number = this.#log.numberOf(scope);
    if (number === this.#last) {
      return [];
    }
    this.#last = number;
    return [this.#log.entry(LogEntry.inside, number)];
  }

  /** Follows the order of instructions. @returns what is written behind this one */
  #follow({ op, address, isLast }: Instruction): readonly Uint8Array[] {
    // That of an `else` and `end`, which have one byte.
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
        this.#meet(next);
        return [];
      case Op.end: {
        const loop = isLast ? undefined : this.#open.pop()?.loop;
        if (loop === undefined) {
          this.#meet(next);
        } else {
          this.#log.loops[loop.number] = this.#log.numbersWithin(this.#root, loop.start, address);
        }
        return [];
      }
      default:
        return [];
    }
  }

  #meet(address: number): void {
    this.#met = address;
    this.#last = undefined;
  }
}
