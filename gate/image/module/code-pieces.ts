/**
 * Straight-line pieces of code. Where a piece ends, everything in it has run: there it is marked. It ends before a branch, before
 * a call (which may not return), and where branches meet.
 *
 * What was marked on every way to a piece is not marked there again.
 */
import { type Instruction, Op } from "../../module/code.ts";
import { joined } from "../../module/sections.ts";

/** The number of something that code may be of: a line, or a function. */
export type Item = number;

/** What code is of, and how it is marked. */
export interface PieceMarks {
  /**
   * What the code at an address is of: the same list as for the address before, where nothing changes. Addresses ascend.
   *
   * @param from address behind the last place where branches met: none where the code has no place of its own since then
   */
  itemsAt(address: number, from: number): readonly Item[];
  /** Makes a mark for items. @returns the instructions that set it */
  add(items: readonly Item[]): Uint8Array;
}

/** Instructions that change the order of others, and do nothing themselves. */
const STRUCTURE: ReadonlySet<number> = new Set([Op.block, Op.loop, Op.else, Op.end, Op.unreachable]);

/** Instructions before which a piece ends. */
const ENDS_PIECE: ReadonlySet<number> = new Set([
  ...[Op.unreachable, Op.if, Op.else, Op.br, Op.brIf, Op.brTable, Op.return],
  ...[Op.call, Op.callIndirect, Op.returnCall, Op.returnCallIndirect],
]);

/** Instructions behind which nothing runs before the construct ends. */
const LEAVES: ReadonlySet<number> = new Set([
  ...[Op.unreachable, Op.br, Op.brTable, Op.return, Op.returnCall, Op.returnCallIndirect],
]);

/** A block, loop or branch that is open; the outermost is the function. */
interface Construct {
  readonly isLoop: boolean;
  /** Items that were marked in it, and not before. */
  readonly marked: Item[];
}

/** The pieces of one function. */
export class CodePieces {
  readonly #marks: PieceMarks;
  readonly #open: Construct[] = [{ isLoop: false, marked: [] }];
  /** Items that were marked on every way to the piece. */
  readonly #marked = new Set<Item>();
  /** Items of the piece so far that are not marked yet, and in how many constructs they are. */
  readonly #pending = new Map<Item, number>();
  /** Address behind the last place where branches met. */
  #met = 0;
  /** What was collected last, since a construct ended. */
  #collected: readonly Item[] | undefined;
  /** Where nothing runs before the end of a construct: how many constructs are open at that end. */
  #deadUntil: number | undefined;

  constructor(marks: PieceMarks) {
    this.#marks = marks;
  }

  /** Replaces an instruction. Called with all of a function, in their order. */
  instead(instruction: Instruction): Uint8Array | undefined {
    const { op, address, isLast } = instruction;
    const isDead = this.#deadUntil !== undefined;
    if (!isDead && (!STRUCTURE.has(op) || isLast)) {
      this.#collect(this.#marks.itemsAt(address, this.#met));
    }
    const endsLoop = op === Op.end && !isLast && this.#open.at(-1)?.isLoop === true;
    const mark = ENDS_PIECE.has(op) || (op === Op.end && !endsLoop) ? this.#mark() : undefined;
    this.#follow(op, isDead);
    if (op === Op.else || (op === Op.end && !endsLoop)) {
      // Both have one byte.
      this.#met = address + 1;
    }
    return mark === undefined ? undefined : joined([mark, instruction.bytes]);
  }

  #collect(items: readonly Item[]): void {
    if (items === this.#collected) {
      return;
    }
    this.#collected = items;
    for (const item of items) {
      if (!this.#marked.has(item) && !this.#pending.has(item)) {
        this.#pending.set(item, this.#open.length);
      }
    }
  }

  #follow(op: number, isDead: boolean): void {
    const open = this.#open;
    switch (op) {
      case Op.block:
      case Op.loop:
      case Op.if:
        open.push({ isLoop: op === Op.loop, marked: [] });
        break;
      case Op.else:
      case Op.end:
        this.#close(op === Op.else);
        break;
      default:
        if (!isDead && LEAVES.has(op)) {
          this.#deadUntil = open.length;
        }
    }
  }

  /** Ends the innermost construct, or its first half. */
  #close(continues: boolean): void {
    const open = this.#open;
    this.#collected = undefined;
    const { isLoop, marked } = open.pop() as Construct;
    if (this.#deadUntil === open.length + 1) {
      // Only what falls out of a loop comes behind it.
      this.#deadUntil = isLoop ? open.length : undefined;
    }
    const outer = open.at(-1);
    if (isLoop && outer !== undefined) {
      outer.marked.push(...marked);
      for (const [item, depth] of this.#pending) {
        this.#pending.set(item, Math.min(depth, open.length));
      }
    } else {
      for (const item of marked) {
        this.#marked.delete(item);
      }
    }
    if (continues) {
      open.push({ isLoop: false, marked: [] });
    }
  }

  /** The instructions that mark the piece; undefined where nothing is new in it. */
  #mark(): Uint8Array | undefined {
    if (this.#pending.size === 0) {
      return undefined;
    }
    for (const [item, depth] of this.#pending) {
      this.#marked.add(item);
      this.#open[depth - 1]?.marked.push(item);
    }
    const mark = this.#marks.add([...this.#pending.keys()]);
    this.#pending.clear();
    return mark;
  }
}
