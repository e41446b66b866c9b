/** Line and scope of the code at an address. */
import { customContent } from "../functions.ts";
import type { ModuleSection } from "../sections.ts";
import { compiledScopes, type Scope, type ScopeRow, scopeRows } from "./compiled-scopes.ts";
import { type LineRow, readLineTable } from "./line-table.ts";

/** A cursor over the code of a module, by ascending address. */
export class CodePlaces {
  /** Lines of code that the linker removed. */
  readonly discarded: readonly LineRow[];
  readonly #rows: readonly LineRow[];
  readonly #scopes: readonly ScopeRow[];
  #row = 0;
  #scope = 0;

  /** @param sections the sections of the linker's output */
  constructor(sections: readonly ModuleSection[]) {
    const { rows, discarded } = readLineTable(customContent(sections, ".debug_line") ?? new Uint8Array());
    this.#rows = rows;
    this.discarded = discarded;
    this.#scopes = scopeRows(compiledScopes(sections));
  }

  /** Advances to an address. @returns whether line or scope has changed */
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

  /** The row of the line table at the address. */
  get line(): LineRow | undefined {
    return this.#rows[this.#row - 1];
  }

  /** The innermost scope at the address. */
  get scope(): Scope | undefined {
    return this.#scopes[this.#scope - 1]?.scope;
  }

  /**
   * Whether the row begins at or after an address. Clang assigns instructions without a line to the row before them; if
   * branches meet at the address, the code before it may not have run.
   */
  isKnownSince(address: number): boolean {
    return (this.line?.address ?? 0) >= address;
  }
}
