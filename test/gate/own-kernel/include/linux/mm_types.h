/* The test kernel: structs of large folios. Written for tests; it shares names with Linux, but no text. */

#define MM_ID_DUMMY 0
#ifdef CONFIG_64BIT
#define MM_ID_BITS 31
typedef unsigned int mm_id_t;
typedef int mm_id_mapcount_t;
#define MM_ID_MAPCOUNT_MAX 0x7fffffff
#else
#define MM_ID_BITS 15
typedef unsigned short mm_id_t;
typedef short mm_id_mapcount_t;
#define MM_ID_MAPCOUNT_MAX 0x7fff
#endif
#define MM_ID_MASK ((1u << MM_ID_BITS) - 1)
#define MM_ID_MIN 1
#define MM_ID_MAX MM_ID_MASK
#define FOLIO_MM_IDS_LOCK_BITNUM MM_ID_BITS
#define FOLIO_MM_IDS_SHARED_BITNUM (2 * MM_ID_BITS + 1)
#define FOLIO_MM_IDS_SHARED_BIT (1ul << FOLIO_MM_IDS_SHARED_BITNUM)

#define ENTIRELY_MAPPED 0x800000
#define FOLIO_MAPPING_ANON 1
#define TAIL_MAPPING ((struct address_space *)0x400)

struct address_space;

struct page {
	unsigned long flags;
	union {
		unsigned long compound_head;
		void *first_word;
	};
	unsigned long second_word;
	struct address_space *mapping;
	unsigned long index;
	unsigned long private;
	atomic_t _mapcount;
	atomic_t _refcount;
};

struct folio {
	union {
		struct {
			unsigned long flags;
			unsigned long unused_first, unused_second;
			struct address_space *mapping;
			unsigned long index;
			unsigned long private;
			atomic_t _mapcount;
			atomic_t _refcount;
		};
		struct page page;
	};
	union {
		struct {
			unsigned long _flags_1;
			unsigned long _head_1;
			atomic_t _large_mapcount;
			atomic_t _nr_pages_mapped;
#ifdef CONFIG_64BIT
			atomic_t _entire_mapcount;
			atomic_t _pincount;
#endif
			mm_id_mapcount_t _mm_id_mapcount[2];
			union {
				mm_id_t _mm_id[2];
				unsigned long _mm_ids;
			};
		};
		struct page page_1;
	};
	union {
		struct {
			unsigned long _flags_2;
			unsigned long _head_2;
			struct list_head _deferred_list;
#ifndef CONFIG_64BIT
			atomic_t _entire_mapcount;
			atomic_t _pincount;
#endif
		};
		struct page page_2;
	};
};

struct anon_vma {
	struct anon_vma *root;
	atomic_t refcount;
};

#define MMF_HAS_PINNED 27

struct mm_struct {
	unsigned long flags;
#ifdef CONFIG_MM_ID
	mm_id_t mm_id;
#endif
};

struct vm_area_struct {
	unsigned long vm_start, vm_end;
	struct mm_struct *vm_mm;
	unsigned long vm_pgoff;
	struct anon_vma *anon_vma;
};
