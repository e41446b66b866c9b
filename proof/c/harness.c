/*
 * The harness of a proof, behind the translation unit of a tree. Each function does one thing to one folio, without a
 * loop: it writes fields, calls a function of the tree, or reads a field. It leaves everything else as it is, so that
 * a symbolic execution takes that for any value.
 */

#define PROOF(type, name, ...) \
	__attribute__((export_name("proof_" #name), no_instrument_function)) type proof_##name(__VA_ARGS__)

/* Reads a value. */
#define PROOF_READ(name, value) \
	PROOF(int, name, void) \
	{ \
		struct folio *const folio = proof_folio(); \
\
		(void)folio; \
		return (int)(value); \
	}

#define PROOF_COUNT(folio) (folio)->_mm_id_mapcount[0]

static __attribute__((always_inline, no_instrument_function)) inline struct folio *proof_folio(void)
{
	return (struct folio *)gate_memmap;
}

/* Makes the struct pages those of a large folio that is not hugetlb. */
static __attribute__((always_inline, no_instrument_function)) inline void proof_make_large(int order)
{
	gate_quiet = 1;
	GATE_SET_FLAG(gate_memmap, PG_head, 1);
	GATE_UNLINK_TAIL(gate_memmap);
	atomic_set(&gate_memmap->_mapcount, -1);
	GATE_LINK_TAIL(gate_memmap + 1, gate_memmap, order);
	folio_set_order(proof_folio(), order);
	gate_warning = 0;
	gate_spinlocks = 0;
	gate_quiet = 0;
}

/* Makes a folio with the given fields. */
PROOF(void, load, int order, int large_mapcount, unsigned int id_0, unsigned int id_1, int count_0, int count_1,
      int shared, int locked)
{
	struct folio *const folio = proof_folio();

	proof_make_large(order);
	atomic_set(&folio->_large_mapcount, large_mapcount);
	folio->_mm_ids = 0;
	folio->_mm_id[0] = id_0 & MM_ID_MASK;
	folio->_mm_id[1] = id_1 & MM_ID_MASK;
	if (shared)
		folio->_mm_ids |= FOLIO_MM_IDS_SHARED_BIT;
	if (locked)
		folio->_mm_ids |= 1UL << FOLIO_MM_IDS_LOCK_BITNUM;
	folio->_mm_id_mapcount[0] = count_0;
	folio->_mm_id_mapcount[1] = count_1;
}

/* Makes a new folio, as the tree does. */
PROOF(void, fresh, int order)
{
	proof_make_large(order);
	prep_compound_head(gate_memmap, order);
}

/* Makes the only VMA one of an MM with the given id. */
static __attribute__((always_inline, no_instrument_function)) inline struct vm_area_struct *
proof_vma(unsigned int mm_id)
{
	gate_vma[0].vm_mm = gate_mm;
	gate_mm[0].mm_id = mm_id;
	return gate_vma;
}

/* The RFC of 2026-04-12 is given a number of pages besides: it is not part of owner tracking, and may be any. */
PROOF(void, set, int mappings, int pages, unsigned int mm_id)
{
	GATE_SET_LARGE_MAPCOUNT(proof_folio(), mappings, pages, proof_vma(mm_id));
}

PROOF(int, add, int mappings, int pages, unsigned int mm_id)
{
	return GATE_ADD_LARGE_MAPCOUNT(proof_folio(), mappings, pages, proof_vma(mm_id));
}

PROOF(int, sub, int mappings, int pages, unsigned int mm_id)
{
	return GATE_SUB_LARGE_MAPCOUNT(proof_folio(), mappings, pages, proof_vma(mm_id));
}

PROOF_READ(large_mapcount, atomic_read(&folio->_large_mapcount))
PROOF_READ(id_0, folio->_mm_id[0] & MM_ID_MASK)
PROOF_READ(id_1, folio->_mm_id[1] & MM_ID_MASK)
PROOF_READ(count_0, folio->_mm_id_mapcount[0])
PROOF_READ(count_1, folio->_mm_id_mapcount[1])
PROOF_READ(shared, (folio->_mm_ids & FOLIO_MM_IDS_SHARED_BIT) != 0)
PROOF_READ(locked, (folio->_mm_ids >> FOLIO_MM_IDS_LOCK_BITNUM) & 1)
/* Number of the first kernel assertion that failed since the folio was written; 0 for none. */
PROOF_READ(warning, gate_warning)
PROOF_READ(verdict, folio_maybe_mapped_shared(folio))
PROOF_READ(id_max, MM_ID_MASK)
/* Largest value of a slot's mapcount; 0 if its type is unsigned. */
PROOF_READ(count_max, (typeof(PROOF_COUNT(folio)))(-1) < 0 ? (1ULL << (8 * sizeof(PROOF_COUNT(folio)) - 1)) - 1 : 0)
