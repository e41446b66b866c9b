/**
 * Views: loads may read values that other CPUs have overwritten. Memory holds the newest value of each word; a
 * *history* holds the values that were overwritten and that some CPU may still read. Each CPU has a view: the writes
 * that it has seen, whose older values it can no longer read. Release writes carry the writer's view, acquire reads
 * take it over, smp_mb() makes views of one CPU follow those of another.
 *
 * What is weaker than x86-TSO: loads are reordered with loads, stores with stores. What is stronger than the kernel's
 * memory model: no store is executed before a load that precedes it (no load buffering), the stores to one word become
 * visible in the order in which they are executed, and read-modify-writes and awaits see the newest value. Dependencies
 * order nothing, but for an address dependency that is said to be an acquire.
 *
 * @source Kang et al., A Promising Semantics for Relaxed-Memory Concurrency (2017), without promises
 */
import { array, at, bool, int, ref, type StructField, struct } from "../explore/model/schema.ts";
import type { Access } from "./access.ts";
import { IDLE } from "./access-tree.ts";
import { type Cell, type Cells, otherElement, StateMemory } from "./cells.ts";
import { LEAST_REMEMBERED, MOST_REMEMBERED } from "./store-buffer.ts";
import { MOST_PLACES, type ViewLimits } from "./view-limits.ts";

/** A cell that a write changed. A write to several cells of a word has several, one after the other. */
export interface Overwritten {
  /** Index of the cell plus one, of the first role where the cell belongs to an element; 0 for a free place. */
  cell: number;
  /** The element that it belongs to: position plus one; 0 for none. */
  element: number;
  /** The value before, unless it is a reference to an element. */
  value: number;
  /** The reference before. */
  reference: number;
  /** Whether it belongs to the same write as the place before. */
  continues: boolean;
  /** The writes that a CPU has seen that acquires from this one: a bit for each place of the history. */
  released: number;
}

/** What a CPU has seen: sets of writes, a bit for each place of the history in which a write begins. */
export interface View {
  /** Writes whose older values the CPU cannot read any more. */
  seen: number;
  /** Writes besides that it will have seen after an acquire fence: those that what it read had released. */
  acquired: number;
  /** Writes that it had seen at its last release fence: what its relaxed writes release. */
  released: number;
}

/** The part of a state that views add. */
export interface ViewState {
  readonly history: readonly Overwritten[];
  /** Writes that were seen before some smp_mb(). */
  fenced: number;
  readonly cpus: readonly (View & { readonly node: number })[];
}

/** Schema of a history. @param length places @param elements how many elements the symmetric sort has */
export function historySchema(cells: Cells, length: number, elements: number): ReturnType<typeof array> {
  const element = elements === 0 ? int(0, 0) : ref(cells.roles.scalarset, elements);
  const place = struct({
    cell: int(0, cells.all.length),
    element,
    value: int(LEAST_REMEMBERED, MOST_REMEMBERED, 0),
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

/** The word that each cell is part of. Words of different elements have one number. */
function wordsOf({ all }: Cells, objectOf: (path: string) => string): readonly number[] {
  const words = new Map<string, number>();
  return all.map(({ canonical }) => {
    const word = objectOf((all[canonical] as Cell).path);
    const known = words.get(word) ?? words.size;
    words.set(word, known);
    return known;
  });
}

/** Memory as the CPU sees it that performs an access. */
export class ViewMemory extends StateMemory {
  private readonly all: readonly Cell[];
  private readonly other: number;
  /** The word of each cell. */
  private readonly words: readonly number[];
  private readonly limits: ViewLimits;
  private view: View = { seen: 0, acquired: 0, released: 0 };
  /** How many of the newest writes to the word the load that is performed ignores. */
  private ignored = 0;
  /** Place of the oldest write that it ignores. */
  private from = 0;
  private isRecording = false;
  /** What the write that is performed overwrites. */
  private readonly overwritten: { cell: number; value: number }[] = [];

  /** @param objectOf name of the C object that a cell is part of, by path: a word */
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

  /** What a thread sees of a reference to an element. */
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

  /** Whether a place is the first of a write to the word of a cell of the CPU. */
  private isWriteTo(cell: number, { cell: canonical, element, continues }: Overwritten): boolean {
    return (
      canonical !== 0 &&
      !continues &&
      this.words[canonical - 1] === this.words[cell] &&
      element === this.elementOf((this.all[cell] as Cell).role)
    );
  }

  /** An operation begins: it has seen everything that was written. */
  begin(state: unknown, own: View): void {
    this.state = state;
    own.seen = this.everything();
    own.acquired = 0;
    own.released = own.seen;
  }

  private everything(): number {
    let all = 0;
    for (let i = 0; i < this.shared.history.length; i++) {
      const { cell, continues } = at(this.shared.history, i);
      all |= cell !== 0 && !continues ? 1 << i : 0;
    }
    return all;
  }

  /**
   * Whether a load can ignore so many of the newest writes to its word: the CPU has not seen them.
   *
   * @throws AssumptionFailed when it could ignore more than the limit
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
      this.limits.needIgnored();
    }
    return unseen >= writes;
  }

  /**
   * Performs an access that other CPUs can interfere with, as the CPU sees memory.
   *
   * @param ignored of a load: how many of the newest writes to its word it does not see
   * @returns what the thread gets
   * @throws AssumptionFailed when the history is too short
   */
  perform(access: Access, own: View, ignored: number): number {
    this.view = own;
    const { kind, order } = access;
    if (kind === "fence") {
      this.fence(order);
      return access.perform(this);
    }
    if (kind === "load") {
      this.limits.needLoaded(this.words[access.cells[0] as number] as number);
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
    const released = this.see(writes.slice(0, writes.length - ignored));
    const isRead = kind !== "store" && kind !== "unlock";
    if (isRead) {
      own.acquired |= released;
      // A read-modify-write that comes to nothing orders nothing.
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

  /** The values of an access's cells for a load that ignores some of the newest writes to its word. */
  older(access: Access, ignored: number): number[] {
    const writes = this.placesOf(access.cells[0]);
    this.from = writes[writes.length - ignored] ?? 0;
    this.ignored = ignored;
    const values = access.cells.map((cell) => this.read(cell));
    this.ignored = 0;
    return values;
  }

  /** Places of the writes to the word of a cell, the oldest first. */
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

  /** The CPU has seen writes to one word. @returns what the newest of them released */
  private see(writes: readonly number[]): number {
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

  /** Adds the write that was performed, after all others to its word. */
  private append(released: number): void {
    const { shared, view } = this;
    const { history } = shared;
    const overwritten = this.changes();
    const { length } = overwritten;
    const { cell: first } = overwritten[0] as { cell: number };
    const word = this.words[first] as number;
    if (!this.limits.loaded.has(word)) {
      // Nobody reads older values, and a read-modify-write has taken over what they released.
      released = this.removeOldest(first, 0, released);
    } else if (this.limits.ofEachWord < MOST_PLACES) {
      this.seeOldest(first, this.limits.ofEachWord - 1);
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
      this.limits.needPlaces();
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

  /** What a write changes; of one that changes nothing, one cell. */
  private changes(): readonly { readonly cell: number; readonly value: number }[] {
    const { overwritten } = this;
    const changed = overwritten.filter(
      ({ cell, value }) => (this.all[cell] as Cell).raw(this.state, this.assignment) !== value,
    );
    return changed.length > 0 ? changed : overwritten.slice(0, 1);
  }

  /** All CPUs see the oldest writes to the word of a cell, and what they released. @param kept how many are left out */
  private seeOldest(cell: number, kept: number): void {
    const { history, cpus } = this.shared;
    for (const place of this.placesOf(cell).slice(0, -kept || undefined)) {
      for (let c = 0; c < cpus.length; c++) {
        at(cpus, c).seen |= at(history, place).released;
      }
    }
  }

  /**
   * Removes the oldest writes to the word of a cell.
   *
   * @param kept how many are kept
   * @returns a set of writes without them
   */
  private removeOldest(cell: number, kept: number, set: number): number {
    return this.placesOf(cell)
      .slice(0, -kept || undefined)
      .reduceRight((left, place) => this.remove(place, left), set);
  }

  /** Forgets what no CPU can read, and no view can tell from another one. */
  forget(state: unknown): void {
    this.state = state;
    const { shared } = this;
    const { history, cpus } = shared;
    if (at(history, 0).cell === 0) {
      this.forgetIdle();
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
    this.forgetIdle();
  }

  /** Whether a write after the one at a place is to the same word, and in a set. */
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

  /** Removes the write at a place. @returns the set without it */
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

  private forgetIdle(): void {
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
