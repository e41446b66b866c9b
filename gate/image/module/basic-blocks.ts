/**
 * Divides code into basic blocks, and marks each at its end, when all of it has run. A block ends before a branch,
 * before a call (which may not return), and at a join of control flow.
 *
 * Items that are marked on every path to a block are not marked in it again.
 */
import { type Instruction, Op } from "../../module/code.ts";
import { joined } from "../../module/sections.ts";

/** Number of an item to cover: a line, or a function. */
export type Item = number;

/** Maps code to items, and allocates marks. */
export interface BlockMarks {
  /**
   * Returns the items of the code at an address: the identical list as for the preceding address if nothing changed.
   * Addresses ascend.
   *
   * @param from address behind the last join of control flow: the list is empty if the code has no source location
   * since then
   */
  itemsAt(address: number, from: number): readonly Item[];
  /**
   * Allocates a mark for items.
   *
   * @returns the instructions that set it
   */
  add(items: readonly Item[]): Uint8Array;
}

/** Control instructions without an effect themselves. */
const CONTROL: ReadonlySet<number> = new Set([Op.block, Op.loop, Op.else, Op.end, Op.unreachable]);

/** Instructions before which a block ends. */
const ENDS_BLOCK: ReadonlySet<number> = new Set([
  ...[Op.unreachable, Op.if, Op.else, Op.br, Op.brIf, Op.brTable, Op.return],
  ...[Op.call, Op.callIndirect, Op.returnCall, Op.returnCallIndirect],
]);

/** Instructions behind which the rest of the construct is unreachable. */
const LEAVES_CONSTRUCT: ReadonlySet<number> = new Set([
  ...[Op.unreachable, Op.br, Op.brTable, Op.return, Op.returnCall, Op.returnCallIndirect],
]);

/** An open block, loop or branch; the outermost is the function. */
interface Construct {
  readonly isLoop: boolean;
  /** Items that were marked in it and not before it. */
  readonly marked: Item[];
}

/** The basic blocks of one function. */
export class BasicBlocks {
  readonly #marks: BlockMarks;
  readonly #open: Construct[] = [{ isLoop: false, marked: [] }];
  /** Items that are marked on every path to the current block. */
  readonly #marked = new Set<Item>();
  /** Items of the current block without a mark yet, and their nesting depth. */
  readonly #pending = new Map<Item, number>();
  /** Address behind the last join of control flow. */
  #lastJoin = 0;
  /** The items that were collected last, since the end of a construct. */
  #lastItems: readonly Item[] | undefined;
  /** Nesting depth of the construct whose rest is unreachable. */
  #deadUntil: number | undefined;

  constructor(marks: BlockMarks) {
    this.#marks = marks;
  }

  /** Returns the replacement of an instruction. Called with all instructions of a function, in order. */
  instead(instruction: Instruction): Uint8Array | undefined {
    const { op, address, isLast } = instruction;
    const isDead = this.#deadUntil !== undefined;
    if (!isDead && (!CONTROL.has(op) || isLast)) {
      this.#collect(this.#marks.itemsAt(address, this.#lastJoin));
    }
    const endsLoop = op === Op.end && !isLast && this.#open.at(-1)?.isLoop === true;
    const mark = ENDS_BLOCK.has(op) || (op === Op.end && !endsLoop) ? this.#mark() : undefined;
    this.#trackControlFlow(op, isDead);
    if (op === Op.else || (op === Op.end && !endsLoop)) {
      // `else` and `end` have one byte.
      this.#lastJoin = address + 1;
    }
    return mark === undefined ? undefined : joined([mark, instruction.bytes]);
  }

  #collect(items: readonly Item[]): void {
    if (items === this.#lastItems) {
      return;
    }
    this.#lastItems = items;
    for (const item of items) {
      if (!this.#marked.has(item) && !this.#pending.has(item)) {
        this.#pending.set(item, this.#open.length);
      }
    }
  }

  #trackControlFlow(op: number, isDead: boolean): void {
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
        if (!isDead && LEAVES_CONSTRUCT.has(op)) {
          this.#deadUntil = open.length;
        }
    }
  }

  /** Closes the innermost construct, or its first half. */
  #close(continues: boolean): void {
    const open = this.#open;
    this.#lastItems = undefined;
    const { isLoop, marked } = open.pop() as Construct;
    if (this.#deadUntil === open.length + 1) {
      // Code behind a loop is reached only by falling out of it.
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

  /** Returns the instructions that mark the block; undefined if it has no new items. */
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
