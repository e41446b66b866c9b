/** Moves of page table entries. @source mm/mremap.c */
import { at } from "../../explore/model/schema.ts";
import type { Vma } from "../state/structs.ts";
import type { Kernel } from "./kernel.ts";
import { clearPtes, copyPte } from "./pgtable.ts";

/**
 * Moves an entry of any kind to a place whose entry is none. No counter changes: the MM has the same mappings.
 *
 * @source mm/mremap.c, move_ptes()
 */
export function movePtes(this: Kernel, vma: Vma, oldEntry: number, newEntry: number): void {
  copyPte(at(vma.ptes, newEntry), at(vma.ptes, oldEntry));
  clearPtes(vma.ptes, oldEntry, 1);
}
