/** The accesses of C code to one folio, as accesses of a port to cells. Access objects are cached. */
import type { SourcePlace } from "../../model/kernel/call-node.ts";
import type { Access, AccessKind, CellIndex, Memory, Order } from "../../races/access.ts";
import type { Delivery, Effect, Stub } from "./access-stubs.ts";
import type { CellField, FolioWords, Span } from "./folio-words.ts";
import { readSpan } from "./folio-words.ts";

/** A plain load and a plain store. */
export const PLAIN_LOAD: PlainAccess = { name: "load", kind: "load", order: "relaxed", marked: false };
export const PLAIN_STORE: PlainAccess = { name: "store", kind: "store", order: "relaxed", marked: false };

/** Kind, order and marking of a load or store. */
export interface PlainAccess {
  readonly name: string;
  readonly kind: AccessKind;
  readonly order: Order;
  readonly marked: boolean;
}

/** A folio whose fields are cells. */
export class RacingFolio {
  readonly words: FolioWords;
  private readonly accesses: AccessCache = new AccessCache();
  private readonly otherCells: Map<string, number> = new Map();
  private readonly path: string;
  private readonly index: CellIndex;

  /** @param path path of the folio, such as `folios[0]` */
  constructor(path: string, words: FolioWords, index: CellIndex) {
    this.path = path;
    this.words = words;
    this.index = index;
  }

  /** Returns the cell of a field that is not in the struct pages. */
  private cellOf(path: string): number {
    let cell = this.otherCells.get(path);
    if (cell === undefined) {
      cell = this.index.cell(`${this.path}.${path}`);
      this.otherCells.set(path, cell);
    }
    return cell;
  }

  /**
   * Returns the load of a span that has cells. Its result is that of readSpan().
   *
   * @param mask the bits that the caller uses
   */
  load({ offset, bytes, delivered, cells, object, name }: Span, mask: number, how: PlainAccess, line: Line): Access {
    const key = keyOf(how.marked ? Kind.markedLoad : Kind.load, 8 * offset, bytes);
    return (
      this.accesses.find(line.number, key, mask, 0) ??
      this.accesses.keep(line.number, key, mask, 0, {
        ...line.known,
        kind: how.kind,
        marked: how.marked,
        order: how.order,
        cells,
        object,
        text: `${how.name} ${name}`,
        perform: (memory) => readSpan(delivered, memory),
      })
    );
  }

  /**
   * Returns the store of values to the cells of a span.
   *
   * @param values the value of each written part
   * @param low low half of the stored bits
   * @param high high half of the stored bits; `low` and `high` determine `values`
   */
  store(span: Span, values: readonly number[], low: number, high: number, how: PlainAccess, line: Line): Access {
    const { offset, bytes, object, name, written } = span;
    const cells = written.map(({ field }) => field.cell);
    const key = keyOf(how.marked ? Kind.markedStore : Kind.store, 8 * offset, bytes);
    return (
      this.accesses.find(line.number, key, low, high) ??
      this.accesses.keep(line.number, key, low, high, {
        ...line.known,
        kind: how.kind,
        marked: how.marked,
        order: how.order,
        cells,
        object,
        text: `${how.name} ${name} = ${values.join(", ")}`,
        perform: (memory) => {
          for (let i = 0; i < cells.length; i++) {
            writeChanged(memory, cells[i] as number, values[i] as number);
          }
          return 0;
        },
      })
    );
  }

  /** Returns an atomic operation on a whole field, or on its only bit. */
  atomic(field: CellField, number: number, stub: Stub, first: number, second: number, line: Line): Access {
    const key = keyOf(Kind.atomic + number, field.bit, 1);
    return (
      this.accesses.find(line.number, key, first, second) ??
      this.accesses.keep(line.number, key, first, second, {
        ...line.known,
        kind: stub.kind,
        cells: [field.cell],
        object: field.object,
        marked: true,
        order: stub.order,
        isVoidAdd: stub.effect === "add" && stub.delivery === "nothing",
        text: textOfAtomic(stub, field.name, first, second),
        perform: (memory) => performAtomic(memory, field, stub, first, second),
      })
    );
  }

  /**
   * Returns the acquire or release of a lock.
   *
   * @param path path of its cell in the folio, such as `largeMapcountLock`
   */
  lock(path: string, kind: "lock" | "unlock", text: string, line: Line): Access {
    const cell = this.cellOf(path);
    const key = keyOf(kind === "lock" ? Kind.lock : Kind.unlock, 0, 1);
    return (
      this.accesses.find(line.number, key, cell, 0) ??
      this.accesses.keep(line.number, key, cell, 0, {
        ...line.known,
        kind,
        cells: [cell],
        object: `${this.path}.${path}`,
        marked: true,
        order: kind === "lock" ? "acquire" : "release",
        text,
        perform: (memory) => {
          memory.write(cell, kind === "lock" ? 1 : 0);
          return 0;
        },
        ...(kind === "lock" && { enabled: (memory: Memory) => memory.read(cell) === 0 }),
      })
    );
  }

  /** Returns an access to a boolean that C encodes otherwise: a lock that is tested, or membership of a list. */
  flag(path: string, object: string, how: PlainAccess, value: number, text: string, line: Line): Access {
    const cell = this.cellOf(path);
    const key = keyOf(how.kind === "load" ? Kind.flagLoad : Kind.flagStore, 0, 1);
    return (
      this.accesses.find(line.number, key, cell, value) ??
      this.accesses.keep(line.number, key, cell, value, {
        ...line.known,
        kind: how.kind,
        order: how.order,
        marked: how.marked,
        cells: [cell],
        object,
        text,
        perform: (memory) => {
          if (how.kind === "load") {
            return memory.read(cell);
          }
          memory.write(cell, value);
          return 0;
        },
      })
    );
  }
}

/** A place in the C source. */
export interface Line {
  readonly number: number;
  /** File and line, if known. */
  readonly known: { readonly place?: SourcePlace };
}

/** Kinds of accesses in keys. */
const Kind = {
  load: 0,
  markedLoad: 1,
  store: 2,
  markedStore: 3,
  lock: 4,
  unlock: 5,
  flagLoad: 6,
  flagStore: 7,
  /** This plus the number of the stub. */
  atomic: 8,
} as const;

/** @param bit below 2^13 @param bytes 1 … 8 */
function keyOf(kind: number, bit: number, bytes: number): number {
  return (((kind << 13) | bit) << 4) | bytes;
}

/** Accesses by place, kind and operands. */
class AccessCache {
  private readonly byPlace: (Map<number, Map<number | string, Access>> | undefined)[] = [];

  find(place: number, key: number, first: number, second: number): Access | undefined {
    return this.byPlace[place]?.get(key)?.get(second === 0 ? first : `${first},${second}`);
  }

  keep(place: number, key: number, first: number, second: number, access: Access): Access {
    this.byPlace[place] ??= new Map();
    const byKey = this.byPlace[place];
    const byOperands = byKey.get(key) ?? new Map<number | string, Access>();
    byKey.set(key, byOperands.set(second === 0 ? first : `${first},${second}`, access));
    return access;
  }
}

/**
 * Writes a value if it differs from that of the cell. A store of a word with several fields also stores fields that the
 * thread has only loaded: an MM without a role in the operation, which the thread cannot name, then stays in its slot.
 */
function writeChanged(memory: Memory, cell: number, value: number): void {
  if (memory.read(cell) !== value) {
    memory.write(cell, value);
  }
}

function textOfAtomic({ name, effect }: Stub, field: string, first: number, second: number): string {
  switch (effect) {
    case "read":
      return `${name}(${field})`;
    case "addUnless":
    case "compareExchange":
      return `${name}(${field}, ${first}, ${second})`;
    default:
      return `${name}(${field}, ${first})`;
  }
}

function performAtomic(memory: Memory, field: CellField, stub: Stub, first: number, second: number): number {
  const before = memory.read(field.cell);
  const old = field.toC(before);
  const { value, changes } = afterEffect(stub.effect, old, first, second);
  if (changes) {
    memory.write(field.cell, field.toModel(value) ?? before);
  }
  return delivered(stub.delivery, old, value, changes);
}

/** Returns the value after an effect, and whether the effect writes. */
export function afterEffect(
  effect: Effect,
  old: number,
  first: number,
  second: number,
): { value: number; changes: boolean } {
  switch (effect) {
    case "read":
      return { value: old, changes: false };
    case "write":
    case "exchange":
      return { value: first, changes: true };
    case "add":
      return { value: (old + first) | 0, changes: true };
    case "addUnless":
      return old === second ? { value: old, changes: false } : { value: (old + first) | 0, changes: true };
    case "compareExchange":
      return old === first ? { value: second, changes: true } : { value: old, changes: false };
  }
}

/** Returns the result of an atomic operation for the caller. */
export function delivered(delivery: Delivery, old: number, value: number, changes: boolean): number {
  switch (delivery) {
    case "nothing":
      return 0;
    case "old":
      return old;
    case "new":
      return value;
    case "isNegative":
      return value < 0 ? 1 : 0;
    case "isZero":
      return value === 0 ? 1 : 0;
    case "succeeds":
      return changes ? 1 : 0;
  }
}
