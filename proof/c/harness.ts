/**
 * The harness of a proof: C text of our own behind the unit of a tree. Each of its functions does one thing to one folio, without a
 * loop: it writes its fields, calls a function of the tree, or reads a field. What it does not write it leaves as it is, so that
 * a symbolic execution takes it for anything.
 */
import { STATE } from "../../gate/harness/harness.ts";

/** Functions that read a value: their names, and C expressions of type int. */
const READERS = {
  large_mapcount: "atomic_read(&folio->_large_mapcount)",
  id_0: "folio->_mm_id[0] & MM_ID_MASK",
  id_1: "folio->_mm_id[1] & MM_ID_MASK",
  count_0: "folio->_mm_id_mapcount[0]",
  count_1: "folio->_mm_id_mapcount[1]",
  shared: "(folio->_mm_ids & FOLIO_MM_IDS_SHARED_BIT) != 0",
  locked: "(folio->_mm_ids >> FOLIO_MM_IDS_LOCK_BITNUM) & 1",
  /** Number of the first kernel assertion that failed since the folio was written; 0 for none. */
  warning: "gate_warning",
  verdict: "folio_maybe_mapped_shared(folio)",
  id_max: "MM_ID_MASK",
  count_max:
    "((typeof(folio->_mm_id_mapcount[0]))-1) < 0 ? (1ULL << (8 * sizeof(folio->_mm_id_mapcount[0]) - 1)) - 1 : 0",
} as const;

/** A function of the harness that reads a value. */
export type Reader = keyof typeof READERS;

/** A function of the harness that changes the folio. */
export type Changer = "load" | "fresh" | "set" | "add" | "sub";

/** The name under which a function is exported. */
export function exportedName(name: Reader | Changer): string {
  return `proof_${name}`;
}

function definition(name: Reader | Changer, type: "int" | "void", parameters: string, body: string): string {
  return `
__attribute__((export_name("${exportedName(name)}"), no_instrument_function)) ${type} ${exportedName(name)}(${parameters})
{
	struct folio *const folio = (struct folio *)gate_memmap;
${body}
}`;
}

/** The functions of the tree that change the large mapcount, by the macros that the unit has for them. */
const CHANGES = { set: "GATE_SET_LARGE_MAPCOUNT", add: "GATE_ADD_LARGE_MAPCOUNT", sub: "GATE_SUB_LARGE_MAPCOUNT" };

/** Makes the struct pages those of a large folio that is not hugetlb. */
const LARGE_FOLIO = `	gate_quiet = 1;
	GATE_SET_FLAG(gate_memmap, PG_head, 1);
	GATE_UNLINK_TAIL(gate_memmap);
	atomic_set(&gate_memmap->_mapcount, -1);
	GATE_LINK_TAIL(gate_memmap + 1, gate_memmap, order);
	folio_set_order(folio, order);
	gate_warning = 0;
	gate_spinlocks = 0;
	gate_quiet = 0;`;

/** The text of the harness. */
export const HARNESS: string = [
  STATE,
  definition(
    "load",
    "void",
    "int order, int large_mapcount, unsigned int id_0, unsigned int id_1, int count_0, int count_1, int shared, int locked",
    `${LARGE_FOLIO}
	atomic_set(&folio->_large_mapcount, large_mapcount);
	folio->_mm_ids = 0;
	folio->_mm_id[0] = id_0 & MM_ID_MASK;
	folio->_mm_id[1] = id_1 & MM_ID_MASK;
	if (shared)
		folio->_mm_ids |= FOLIO_MM_IDS_SHARED_BIT;
	if (locked)
		folio->_mm_ids |= 1UL << FOLIO_MM_IDS_LOCK_BITNUM;
	folio->_mm_id_mapcount[0] = count_0;
	folio->_mm_id_mapcount[1] = count_1;`,
  ),
  definition(
    "fresh",
    "void",
    "int order",
    `${LARGE_FOLIO}
	prep_compound_head(gate_memmap, order);`,
  ),
  // The RFC of 2026-04-12 is given a number of pages besides: it is not part of owner tracking, and may be any.
  ...Object.entries(CHANGES).map(([name, macro]) =>
    definition(
      name as Changer,
      "int",
      "int mappings, int pages, unsigned int mm_id",
      `	gate_vma[0].vm_mm = gate_mm;
	gate_mm[0].mm_id = mm_id;
	return ${name === "set" ? `(${macro}(folio, mappings, pages, gate_vma), 0)` : `${macro}(folio, mappings, pages, gate_vma)`};`,
    ),
  ),
  ...Object.entries(READERS).map(([name, expression]) =>
    definition(name as Reader, "int", "void", `\t(void)folio;\n\treturn (int)(${expression});`),
  ),
].join("\n");
