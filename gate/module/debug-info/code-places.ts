/** What code is of: its line, and its scope. */
import { customContent } from "../functions.ts";
import type { ModuleSection } from "../sections.ts";
import { compiledScopes, type Scope, type ScopeRow, scopeRows } from "./compiled-scopes.ts";
import { type LineRow, readLineTable } from "./line-table.ts";

/** Goes through the code of a module by ascending address. */
export class CodePlaces {
  /** Lines of code that the linker left out. */
  readonly discarded: readonly LineRow[];
  readonly #rows: readonly LineRow[];
  readonly #scopes: readonly ScopeRow[];
  #row = 0;
  #scope = 0;

  /** @param sections as the linker wrote them */
  constructor(sections: readonly ModuleSection[]) {
    const { rows, discarded } = readLineTable(customContent(sections, ".debug_line") ?? new Uint8Array());
    this.#rows = rows;
    this.discarded = discarded;
    this.#scopes = scopeRows(compiledScopes(sections));
  }

  /** Goes on to an address. @returns whether line or scope are others there */
  goTo(address: number): boolean {
    const before = this.#row + this.#scope;
    while ((this.#rows[this.#row]?.address ?? Number.POSITIVE_INFINITY) <= address) {
      this.#row++;
    }
    while ((this.#scopes[this.#scope]?.address ?? Number.POSITIVE_INFINITY) <= address) {
      this.#scope++;
    }
    return this.#row + this.#scope !== before;
  }

  /** The row that holds there. */
  get line(): LineRow | undefined {
    return this.#rows[this.#row - 1];
  }

  /** The innermost scope there. */
  get scope(): Scope | undefined {
    return this.#scopes[this.#scope - 1]?.scope;
  }

  /**
   * Whether the row begins at an address or behind it. Clang gives instructions without a line of their own the row of those
   * before them: where branches meet at the address, these may not have run.
   */
  isKnownSince(address: number): boolean {
    return (this.line?.address ?? 0) >= address;
  }
}
