/**
 * Values that processes must read, by the rules of private memory: the value last written, or inherited by a fork. Each
 * write has a unique value, so a page with any other content reveals an error (data independence).
 *
 * The rules do not involve folios, except for holders of references: a holder reads the page, not the memory of a
 * process.
 */
import { at } from "../../explore/model/schema.ts";
import { isPresent } from "../../model/kernel/pgtable.ts";
import type { World } from "../../model/state/world.ts";
import type { Operation } from "../session/operation.ts";

/** Values that processes and holders must read. */
export class Contents {
  /** By MM and entry of its anonymous VMA. */
  private readonly values: number[][] = [];
  /** By folio and page: the value last mapped there by any entry. */
  private readonly pages: number[][] = [];
  /** Value of the last write that the model represents by content 1. */
  private distinguished = 0;

  /** Resets all values to the initial state. */
  clear(): void {
    this.values.length = 0;
    this.pages.length = 0;
    this.distinguished = 0;
  }

  /** Returns the value that the process must read at an entry of its anonymous VMA. */
  valueOf(mm: number, entry: number): number {
    return this.values[mm]?.[entry] ?? 0;
  }

  /** Returns the value of a page of a folio that some entry maps, or mapped. */
  valueOfPage(folio: number, page: number): number {
    return this.pages[folio]?.[page] ?? 0;
  }

  /** Returns the model's content of a page with the value. */
  modelContent(value: number): number {
    return this.distinguished !== 0 && value === this.distinguished ? 1 : 0;
  }

  /**
   * Records the effects of an operation.
   *
   * @param isDistinguished whether the model represents the written value by content 1
   * @param after the state after the operation
   */
  record(operation: Operation, isDistinguished: boolean, after: World): void {
    const { values } = this;
    switch (operation.kind) {
      case "newMm":
      case "exit":
        values[operation.mm] = [];
        break;
      case "fork":
        values[operation.child] = [...(values[operation.parent] ?? [])];
        break;
      case "fault":
        for (let i = 0; i < operation.pages; i++) {
          this.set(operation.mm, operation.first + i, operation.value);
        }
        break;
      case "write":
        this.set(operation.mm, operation.entry, operation.value);
        this.distinguished = isDistinguished ? operation.value : this.distinguished;
        break;
      case "deviceWrite": {
        // The process reads the value as long as the page is mapped there.
        const { mm, entry, folio, page } = at(after.holders, operation.holder);
        this.setPage(folio - 1, page, operation.value);
        if (mm > 0) {
          this.set(mm - 1, entry, operation.value);
        }
        this.distinguished = isDistinguished ? operation.value : this.distinguished;
        break;
      }
      case "unmap":
        if (at(at(after.mms, operation.mm).vmas, operation.vma).anonymous) {
          for (let i = 0; i < operation.count; i++) {
            this.set(operation.mm, operation.first + i, 0);
          }
        }
        break;
      case "mremap":
        this.set(operation.mm, operation.to, this.valueOf(operation.mm, operation.from));
        this.set(operation.mm, operation.from, 0);
        break;
      default:
        break;
    }
    this.recordMappedPages(after);
  }

  private set(mm: number, entry: number, value: number): void {
    const values = this.values[mm] ?? [];
    values[entry] = value;
    this.values[mm] = values;
  }

  private setPage(folio: number, page: number, value: number): void {
    const pages = this.pages[folio] ?? [];
    pages[page] = value;
    this.pages[folio] = pages;
  }

  private recordMappedPages({ mms }: World): void {
    for (let m = 0; m < mms.length; m++) {
      for (const { anonymous, ptes } of at(mms, m).vmas) {
        for (let i = 0; anonymous && i < ptes.length; i++) {
          const pte = at(ptes, i);
          if (isPresent(pte)) {
            this.setPage(pte.folio - 1, pte.page, this.valueOf(m, i));
          }
        }
      }
    }
  }
}
