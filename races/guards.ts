/**
 * Protected cells, inferred from the access trees: protected by a lock that every access holds (the lockset of Eraser),
 * or never written by any thread. A protected access commutes with every step of other CPUs, so it needs no
 * interleaving. New accesses can refute an inference: then a search that assumed it is void.
 */
import type { Access } from "./access.ts";
import type { Cells } from "./cells.ts";

/**
 * Cells of one class are protected together: the same field of different elements (paths that differ in roles only), or
 * the fields of one C object, because a plain store to a word races with an access to any part of it.
 */
interface Protection {
  /** Locks that every access so far held, as cell classes; undefined before the first one. */
  all: ReadonlySet<number> | undefined;
  /** Locks that every store so far held; undefined before the first one: the cell is read-only. */
  stores: ReadonlySet<number> | undefined;
  /** Whether every access so far was an addition whose result no thread receives. */
  onlyAdds: boolean;
  /** The lock by which a search assumes loads to be protected, or READ_ONLY if none is needed. */
  loadAssumption: number | undefined;
  /** The lock by which a search assumes stores to be protected, or ONLY_ADDS if none is needed. */
  storeAssumption: number | undefined;
}

const READ_ONLY = -1;
const ONLY_ADDS = -2;

/**
 * Assumptions of a search, as JSON: for each protection those of loads and stores, and the locks assumed to be
 * untested.
 */
export interface SavedGuards {
  readonly isBroken: boolean;
  readonly relied: readonly (readonly [loads: number | null, stores: number | null])[];
  readonly untested: readonly number[];
}

/** Inferred protection of all cells. */
export class Guards {
  /** Whether an assumption of the search was wrong. */
  isBroken = false;
  /** Class of each cell. */
  readonly classes: readonly number[];
  private readonly roles: readonly number[];
  private readonly protections: readonly Protection[];
  /** Locks that some thread reads without waiting: cell classes. */
  private readonly tested: Set<number> = new Set();
  /** Locks that a search assumes no thread reads without waiting: cell classes. */
  private readonly untestedAssumptions: Set<number> = new Set();
  /** Locks that are taken or released by accesses that do not order the critical section: cell classes. */
  private readonly unordered: Set<number> = new Set();
  private readonly needsOrder: boolean;

  /**
   * @param objectOf returns the name of the C object that contains a cell, by path
   * @param needsOrder whether a lock protects only if it is taken by acquires and released by releases
   */
  constructor({ all }: Cells, objectOf: (path: string) => string, needsOrder: boolean = false) {
    this.needsOrder = needsOrder;
    const names = new Map<string, number>();
    this.classes = all.map(({ path, role }) => {
      const name = role < 0 ? objectOf(path) : path.replace(/\[\d+\]/, "[*]");
      const index = names.get(name) ?? names.size;
      names.set(name, index);
      return index;
    });
    this.roles = all.map(({ role }) => role);
    this.protections = Array.from(names, () => ({
      all: undefined,
      stores: undefined,
      onlyAdds: true,
      loadAssumption: undefined,
      storeAssumption: undefined,
    }));
  }

  /** Updates the inferences by an access. @param heldLocks the locks that the thread holds at it */
  learn({ kind, cells, isVoidAdd, enabled, order }: Access, heldLocks: readonly number[]): void {
    if (kind === "lock" && enabled === undefined) {
      this.learnTested(cells);
    }
    const ordered = kind === "lock" ? "acquire" : "release";
    if (this.needsOrder && (kind === "lock" || kind === "unlock") && order !== ordered && order !== "full") {
      this.learnUnordered(cells);
    }
    if (kind !== "load" && kind !== "store" && kind !== "rmw") {
      return;
    }
    for (const cell of cells) {
      const protection = this.protectionOf(cell);
      const locks = this.locksFor(cell, heldLocks);
      protection.all = common(protection.all, locks);
      if (kind !== "load") {
        protection.stores = common(protection.stores, locks);
      }
      protection.onlyAdds &&= isVoidAdd === true;
      const { all, stores, loadAssumption, storeAssumption } = protection;
      const loadsBroken =
        loadAssumption !== undefined &&
        (loadAssumption === READ_ONLY ? stores !== undefined : stores?.has(loadAssumption) === false);
      const storesBroken =
        storeAssumption !== undefined &&
        (storeAssumption === ONLY_ADDS ? !protection.onlyAdds : !all.has(storeAssumption));
      if (loadsBroken || storesBroken) {
        this.isBroken = true;
      }
    }
  }

  /**
   * Whether an access commutes with all next steps of other CPUs: a load if every store holds one of the held locks, a
   * store if every access does, an addition if there are only additions. A positive result becomes an assumption of the
   * search.
   */
  isProtected({ kind, cells }: Access, heldLocks: readonly number[]): boolean {
    const protectors = cells.map((cell) =>
      kind === "load" ? this.protectorOfLoad(cell, heldLocks) : this.protectorOfStore(cell, heldLocks),
    );
    if (protectors.includes(undefined)) {
      return false;
    }
    cells.forEach((cell, i) => {
      const protection = this.protectionOf(cell);
      if (kind === "load") {
        protection.loadAssumption = protectors[i];
      } else {
        protection.storeAssumption = protectors[i];
      }
    });
    return true;
  }

  /**
   * Whether a thread reads a lock without waiting for it: such a thread can observe the time of an unlock. A negative
   * result becomes an assumption of the search.
   */
  isTested(cell: number): boolean {
    const tested = this.tested.has(this.classes[cell] as number);
    if (!tested) {
      this.untestedAssumptions.add(this.classes[cell] as number);
    }
    return tested;
  }

  private learnTested(cells: readonly number[]): void {
    for (const cell of cells) {
      const lock = this.classes[cell] as number;
      this.tested.add(lock);
      this.isBroken ||= this.untestedAssumptions.has(lock);
    }
  }

  private learnUnordered(cells: readonly number[]): void {
    for (const cell of cells) {
      const lock = this.classes[cell] as number;
      this.unordered.add(lock);
      this.isBroken ||= this.protections.some(
        ({ loadAssumption, storeAssumption }) => loadAssumption === lock || storeAssumption === lock,
      );
    }
  }

  /** Clears the assumptions, not the inferences. */
  begin(): void {
    this.isBroken = false;
    this.untestedAssumptions.clear();
    for (const protection of this.protections) {
      protection.loadAssumption = undefined;
      protection.storeAssumption = undefined;
    }
  }

  /** Assumptions of the search, and whether one of them was wrong. */
  save(): SavedGuards {
    const { isBroken, protections, untestedAssumptions } = this;
    return {
      isBroken,
      relied: protections.map(({ loadAssumption, storeAssumption }) => [
        loadAssumption ?? null,
        storeAssumption ?? null,
      ]),
      untested: [...untestedAssumptions],
    };
  }

  /** Restores saved assumptions. Called after all inferences of that time have been made again. */
  restore({ isBroken, relied, untested }: SavedGuards): void {
    this.isBroken = isBroken;
    for (const [i, [loads, stores]] of relied.entries()) {
      const protection = this.protections[i] as Protection;
      protection.loadAssumption = loads ?? undefined;
      protection.storeAssumption = stores ?? undefined;
    }
    for (const lock of untested) {
      this.untestedAssumptions.add(lock);
    }
  }

  private protectorOfLoad(cell: number, heldLocks: readonly number[]): number | undefined {
    const { stores, loadAssumption } = this.protectionOf(cell);
    const locks = this.locksFor(cell, heldLocks);
    if (loadAssumption !== undefined) {
      return loadAssumption === READ_ONLY || locks.includes(loadAssumption) ? loadAssumption : undefined;
    }
    return stores === undefined ? READ_ONLY : locks.find((each) => stores.has(each));
  }

  private protectorOfStore(cell: number, heldLocks: readonly number[]): number | undefined {
    const { all, onlyAdds, storeAssumption } = this.protectionOf(cell);
    const locks = this.locksFor(cell, heldLocks);
    if (storeAssumption !== undefined) {
      return storeAssumption === ONLY_ADDS || locks.includes(storeAssumption) ? storeAssumption : undefined;
    }
    return onlyAdds ? ONLY_ADDS : locks.find((each) => all === undefined || all.has(each));
  }

  private protectionOf(cell: number): Protection {
    return this.protections[this.classes[cell] as number] as Protection;
  }

  /**
   * The held locks that are the same lock for all threads that access the cell: global ones, and those of its element.
   */
  private locksFor(cell: number, heldLocks: readonly number[]): number[] {
    const role = this.roles[cell] as number;
    return heldLocks
      .filter((lock) => this.roles[lock] === -1 || this.roles[lock] === role)
      .map((lock) => this.classes[lock] as number)
      .filter((lock) => !this.unordered.has(lock));
  }
}

function common(before: ReadonlySet<number> | undefined, locks: readonly number[]): ReadonlySet<number> {
  return new Set(locks.filter((each) => before === undefined || before.has(each)));
}
