/**
 * Views: loads may read values that other CPUs have overwritten. Memory contains the newest value of each word; a
 * *history* contains the overwritten values that some CPU may still read. Each CPU has a view: the set of writes that
 * it has seen, whose older values it can no longer read. Release writes carry the writer's view, acquire reads add it
 * to the reader's, and smp_mb() propagates views between CPUs.
 *
 * Weaker than x86-TSO: loads are reordered with loads, stores with stores. Stronger than the kernel's memory model: no
 * store is executed before a preceding load (no load buffering), the stores to one word become visible in the order of
 * their execution, and read-modify-writes and awaits read the newest value. Dependencies order nothing, except for an
 * address dependency that is declared as an acquire.
 *
 * @source Kang et al., A Promising Semantics for Relaxed-Memory Concurrency (2017), without promises
 */
import { array, at, bool, int, ref, type StructField, struct } from "../explore/model/schema.ts";
import type { Access } from "./access.ts";
import { IDLE } from "./access-tree.ts";
import { type Cell, type Cells, otherElement, StateMemory } from "./cells.ts";
import { LEAST_VALUE, MOST_VALUE } from "./store-buffer.ts";
import { MOST_PLACES, type ViewLimits } from "./view-limits.ts";

/** A cell that a write changed. A write to several cells of a word has consecutive entries. */
export interface Overwritten {
  /** Index of the cell plus one, in the first role if the cell belongs to an element; 0 for a free place. */
  cell: number;
  /** The element that contains it: position plus one; 0 for none. */
  element: number;
  /** The value before, unless it is a reference to an element. */
  value: number;
  /** The reference before. */
  reference: number;
  /** Whether it belongs to the same write as the previous entry. */
  continues: boolean;
  /** The view for CPUs that acquire from this write: a bit for each place of the history. */
  released: number;
}

/** The view of a CPU: sets of writes, a bit for each place of the history at which a write begins. */
export interface View {
  /** Writes whose older values the CPU can no longer read. */
  seen: number;
  /** Writes that an acquire fence would add: those released to the CPU's earlier reads. */
  acquired: number;
  /** Writes seen at the last release fence: those that relaxed writes release. */
  released: number;
}

/** The part of a state that views add. */
export interface ViewState {
  readonly history: readonly Overwritten[];
  /** Writes seen before any smp_mb(). */
  fenced: number;
  readonly cpus: readonly (View & { readonly node: number })[];
}

/** Schema of a history. @param length number of places @param elements number of elements of the scalarset */
export function historySchema(cells: Cells, length: number, elements: number): ReturnType<typeof array> {
  const element = elements === 0 ? int(0, 0) : ref(cells.roles.scalarset, elements);
  const place = struct({
    cell: int(0, cells.all.length),
    element,
    value: int(LEAST_VALUE, MOST_VALUE, 0),
    reference: element,
    continues: bool(),
    released: viewSchema(length),
  });
  return array(place as unknown as StructField, length);
}

/** Schema of a set of writes. */
export function viewSchema(length: number): ReturnType<typeof int> {
  return int(0, 2 ** length - 1);
}

/** The word that contains each cell. Corresponding words of different elements have one number. */
function wordsOf({ all }: Cells, objectOf: (path: string) => string): readonly number[] {
  const words = new Map<string, number>();
  return all.map(({ canonical }) => {
    const word = objectOf((all[canonical] as Cell).path);
    const number = words.get(word) ?? words.size;
    words.set(word, number);
    return number;
  });
}

/** Memory as seen by the CPU that performs an access. */
export class ViewMemory extends StateMemory {
  private readonly all: readonly Cell[];
  private readonly other: number;
  /** The word of each cell. */
  private readonly words: readonly number[];
  private readonly limits: ViewLimits;
  private view: View = { seen: 0, acquired: 0, released: 0 };
  /** Number of the newest writes to its word that the current load ignores. */
  private ignored = 0;
  /** Place of the oldest ignored write. */
  private from = 0;
  private isRecording = false;
  /** Cells and values that the current write overwrites. */
  private readonly overwritten: { cell: number; value: number }[] = [];

  /** @param objectOf returns the name of the C object that contains a cell, by path: a word */
  constructor(cells: Cells, objectOf: (path: string) => string, limits: ViewLimits) {
    super(cells);
    this.all = cells.all;
    this.other = otherElement(cells.roles);
    this.words = wordsOf(cells, objectOf);
    this.limits = limits;
  }

  private get shared(): ViewState {
    return this.state as ViewState;
  }

  override read(cell: number): number {
    if (this.ignored > 0) {
      const { history } = this.shared;
      const { role, canonical, isElement } = this.all[cell] as Cell;
      const element = this.elementOf(role);
      for (let i = this.from; i < history.length; i++) {
        const each = at(history, i);
        if (each.cell === canonical + 1 && each.element === element) {
          return isElement ? this.asRole(each.reference) : each.value;
        }
      }
    }
    return super.read(cell);
  }

  override write(cell: number, value: number): void {
    if (this.isRecording) {
      const { raw } = this.all[cell] as Cell;
      this.overwritten.push({ cell, value: raw(this.state, this.assignment) });
    }
    super.write(cell, value);
  }

  /** A reference to an element, as seen by a thread. */
  private asRole(reference: number): number {
    if (reference === 0) {
      return 0;
    }
    for (let role = 0; role < this.other - 1; role++) {
      if (this.assignment[`role${role}`] === reference) {
        return role + 1;
      }
    }
    return this.other;
  }

  private elementOf(role: number): number {
    return role < 0 ? 0 : (this.assignment[`role${role}`] as number);
  }

  /** Whether a place is the first one of a write to the word that contains a cell of the CPU. */
  private isWriteTo(cell: number, { cell: canonical, element, continues }: Overwritten): boolean {
    return (
      canonical !== 0 &&
      !continues &&
      this.words[canonical - 1] === this.words[cell] &&
      element === this.elementOf((this.all[cell] as Cell).role)
    );
  }

  /** Sets the view at the begin of an operation: all previous writes are seen. */
  begin(state: unknown, own: View): void {
    this.state = state;
    own.seen = this.allWrites();
    own.acquired = 0;
    own.released = own.seen;
  }

  private allWrites(): number {
    let all = 0;
    for (let i = 0; i < this.shared.history.length; i++) {
      const { cell, continues } = at(this.shared.history, i);
      all |= cell !== 0 && !continues ? 1 << i : 0;
    }
    return all;
  }

  /**
   * Whether a load can ignore this number of the newest writes to its word, that is, whether the CPU has not seen them.
   *
   * @throws AssumptionFailed if it could ignore more than the limit
   */
  canIgnore(writes: number, { kind, cells }: Access, own: View): boolean {
    if (kind !== "load") {
      return false;
    }
    const { history } = this.shared;
    let unseen = 0;
    for (let i = 0; i < history.length; i++) {
      if ((own.seen & (1 << i)) === 0 && this.isWriteTo(cells[0] as number, at(history, i))) {
        unseen += 1;
      }
    }
    if (unseen > this.limits.ignored) {
      this.limits.requireIgnored();
    }
    return unseen >= writes;
  }

  /**
   * Performs an access that can interfere with other CPUs, on the CPU's view of memory.
   *
   * @param ignored for a load: number of the newest writes to its word that it ignores
   * @returns the value for the thread
   * @throws AssumptionFailed if the history is too short
   */
  perform(access: Access, own: View, ignored: number): number {
    this.view = own;
    const { kind, order } = access;
    if (kind === "fence") {
      this.fence(order);
      return access.perform(this);
    }
    if (kind === "load") {
      this.limits.requireLoaded(this.words[access.cells[0] as number] as number);
    }
    const writes = this.placesOf(access.cells[0]);
    this.from = writes[writes.length - ignored] ?? 0;
    this.ignored = ignored;
    this.isRecording = true;
    this.overwritten.length = 0;
    const result = access.perform(this);
    this.ignored = 0;
    this.isRecording = false;
    const isWrite = this.overwritten.length > 0;
    const isFull = order === "full" && isWrite;
    if (isFull) {
      this.fence("full");
    }
    const released = this.markSeen(writes.slice(0, writes.length - ignored));
    const isRead = kind !== "store" && kind !== "unlock";
    if (isRead) {
      own.acquired |= released;
      // A failed read-modify-write orders nothing.
      if (order !== "relaxed" && order !== "release" && (isWrite || kind !== "rmw")) {
        own.seen |= released;
      }
    }
    if (isWrite) {
      const releases = order === "release" || order === "full";
      this.append((releases ? own.seen : own.released) | (isRead ? released : 0));
    }
    if (isFull) {
      this.fence("full");
    }
    return result;
  }

  /** Values of an access's cells for a load that ignores some of the newest writes to its word. */
  older(access: Access, ignored: number): number[] {
    const writes = this.placesOf(access.cells[0]);
    this.from = writes[writes.length - ignored] ?? 0;
    this.ignored = ignored;
    const values = access.cells.map((cell) => this.read(cell));
    this.ignored = 0;
    return values;
  }

  /** Places of the writes to the word that contains a cell, the oldest first. */
  private placesOf(cell: number | undefined): number[] {
    const { history } = this.shared;
    const places: number[] = [];
    for (let i = 0; cell !== undefined && i < history.length; i++) {
      if (this.isWriteTo(cell, at(history, i))) {
        places.push(i);
      }
    }
    return places;
  }

  /** Adds writes to one word to the CPU's view. @returns the view that the newest of them released */
  private markSeen(writes: readonly number[]): number {
    for (const place of writes) {
      this.view.seen |= 1 << place;
    }
    const newest = writes.at(-1);
    return newest === undefined ? 0 : at(this.shared.history, newest).released;
  }

  private fence(order: Access["order"]): void {
    const { view, shared } = this;
    if (order === "acquire" || order === "full") {
      view.seen |= view.acquired;
    }
    if (order === "full") {
      view.seen |= shared.fenced;
      shared.fenced = view.seen;
    }
    if (order === "release" || order === "full") {
      view.released = view.seen;
    }
  }

  /** Appends the current write to the history, after all others to its word. */
  private append(released: number): void {
    const { shared, view } = this;
    const { history } = shared;
    const overwritten = this.changes();
    const { length } = overwritten;
    const { cell: first } = overwritten[0] as { cell: number };
    const word = this.words[first] as number;
    if (!this.limits.loaded.has(word)) {
      // Older values are never read, and a read-modify-write has acquired the views that they released.
      released = this.removeOldest(first, 0, released);
    } else if (this.limits.ofEachWord < MOST_PLACES) {
      this.markOldestSeen(first, this.limits.ofEachWord - 1);
      released = this.removeOldest(first, this.limits.ofEachWord - 1, released);
    }
    let used = 0;
    let place = 0;
    for (; used < history.length && at(history, used).cell !== 0; used++) {
      if ((this.words[at(history, used).cell - 1] as number) <= word) {
        place = used + 1;
      }
    }
    if (used + length > history.length) {
      this.limits.requirePlaces();
    }
    for (let i = used - 1; i >= place; i--) {
      copy(at(history, i + length), at(history, i));
    }
    const below = (1 << place) - 1;
    this.mapViews((set) => (set & below) | ((set & ~below) << length));
    overwritten.forEach(({ cell, value }, i) => {
      const to = at(history, place + i);
      const { role, isElement, canonical } = this.all[cell] as Cell;
      to.cell = canonical + 1;
      to.element = this.elementOf(role);
      to.value = isElement ? 0 : value;
      to.reference = isElement ? value : 0;
      to.continues = i > 0;
      to.released = i > 0 ? 0 : (released & below) | ((released & ~below) << length);
    });
    view.seen |= 1 << place;
  }

  /** The cells that a write changes; one cell if it changes none. */
  private changes(): readonly { readonly cell: number; readonly value: number }[] {
    const { overwritten } = this;
    const changed = overwritten.filter(
      ({ cell, value }) => (this.all[cell] as Cell).raw(this.state, this.assignment) !== value,
    );
    return changed.length > 0 ? changed : overwritten.slice(0, 1);
  }

  /** Adds the views released by the oldest writes to a word to all CPUs. @param newest number of writes to exclude */
  private markOldestSeen(cell: number, newest: number): void {
    const { history, cpus } = this.shared;
    for (const place of this.placesOf(cell).slice(0, -newest || undefined)) {
      for (let c = 0; c < cpus.length; c++) {
        at(cpus, c).seen |= at(history, place).released;
      }
    }
  }

  /** Removes the oldest writes to a word. @param newest number of writes to retain @returns `set` without the others */
  private removeOldest(cell: number, newest: number, set: number): number {
    return this.placesOf(cell)
      .slice(0, -newest || undefined)
      .reduceRight((left, place) => this.remove(place, left), set);
  }

  /** Removes writes that no CPU can read and that make no difference to views. */
  compact(state: unknown): void {
    this.state = state;
    const { shared } = this;
    const { history, cpus } = shared;
    if (at(history, 0).cell === 0) {
      this.clearIdle();
      return;
    }
    let all = -1;
    for (let i = 0; i < cpus.length; i++) {
      const each = at(cpus, i);
      all &= each.node === IDLE ? -1 : each.seen;
    }
    for (let i = 0; i < cpus.length; i++) {
      const each = at(cpus, i);
      each.acquired &= ~each.seen;
      each.released &= ~all;
    }
    shared.fenced &= ~all;
    for (let i = 0; i < history.length; i++) {
      at(history, i).released &= ~all;
    }
    for (let i = history.length - 1; i >= 0; i--) {
      const { cell, continues, released } = at(history, i);
      if (cell !== 0 && !continues) {
        const readable = this.limits.loaded.has(this.words[cell - 1] as number) ? all : -1;
        if ((readable & (1 << i)) !== 0 && (released === 0 || this.isOverwritten(i, readable))) {
          all = this.remove(i, all);
        }
      }
    }
    this.clearIdle();
  }

  /** Whether a later write in `set` is to the same word. */
  private isOverwritten(place: number, set: number): boolean {
    const { history } = this.shared;
    const one = at(history, place);
    const word = this.words[one.cell - 1];
    for (let i = place + 1; i < history.length; i++) {
      const { cell, element, continues } = at(history, i);
      if (
        cell !== 0 &&
        !continues &&
        this.words[cell - 1] === word &&
        element === one.element &&
        (set & (1 << i)) !== 0
      ) {
        return true;
      }
    }
    return false;
  }

  /** Removes the write at a place. @returns `set` without it */
  private remove(place: number, set: number): number {
    const { history } = this.shared;
    let end = place + 1;
    while (end < history.length && at(history, end).continues) {
      end++;
    }
    const length = end - place;
    for (let i = place; i < history.length; i++) {
      copy(at(history, i), i + length < history.length ? at(history, i + length) : NOTHING);
    }
    const below = (1 << place) - 1;
    const without = (each: number): number => (each & below) | ((each >>> length) & ~below);
    this.mapViews(without);
    return set < 0 ? (set & below) | ((set >> length) & ~below) : without(set);
  }

  private clearIdle(): void {
    const { cpus } = this.shared;
    for (let i = 0; i < cpus.length; i++) {
      const each = at(cpus, i);
      if (each.node === IDLE) {
        each.seen = 0;
        each.acquired = 0;
        each.released = 0;
      }
    }
  }

  private mapViews(change: (set: number) => number): void {
    const { shared } = this;
    const { cpus, history } = shared;
    for (let i = 0; i < cpus.length; i++) {
      const each = at(cpus, i);
      each.seen = change(each.seen);
      each.acquired = change(each.acquired);
      each.released = change(each.released);
    }
    for (let i = 0; i < history.length; i++) {
      const each = at(history, i);
      each.released = change(each.released);
    }
    shared.fenced = change(shared.fenced);
  }
}

const NOTHING: Overwritten = { cell: 0, element: 0, value: 0, reference: 0, continues: false, released: 0 };

function copy(to: Overwritten, from: Overwritten): void {
  to.cell = from.cell;
  to.element = from.element;
  to.value = from.value;
  to.reference = from.reference;
  to.continues = from.continues;
  to.released = from.released;
}
