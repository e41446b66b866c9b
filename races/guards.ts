/**
 * Which cells are protected, learned from the access trees: by a lock that every access holds (the lockset of Eraser), or
 * because no thread ever writes them. An access to a protected cell commutes with every step of other CPUs, so it needs no
 * interleaving. What was learned may turn out wrong when new accesses are found: then a search that relied on it is void.
 */
import type { Access } from "./access.ts";
import type { Cells } from "./cells.ts";

/** Cells of one class are the same field of different elements: paths that differ in roles only. */
interface Protection {
  /** Locks that every access held so far: a lock's cell class; undefined before the first access. */
  locks: ReadonlySet<number> | undefined;
  isWritten: boolean;
  /** What a search relies on: a lock's class, or READ_ONLY; undefined when nothing. */
  relied: number | undefined;
}

const READ_ONLY = -1;

/** Learned protection of all cells. */
export class Guards {
  /** Whether something that a search relied on was wrong. */
  isBroken = false;
  /** Class of each cell. */
  readonly classes: readonly number[];
  private readonly roles: readonly number[];
  private readonly protections: readonly Protection[];

  constructor({ all }: Cells) {
    const names = new Map<string, number>();
    this.classes = all.map(({ path, role }) => {
      const name = role < 0 ? path : path.replace(/\[\d+\]/, "[*]");
      const known = names.get(name) ?? names.size;
      names.set(name, known);
      return known;
    });
    this.roles = all.map(({ role }) => role);
    this.protections = Array.from(names, () => ({ locks: undefined, isWritten: false, relied: undefined }));
  }

  /** Learns from an access that a thread makes while it holds locks. */
  learn({ kind, cells }: Access, held: readonly number[]): void {
    if (kind !== "load" && kind !== "store" && kind !== "rmw") {
      return;
    }
    for (const cell of cells) {
      const protection = this.protectionOf(cell);
      const { locks, relied } = protection;
      const now = this.locksFor(cell, held).filter((each) => locks === undefined || locks.has(each));
      protection.locks = new Set(now);
      protection.isWritten ||= kind !== "load";
      if (relied !== undefined && (relied === READ_ONLY ? protection.isWritten : !protection.locks.has(relied))) {
        this.isBroken = true;
      }
    }
  }

  /** Whether an access is to protected cells only, under the locks held. The search relies on the answer. */
  isProtected({ cells }: Access, held: readonly number[]): boolean {
    for (const cell of cells) {
      if (this.protectorOf(cell, held) === undefined) {
        return false;
      }
    }
    for (const cell of cells) {
      const protection = this.protectionOf(cell);
      protection.relied ??= this.protectorOf(cell, held);
    }
    return true;
  }

  /** Forgets what searches relied on, not what was learned. */
  begin(): void {
    this.isBroken = false;
    for (const protection of this.protections) {
      protection.relied = undefined;
    }
  }

  private protectorOf(cell: number, held: readonly number[]): number | undefined {
    const { locks, isWritten, relied } = this.protectionOf(cell);
    const mine = this.locksFor(cell, held);
    if (relied !== undefined) {
      return relied === READ_ONLY || mine.includes(relied) ? relied : undefined;
    }
    return isWritten ? mine.find((each) => locks?.has(each) === true) : READ_ONLY;
  }

  private protectionOf(cell: number): Protection {
    return this.protections[this.classes[cell] as number] as Protection;
  }

  /** The held locks that are the same lock for everybody who accesses the cell: global ones, and those of its own element. */
  private locksFor(cell: number, held: readonly number[]): number[] {
    const role = this.roles[cell] as number;
    return held
      .filter((lock) => this.roles[lock] === -1 || this.roles[lock] === role)
      .map((lock) => this.classes[lock] as number);
  }
}
