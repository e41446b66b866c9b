/**
 * Which cells are protected, learned from the access trees: by a lock that every access holds (the lockset of Eraser), or
 * because no thread ever writes them. An access that is protected commutes with every step of other CPUs, so it needs no
 * interleaving. What was learned may turn out wrong when new accesses are found: then a search that relied on it is void.
 */
import type { Access } from "./access.ts";
import type { Cells } from "./cells.ts";

/**
 * Cells of one class are protected together: the same field of different elements (paths that differ in roles only), or the
 * fields of one C object, since a plain store to a word races with an access to any part of it.
 */
interface Protection {
  /** Locks that every access held so far, as cell classes; undefined before the first one. */
  all: ReadonlySet<number> | undefined;
  /** Locks that every store held so far; undefined before the first one: the cell is read-only. */
  stores: ReadonlySet<number> | undefined;
  /** Whether every access so far was an addition whose result nobody gets. */
  onlyAdds: boolean;
  /** A lock under which a search takes loads, and stores, for protected; READ_ONLY or ONLY_ADDS where none is needed. */
  reliedOnByLoads: number | undefined;
  reliedOnByStores: number | undefined;
}

const READ_ONLY = -1;
const ONLY_ADDS = -2;

/** What a search relies on, as JSON: of each protection what loads and stores rely on, and the locks taken for untested. */
export interface SavedGuards {
  readonly isBroken: boolean;
  readonly relied: readonly (readonly [loads: number | null, stores: number | null])[];
  readonly untested: readonly number[];
}

/** Learned protection of all cells. */
export class Guards {
  /** Whether something that a search relied on was wrong. */
  isBroken = false;
  /** Class of each cell. */
  readonly classes: readonly number[];
  private readonly roles: readonly number[];
  private readonly protections: readonly Protection[];
  /** Locks that a thread looks at without waiting, and locks of which a search takes it that no thread does: cell classes. */
  private readonly tested: Set<number> = new Set();
  private readonly reliedOnUntested: Set<number> = new Set();
  /** Locks that are taken or given back by accesses that do not order what is done under them: cell classes. */
  private readonly unordered: Set<number> = new Set();
  private readonly needsOrder: boolean;

  /**
   * @param objectOf name of the C object that a cell is part of, by path
   * @param needsOrder whether a lock protects only if it is taken by acquires and given back by releases
   */
  constructor({ all }: Cells, objectOf: (path: string) => string, needsOrder: boolean = false) {
    this.needsOrder = needsOrder;
    const names = new Map<string, number>();
    this.classes = all.map(({ path, role }) => {
      const name = role < 0 ? objectOf(path) : path.replace(/\[\d+\]/, "[*]");
      const known = names.get(name) ?? names.size;
      names.set(name, known);
      return known;
    });
    this.roles = all.map(({ role }) => role);
    this.protections = Array.from(names, () => ({
      all: undefined,
      stores: undefined,
      onlyAdds: true,
      reliedOnByLoads: undefined,
      reliedOnByStores: undefined,
    }));
  }

  /** Learns from an access that a thread makes while it holds locks. */
  learn({ kind, cells, isVoidAdd, enabled, order }: Access, held: readonly number[]): void {
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
      const locks = this.locksFor(cell, held);
      protection.all = common(protection.all, locks);
      if (kind !== "load") {
        protection.stores = common(protection.stores, locks);
      }
      protection.onlyAdds &&= isVoidAdd === true;
      const { all, stores, reliedOnByLoads: loads, reliedOnByStores } = protection;
      const loadsBroken =
        loads !== undefined && (loads === READ_ONLY ? stores !== undefined : stores?.has(loads) === false);
      const storesBroken =
        reliedOnByStores !== undefined &&
        (reliedOnByStores === ONLY_ADDS ? !protection.onlyAdds : !all.has(reliedOnByStores));
      if (loadsBroken || storesBroken) {
        this.isBroken = true;
      }
    }
  }

  /**
   * Whether an access commutes with all that other CPUs can do now: a load where every store is made under a lock that is
   * held, a store where every access is, an addition where there is nothing else. The search relies on the answer.
   */
  isProtected({ kind, cells }: Access, held: readonly number[]): boolean {
    const protectors = cells.map((cell) =>
      kind === "load" ? this.protectorOfLoad(cell, held) : this.protectorOfStore(cell, held),
    );
    if (protectors.includes(undefined)) {
      return false;
    }
    cells.forEach((cell, i) => {
      const protection = this.protectionOf(cell);
      if (kind === "load") {
        protection.reliedOnByLoads = protectors[i];
      } else {
        protection.reliedOnByStores = protectors[i];
      }
    });
    return true;
  }

  /**
   * Whether a thread looks at a lock without waiting for it: then it can see whether an unlock was before or after. The search
   * relies on the answer.
   */
  isTested(cell: number): boolean {
    const tested = this.tested.has(this.classes[cell] as number);
    if (!tested) {
      this.reliedOnUntested.add(this.classes[cell] as number);
    }
    return tested;
  }

  private learnTested(cells: readonly number[]): void {
    for (const cell of cells) {
      const lock = this.classes[cell] as number;
      this.tested.add(lock);
      this.isBroken ||= this.reliedOnUntested.has(lock);
    }
  }

  private learnUnordered(cells: readonly number[]): void {
    for (const cell of cells) {
      const lock = this.classes[cell] as number;
      this.unordered.add(lock);
      this.isBroken ||= this.protections.some(
        ({ reliedOnByLoads, reliedOnByStores }) => reliedOnByLoads === lock || reliedOnByStores === lock,
      );
    }
  }

  /** Forgets what searches relied on, not what was learned. */
  begin(): void {
    this.isBroken = false;
    this.reliedOnUntested.clear();
    for (const protection of this.protections) {
      protection.reliedOnByLoads = undefined;
      protection.reliedOnByStores = undefined;
    }
  }

  /** Assumptions of the search, and whether one was wrong. */
  save(): SavedGuards {
    const { isBroken, protections, reliedOnUntested } = this;
    return {
      isBroken,
      relied: protections.map(({ reliedOnByLoads: loads, reliedOnByStores: stores }) => [
        loads ?? null,
        stores ?? null,
      ]),
      untested: [...reliedOnUntested],
    };
  }

  /** Called when everything that was learned by then has been learned again. */
  restore({ isBroken, relied, untested }: SavedGuards): void {
    this.isBroken = isBroken;
    for (const [i, [loads, stores]] of relied.entries()) {
      const protection = this.protections[i] as Protection;
      protection.reliedOnByLoads = loads ?? undefined;
      protection.reliedOnByStores = stores ?? undefined;
    }
    for (const lock of untested) {
      this.reliedOnUntested.add(lock);
    }
  }

  private protectorOfLoad(cell: number, held: readonly number[]): number | undefined {
    const { stores, reliedOnByLoads: relied } = this.protectionOf(cell);
    const locks = this.locksFor(cell, held);
    if (relied !== undefined) {
      return relied === READ_ONLY || locks.includes(relied) ? relied : undefined;
    }
    return stores === undefined ? READ_ONLY : locks.find((each) => stores.has(each));
  }

  private protectorOfStore(cell: number, held: readonly number[]): number | undefined {
    const { all, onlyAdds, reliedOnByStores: relied } = this.protectionOf(cell);
    const locks = this.locksFor(cell, held);
    if (relied !== undefined) {
      return relied === ONLY_ADDS || locks.includes(relied) ? relied : undefined;
    }
    return onlyAdds ? ONLY_ADDS : locks.find((each) => all === undefined || all.has(each));
  }

  private protectionOf(cell: number): Protection {
    return this.protections[this.classes[cell] as number] as Protection;
  }

  /** The held locks that are the same lock for everybody who accesses the cell: global ones, and those of its own element. */
  private locksFor(cell: number, held: readonly number[]): number[] {
    const role = this.roles[cell] as number;
    return held
      .filter((lock) => this.roles[lock] === -1 || this.roles[lock] === role)
      .map((lock) => this.classes[lock] as number)
      .filter((lock) => !this.unordered.has(lock));
  }
}

function common(before: ReadonlySet<number> | undefined, locks: readonly number[]): ReadonlySet<number> {
  return new Set(locks.filter((each) => before === undefined || before.has(each)));
}
