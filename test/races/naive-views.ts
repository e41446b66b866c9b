/**
 * Views without any reduction, as in the literature: a list of all writes since every CPU was idle, and sets of their
 * numbers. No write is ever removed.
 */
import type { Access, Memory, Order } from "../../races/access.ts";
import { type Assignment, type Cell, type Cells, otherElement } from "../../races/cells.ts";

/** A write to a word: the previous values of the changed cells, and the writes that it releases. */
interface Write {
  readonly word: string;
  readonly old: { readonly [cell: string]: number };
  readonly released: readonly number[];
}

/** The writes that a CPU has seen, by number; see View of the engine. */
export interface NaiveView {
  readonly seen: readonly number[];
  readonly acquired: readonly number[];
  readonly released: readonly number[];
}

/** All writes, and those seen before any smp_mb(). */
export interface NaiveHistory {
  readonly writes: readonly Write[];
  readonly fenced: readonly number[];
}

export const NO_HISTORY: NaiveHistory = { writes: [], fenced: [] };

/** The view at the beginning of an operation: all writes are seen. */
export function everything({ writes }: NaiveHistory): NaiveView {
  const all = writes.map((_, i) => i);
  return { seen: all, acquired: all, released: all };
}

const union = (...sets: (readonly number[])[]): number[] => [...new Set(sets.flat())].sort((a, b) => a - b);

/** Performs accesses of one CPU. */
export class NaiveViews {
  private readonly cells: Cells;
  private readonly objectOf: (path: string) => string;

  constructor(cells: Cells, objectOf: (path: string) => string) {
    this.cells = cells;
    this.objectOf = objectOf;
  }

  private cellOf(index: number): Cell {
    return this.cells.all[index] as Cell;
  }

  private element(cell: number, assignment: Assignment): number {
    const { role } = this.cellOf(cell);
    return role < 0 ? 0 : (assignment[`role${role}`] as number);
  }

  private wordOf(cell: number, assignment: Assignment): string {
    const { path } = this.cellOf(this.cellOf(cell).canonical);
    return `${this.objectOf(path)} of ${this.element(cell, assignment)}`;
  }

  private nameOf(cell: number, assignment: Assignment): string {
    return `${this.cellOf(cell).canonical} of ${this.element(cell, assignment)}`;
  }

  /** Numbers of the writes to the word that an access reads or writes. */
  private writesTo({ cells: [cell] }: Access, { writes }: NaiveHistory, assignment: Assignment): number[] {
    const word = cell === undefined ? "" : this.wordOf(cell, assignment);
    return writes.flatMap((each, i) => (each.word === word ? [i] : []));
  }

  /** Number of the newest writes to its word that an access may ignore. */
  ignorable(access: Access, history: NaiveHistory, { seen }: NaiveView, assignment: Assignment): number {
    const writes = this.writesTo(access, history, assignment);
    return access.kind === "load" ? writes.filter((each) => !seen.includes(each)).length : 0;
  }

  /** @param shared is modified */
  perform(
    access: Access,
    {
      shared,
      assignment,
      history,
      view,
      ignored,
    }: {
      readonly shared: unknown;
      readonly assignment: Assignment;
      readonly history: NaiveHistory;
      readonly view: NaiveView;
      readonly ignored: number;
    },
  ): { readonly value: number; readonly history: NaiveHistory; readonly view: NaiveView } {
    const { kind, order } = access;
    const writes = this.writesTo(access, history, assignment);
    const read = writes.slice(0, writes.length - ignored);
    const old: { [cell: string]: number } = {};
    const value = access.perform(this.memory(shared, assignment, history, writes.slice(writes.length - ignored), old));
    const isWrite = Object.keys(old).length > 0;
    let state = { history, view };
    if (kind === "fence" || (order === "full" && isWrite)) {
      state = fence(state, kind === "fence" ? order : "full");
    }
    const newest = read.at(-1);
    const source =
      newest === undefined || kind === "store" || kind === "unlock" ? [] : (history.writes[newest]?.released ?? []);
    let { seen, acquired } = state.view;
    seen = union(seen, read);
    acquired = union(acquired, source);
    if ((order === "acquire" || order === "full") && (isWrite || kind !== "rmw")) {
      seen = union(seen, source);
    }
    state = { ...state, view: { ...state.view, seen, acquired } };
    if (isWrite) {
      const number = history.writes.length;
      const released = union(order === "release" || order === "full" ? seen : state.view.released, source);
      const word = this.wordOf(access.cells[0] as number, assignment);
      const all = { ...state.history, writes: [...history.writes, { word, old, released }] };
      state = { history: all, view: { ...state.view, seen: union(seen, [number]) } };
      if (order === "full") {
        state = fence(state, "full");
      }
    }
    return { value, ...state };
  }

  private memory(
    shared: unknown,
    assignment: Assignment,
    { writes }: NaiveHistory,
    ignored: readonly number[],
    old: { [cell: string]: number },
  ): Memory {
    return {
      read: (cell) => {
        const name = this.nameOf(cell, assignment);
        const older = ignored.map((each) => writes[each]?.old[name]).find((each) => each !== undefined);
        const { get, isElement } = this.cellOf(cell);
        return older === undefined
          ? get(shared, assignment)
          : isElement && older !== 0
            ? roleOf(older, assignment, this.cells)
            : older;
      },
      write: (cell, value) => {
        const { raw, set } = this.cellOf(cell);
        old[this.nameOf(cell, assignment)] = raw(shared, assignment);
        set(shared, assignment, value);
      },
    };
  }
}

function fence(
  { history, view }: { readonly history: NaiveHistory; readonly view: NaiveView },
  order: Order,
): { history: NaiveHistory; view: NaiveView } {
  const acquires = order === "acquire" || order === "full";
  const isFull = order === "full";
  const seen = union(view.seen, acquires ? view.acquired : [], isFull ? history.fenced : []);
  const released = order === "release" || isFull ? seen : view.released;
  return {
    history: isFull ? { ...history, fenced: seen } : history,
    view: { ...view, seen, released },
  };
}

function roleOf(element: number, assignment: Assignment, { roles }: Cells): number {
  for (let role = 0; role < roles.count; role++) {
    if (assignment[`role${role}`] === element) {
      return role + 1;
    }
  }
  return otherElement(roles);
}
