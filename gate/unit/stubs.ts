/**
 * Stand-ins: C text of our own for what lies outside of the functions under test. Each group says what it assumes, where
 * that is more than what the name promises. docs/gate-stubs.md lists them.
 */

/** Some C text that takes the place of the kernel's. */
export interface StandIn {
  readonly about: string;
  /** What the results of a gate depend on because of it; undefined when nobody could tell the difference here. */
  readonly assumes?: string;
  readonly text: string;
}

/** What every unit begins with: it needs nothing of the tree, and is used instead of what the tree has. */
export const PRELUDE: readonly StandIn[] = [
  {
    about: "words of the compiler, and annotations",
    text: `
#define __always_inline inline
#define __must_check
#define __maybe_unused
#define __bitwise
#define __force
#define __user
#define __rcu
#define __private
#define __packed __attribute__((packed))
#define __aligned(bytes) __attribute__((aligned(bytes)))
#define __init
#define __read_mostly
#define __ro_after_init
#define __randomize_layout
#define __counted_by(field)
#define noinline
#define fallthrough __attribute__((__fallthrough__))
#define ____cacheline_aligned_in_smp
#define ____cacheline_internodealigned_in_smp
#define likely(condition) (!!(condition))
#define unlikely(condition) (!!(condition))
#define __same_type(one, other) __builtin_types_compatible_p(__typeof__(one), __typeof__(other))
#define static_assert(condition, ...) _Static_assert(condition, "")
#define offsetof(type, member) __builtin_offsetof(type, member)
#define container_of(pointer, type, member) ((type *)((char *)(pointer) - offsetof(type, member)))
#define sizeof_field(type, member) sizeof(((type *)0)->member)
#define data_race(expression) (expression)
#define ACCESS_PRIVATE(pointer, member) ((pointer)->member)
#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))`,
  },
  {
    about: "basic types and their limits",
    text: `
#ifndef CONFIG_64BIT
#define GATE_32BIT
#endif
typedef _Bool bool;
#define true 1
#define false 0
#define NULL ((void *)0)
typedef unsigned char u8, __u8;
typedef unsigned short u16, __u16;
typedef unsigned int u32, __u32;
typedef unsigned long long u64, __u64;
typedef signed char s8;
typedef short s16;
typedef int s32;
typedef long long s64, loff_t;
typedef unsigned long size_t, uintptr_t, pgoff_t;
typedef long ssize_t;
typedef unsigned int gfp_t, fmode_t;
typedef u64 dma_addr_t, phys_addr_t, sector_t;
#define INT_MAX __INT_MAX__
#define UINT_MAX (~0U)
#define SHRT_MAX __SHRT_MAX__
#define USHRT_MAX ((unsigned short)~0U)
#define LONG_MAX __LONG_MAX__
#define ULONG_MAX (~0UL)
#define BITS_PER_BYTE 8
#define BITS_PER_LONG (8 * (int)sizeof(long))
#define BIT(nr) (1UL << (nr))
#define BIT_MASK(nr) (1UL << ((nr) % BITS_PER_LONG))
#define BIT_WORD(nr) ((nr) / BITS_PER_LONG)
#define BITS_TO_LONGS(nr) (((nr) + BITS_PER_LONG - 1) / BITS_PER_LONG)
#define GENMASK(high, low) (((~0UL) << (low)) & (~0UL >> (BITS_PER_LONG - 1 - (high))))
#define DECLARE_BITMAP(name, bits) unsigned long name[BITS_TO_LONGS(bits)]
#define EBUSY 16
#define EINVAL 22
#define ENOMEM 12
#define EAGAIN 11
#define min(one, other) ((one) < (other) ? (one) : (other))
#define max(one, other) ((one) > (other) ? (one) : (other))
#define min_t(type, one, other) min((type)(one), (type)(other))
#define max_t(type, one, other) max((type)(one), (type)(other))
#define DIV_ROUND_UP(number, divisor) (((number) + (divisor) - 1) / (divisor))
#define DIV_ROUND_CLOSEST(number, divisor) (((number) + (divisor) / 2) / (divisor))
#define IS_ALIGNED(number, alignment) (((number) & ((__typeof__(number))(alignment) - 1)) == 0)
#define is_power_of_2(number) ((number) != 0 && ((number) & ((number) - 1)) == 0)
#define order_base_2(number) ((number) > 1 ? ilog2((number) - 1) + 1 : 0)
#define ilog2(number) (8 * (int)sizeof(long) - 1 - __builtin_clzl(number))`,
  },
  {
    about: "IS_ENABLED() and its like",
    assumes: "Nothing is built as a module: an option is on when the configuration defines it, and off otherwise.",
    text: `
#define IS_ENABLED(option) GATE_IS_ENABLED(option)
#define IS_BUILTIN(option) GATE_IS_ENABLED(option)
#define IS_REACHABLE(option) GATE_IS_ENABLED(option)
#define GATE_IS_ENABLED(value) GATE_IS_ENABLED_(GATE_ENABLED_##value)
#define GATE_ENABLED_1 0,
#define GATE_IS_ENABLED_(junk) GATE_SECOND(junk 1, 0)
#define GATE_SECOND(ignored, value, ...) value`,
  },
  {
    about: "the size of a page, and of a PMD",
    assumes:
      "A PMD maps as many pages as the bounds say, a PUD 512 times that, and so on upwards; pages have 4 KiB. The code under test sees only the numbers.",
    text: `
extern unsigned int gate_hpage_pmd_order;
#define PAGE_SHIFT 12
#define PAGE_SIZE (1UL << PAGE_SHIFT)
#define PAGE_MASK (~(PAGE_SIZE - 1))
#define PMD_SHIFT (PAGE_SHIFT + gate_hpage_pmd_order)
#define PUD_SHIFT (PMD_SHIFT + 9)
#define P4D_SHIFT (PUD_SHIFT + 9)
#define PGDIR_SHIFT (P4D_SHIFT + 9)
#define HPAGE_PMD_SHIFT PMD_SHIFT
#define HPAGE_PMD_ORDER gate_hpage_pmd_order
#define HPAGE_PMD_NR (1 << HPAGE_PMD_ORDER)
#define HPAGE_PUD_ORDER (gate_hpage_pmd_order + 9)
#define HPAGE_PUD_NR (1 << HPAGE_PUD_ORDER)
#define MAX_PAGE_ORDER 10
#define MAX_FOLIO_ORDER 18`,
  },
  {
    about: "warnings: VM_WARN_ON() and its like, BUG(), BUILD_BUG(), and bad_page()",
    assumes:
      "Every kernel assertion is compiled in (CONFIG_DEBUG_VM and CONFIG_DEBUG_VM_PGFLAGS), also those of BUG() and BUILD_BUG(); the first that fires is reported with its place, and the code continues as after a warning.",
    text: `
extern int gate_warning;
#define GATE_SITE GATE_SITE_(GATE_FILE, __LINE__)
#define GATE_SITE_(file, line) GATE_SITE__(file, line)
#define GATE_SITE__(file, line) gate_site_##file##_##line
#define GATE_WARN(condition) ({ const bool gate_fires = !!(condition); if (gate_fires && !gate_warning) gate_warning = GATE_SITE; gate_fires; })
#define VM_WARN_ON(condition) GATE_WARN(condition)
#define VM_WARN_ON_ONCE(condition) GATE_WARN(condition)
#define VM_WARN_ON_FOLIO(condition, folio) GATE_WARN(condition)
#define VM_WARN_ON_ONCE_FOLIO(condition, folio) GATE_WARN(condition)
#define VM_WARN_ON_ONCE_PAGE(condition, page) GATE_WARN(condition)
#define VM_WARN_ON_ONCE_MM(condition, mm) GATE_WARN(condition)
#define VM_WARN_ON_ONCE_VMA(condition, vma) GATE_WARN(condition)
#define VM_WARN_ONCE(condition, ...) GATE_WARN(condition)
#define VM_WARN(condition, ...) GATE_WARN(condition)
#define VM_BUG_ON(condition) GATE_WARN(condition)
#define VM_BUG_ON_FOLIO(condition, folio) GATE_WARN(condition)
#define VM_BUG_ON_PAGE(condition, page) GATE_WARN(condition)
#define VM_BUG_ON_VMA(condition, vma) GATE_WARN(condition)
#define VM_BUG_ON_MM(condition, mm) GATE_WARN(condition)
#define VM_BUG_ON_PGFLAGS(condition, page) GATE_WARN(condition)
#define WARN_ON(condition) GATE_WARN(condition)
#define WARN_ON_ONCE(condition) GATE_WARN(condition)
#define WARN(condition, ...) GATE_WARN(condition)
#define WARN_ONCE(condition, ...) GATE_WARN(condition)
#define BUG_ON(condition) GATE_WARN(condition)
#define BUG() GATE_WARN(1)
#define BUILD_BUG() GATE_WARN(1)
#define BUILD_BUG_ON(condition) GATE_WARN(condition)
#define BUILD_BUG_ON_MSG(condition, ...) GATE_WARN(condition)
#define bad_page(page, reason) ((void)GATE_WARN(1))
#define dump_page(page, reason) ((void)0)`,
  },
  {
    about: "atomics, READ_ONCE(), WRITE_ONCE() and memory barriers",
    assumes:
      "One CPU: a whole function runs at once, so atomics are plain, and barriers nothing. Machine race has stubs of its own.",
    text: `
typedef struct { int counter; } atomic_t;
typedef struct { long counter; } atomic_long_t;
#define ATOMIC_INIT(value) { (value) }
#define READ_ONCE(place) (*(const volatile __typeof__(place) *)&(place))
#define WRITE_ONCE(place, value) do { *(volatile __typeof__(place) *)&(place) = (value); } while (0)
#define barrier() ((void)0)
#define smp_mb() ((void)0)
#define smp_rmb() ((void)0)
#define smp_wmb() ((void)0)
#define smp_mb__before_atomic() ((void)0)
#define smp_mb__after_atomic() ((void)0)
#define smp_store_release(place, value) WRITE_ONCE(*(place), value)
#define smp_load_acquire(place) READ_ONCE(*(place))
static inline int atomic_read(const atomic_t *v) { return v->counter; }
static inline long atomic_long_read(const atomic_long_t *v) { return v->counter; }
static inline void atomic_long_set(atomic_long_t *v, long i) { v->counter = i; }
static inline void atomic_long_add(long i, atomic_long_t *v) { v->counter += i; }
static inline void atomic_long_sub(long i, atomic_long_t *v) { v->counter -= i; }
static inline void atomic_long_inc(atomic_long_t *v) { v->counter++; }
static inline void atomic_long_dec(atomic_long_t *v) { v->counter--; }
static inline long atomic_long_add_return(long i, atomic_long_t *v) { return v->counter += i; }
static inline long atomic_long_sub_return(long i, atomic_long_t *v) { return v->counter -= i; }
static inline int atomic_read_acquire(const atomic_t *v) { return v->counter; }
static inline void atomic_set(atomic_t *v, int i) { v->counter = i; }
static inline void atomic_set_release(atomic_t *v, int i) { v->counter = i; }
static inline void atomic_add(int i, atomic_t *v) { v->counter += i; }
static inline void atomic_sub(int i, atomic_t *v) { v->counter -= i; }
static inline void atomic_inc(atomic_t *v) { v->counter++; }
static inline void atomic_dec(atomic_t *v) { v->counter--; }
static inline int atomic_add_return(int i, atomic_t *v) { return v->counter += i; }
static inline int atomic_add_return_relaxed(int i, atomic_t *v) { return v->counter += i; }
static inline int atomic_sub_return(int i, atomic_t *v) { return v->counter -= i; }
static inline int atomic_sub_return_relaxed(int i, atomic_t *v) { return v->counter -= i; }
static inline int atomic_inc_return(atomic_t *v) { return ++v->counter; }
static inline int atomic_inc_return_relaxed(atomic_t *v) { return ++v->counter; }
static inline int atomic_dec_return(atomic_t *v) { return --v->counter; }
static inline int atomic_dec_return_relaxed(atomic_t *v) { return --v->counter; }
static inline int atomic_fetch_add(int i, atomic_t *v) { v->counter += i; return v->counter - i; }
static inline int atomic_fetch_sub(int i, atomic_t *v) { v->counter -= i; return v->counter + i; }
static inline bool atomic_inc_and_test(atomic_t *v) { return ++v->counter == 0; }
static inline bool atomic_dec_and_test(atomic_t *v) { return --v->counter == 0; }
static inline bool atomic_sub_and_test(int i, atomic_t *v) { return (v->counter -= i) == 0; }
static inline bool atomic_add_negative(int i, atomic_t *v) { return (v->counter += i) < 0; }
static inline int atomic_cmpxchg(atomic_t *v, int from, int to)
{
	const int was = v->counter;

	if (was == from)
		v->counter = to;
	return was;
}
static inline bool atomic_add_unless(atomic_t *v, int i, int unless)
{
	if (v->counter == unless)
		return false;
	v->counter += i;
	return true;
}`,
  },
  {
    about: "bit operations",
    text: `
static inline bool test_bit(long nr, const volatile unsigned long *word) { return (word[BIT_WORD(nr)] >> (nr % BITS_PER_LONG)) & 1; }
static inline void __set_bit(long nr, volatile unsigned long *word) { word[BIT_WORD(nr)] |= BIT_MASK(nr); }
static inline void __clear_bit(long nr, volatile unsigned long *word) { word[BIT_WORD(nr)] &= ~BIT_MASK(nr); }
static inline void set_bit(long nr, volatile unsigned long *word) { __set_bit(nr, word); }
static inline void clear_bit(long nr, volatile unsigned long *word) { __clear_bit(nr, word); }
static inline bool test_and_set_bit(long nr, volatile unsigned long *word)
{
	const bool was = test_bit(nr, word);

	__set_bit(nr, word);
	return was;
}
static inline bool test_and_clear_bit(long nr, volatile unsigned long *word)
{
	const bool was = test_bit(nr, word);

	__clear_bit(nr, word);
	return was;
}
#define test_and_set_bit_lock(nr, word) test_and_set_bit(nr, word)
#define clear_bit_unlock(nr, word) clear_bit(nr, word)
#define __test_and_set_bit(nr, word) test_and_set_bit(nr, word)
#define __test_and_clear_bit(nr, word) test_and_clear_bit(nr, word)`,
  },
  {
    about: "bit spinlocks and spinlocks",
    assumes:
      "Taking a bit spinlock that is taken, or releasing one that is not, is a warning; of other spinlocks it is counted whether as many are released as are taken, and the code under test takes none of them twice.",
    text: `
typedef struct { char nothing[0]; } spinlock_t, rwlock_t;
extern int gate_spinlocks;
#define GATE_LOCK(lock) ((void)(lock), (void)gate_spinlocks++)
#define GATE_UNLOCK(lock) ((void)(lock), (void)gate_spinlocks--)
#define bit_spin_lock(bit, word) ((void)GATE_WARN(test_and_set_bit(bit, word)))
#define bit_spin_unlock(bit, word) ((void)GATE_WARN(!test_and_clear_bit(bit, word)))
#define __bit_spin_unlock(bit, word) bit_spin_unlock(bit, word)
#define bit_spin_is_locked(bit, word) test_bit(bit, word)
#define spin_lock(lock) GATE_LOCK(lock)
#define spin_unlock(lock) GATE_UNLOCK(lock)
#define spin_lock_irq(lock) GATE_LOCK(lock)
#define spin_unlock_irq(lock) GATE_UNLOCK(lock)
#define spin_lock_irqsave(lock, flags) (GATE_LOCK(lock), (void)((flags) = 0))
#define spin_unlock_irqrestore(lock, flags) (GATE_UNLOCK(lock), (void)(flags))
#define rcu_read_lock() ((void)0)
#define rcu_read_unlock() ((void)0)
#define preempt_disable() ((void)0)
#define preempt_enable() ((void)0)
#define lockdep_assert_held(lock) ((void)0)
#define might_sleep() ((void)0)
#define cond_resched() ((void)0)
#define cpu_relax() ((void)0)`,
  },
  {
    about: "lists",
    text: `
struct list_head { struct list_head *next, *prev; };
struct llist_node { struct llist_node *next; };
struct hlist_node { struct hlist_node *next, **pprev; };
struct hlist_head { struct hlist_node *first; };
struct rcu_head { struct rcu_head *next; void (*func)(struct rcu_head *head); };
#define LIST_HEAD_INIT(name) { &(name), &(name) }
static inline void INIT_LIST_HEAD(struct list_head *list) { list->next = list->prev = list; }
static inline bool list_empty(const struct list_head *list) { return list->next == list; }
static inline void list_add_tail(struct list_head *new, struct list_head *head)
{
	new->prev = head->prev;
	new->next = head;
	head->prev->next = new;
	head->prev = new;
}
static inline void list_del_init(struct list_head *entry)
{
	entry->prev->next = entry->next;
	entry->next->prev = entry->prev;
	INIT_LIST_HEAD(entry);
}
#define LIST_POISON1 ((void *)0x100)
#define LIST_POISON2 ((void *)0x122)`,
  },
  {
    about: "sequence counts",
    assumes: "Fork holds write_protect_seq of the parent MM wherever its rmap functions assert that.",
    text: `
typedef struct { unsigned int sequence; } seqcount_t;
#define raw_read_seqcount(count) ((void)(count), 1)`,
  },
  {
    about: "static keys",
    assumes: "No static key is on but the one of the allocator's checks of pages.",
    text: `
#define static_branch_likely(key) 0
#define static_branch_unlikely(key) 0
#define is_check_pages_enabled() 1`,
  },
  {
    about: "sizes that the build of a kernel computes",
    assumes: "There are three zones and one node, and no multi-generational LRU (its bits of the page flags are none).",
    text: `
#define LRU_GEN_WIDTH 0
#define __LRU_REFS_WIDTH 0
#define NODES_SHIFT 0
#define NR_PAGEFLAGS __NR_PAGEFLAGS
#define MAX_NR_ZONES 3`,
  },
];

/** Used when the code under test wants it, instead of what the tree has: these refer to types of the tree. */
export const INSTEAD: readonly StandIn[] = [
  {
    about: "node and memcg statistics",
    assumes:
      "A statistic is one counter for the whole system, whatever folio it is about; a change of one that no rmap function changes is reported. mTHP statistics and events are counted nowhere.",
    text: `
extern long gate_stats[];
extern int gate_other_statistic;
#define GATE_COUNT_STATISTIC(item, nr) ({ const int gate_item = (item); gate_stats[gate_item] += (nr); if (gate_item != NR_ANON_MAPPED && gate_item != NR_FILE_MAPPED && gate_item != NR_ANON_THPS && gate_item != NR_SHMEM_PMDMAPPED && gate_item != NR_FILE_PMDMAPPED) gate_other_statistic = gate_item + 1; })
#define __lruvec_stat_mod_folio(folio, item, nr) ((void)(folio), GATE_COUNT_STATISTIC(item, nr))
#define lruvec_stat_mod_folio(folio, item, nr) __lruvec_stat_mod_folio(folio, item, nr)
#define __lruvec_stat_add_folio(folio, item) __lruvec_stat_mod_folio(folio, item, folio_nr_pages(folio))
#define __mod_node_page_state(pgdat, item, nr) ((void)GATE_COUNT_STATISTIC(item, nr))
#define mod_node_page_state(pgdat, item, nr) __mod_node_page_state(pgdat, item, nr)
#define __node_stat_mod_folio(folio, item, nr) __lruvec_stat_mod_folio(folio, item, nr)
#define node_stat_mod_folio(folio, item, nr) __lruvec_stat_mod_folio(folio, item, nr)
#define folio_pgdat(folio) ((void *)0)
#define count_vm_event(item) ((void)0)
#define count_vm_events(item, nr) ((void)0)
#define count_mthp_stat(order, item) ((void)0)
#define mod_mthp_stat(order, item, delta) ((void)0)`,
  },
  {
    about: "the deferred split queue of a folio",
    assumes: "There is one deferred split queue: no memcgs, one node, no shrinker of a memcg to wake.",
    text: `
extern struct deferred_split gate_deferred_split;
#define get_deferred_split_queue(folio) (&gate_deferred_split)
#define folio_split_queue_lock(folio) (GATE_LOCK(folio), &gate_deferred_split)
#define folio_split_queue_lock_irqsave(folio, flags) (GATE_LOCK(folio), (void)(*(flags) = 0), &gate_deferred_split)
#define set_shrinker_bit(memcg, nid, id) ((void)0)
#define split_queue_unlock(queue) GATE_UNLOCK(queue)
#define split_queue_unlock_irqrestore(queue, flags) (GATE_UNLOCK(queue), (void)(flags))`,
  },
  {
    about: "mlock",
    assumes: "No VMA is mlocked: mapping and unmapping a folio leaves mlock_count and PG_mlocked alone.",
    text: `
#define mlock_vma_folio(folio, vma) ((void)(folio), (void)(vma))
#define munlock_vma_folio(folio, vma) ((void)(folio), (void)(vma))`,
  },
  {
    about: "zero folios and memory of devices",
    assumes: "A folio under test is neither a zero folio nor memory of a device.",
    text: `
#define is_zero_folio(folio) ((void)(folio), false)
#define is_huge_zero_folio(folio) ((void)(folio), false)
#define is_zero_page(page) ((void)(page), false)
#define folio_is_device_private(folio) ((void)(folio), false)
#define folio_is_zone_device(folio) ((void)(folio), false)
#define folio_is_fsdax(folio) ((void)(folio), false)
#define is_zone_device_page(page) ((void)(page), false)
#define page_pool_page_is_pp(page) ((void)(page), false)`,
  },
  {
    about: "poisoned struct pages",
    assumes: "No struct page is poisoned: the memory map is initialised.",
    text: `
#define PagePoisoned(page) ((void)(page), 0)`,
  },
  {
    about: "pages of a folio",
    assumes: "The struct pages of a folio lie next to each other (no SPARSEMEM without VMEMMAP).",
    text: `
#define nth_page(page, n) ((page) + (n))`,
  },
  {
    about: "the folio lock",
    assumes: "Locking and unlocking a folio never has to wake a waiter.",
    text: `
#define folio_trylock(folio) (!test_and_set_bit(PG_locked, (unsigned long *)(folio)))
#define folio_unlock(folio) clear_bit(PG_locked, (unsigned long *)(folio))`,
  },
  {
    about: "swap",
    assumes:
      "folio_free_swap() takes the folio out of the swap cache, with its references, unless a page table has a swap entry of it: the model decides that.",
    text: `
bool folio_free_swap(struct folio *folio);`,
  },
];

/** Used as well for the functions of the allocator. */
export const ALLOCATOR: readonly StandIn[] = [
  {
    about: "debugging, hardening and accounting in the page allocator",
    assumes:
      "KASAN, KMSAN, page_owner, page table check, allocation tags, page poisoning, init_on_alloc and init_on_free are off, " +
      "nothing traces, no page is in high memory, mlocked or charged to a memcg, and no CPU was the last one.",
    text: `
#define trace_mm_page_free(page, order) ((void)0)
#define kmsan_free_page(page, order) ((void)0)
#define memcg_kmem_online() 0
#define PageMemcgKmem(page) 0
#define __memcg_kmem_uncharge_page(page, order) ((void)0)
#define reset_page_owner(page, order) ((void)0)
#define set_page_owner(page, order, flags) ((void)0)
#define page_table_check_free(page, order) ((void)0)
#define page_table_check_alloc(page, order) ((void)0)
#define pgalloc_tag_sub(page, nr) ((void)0)
#define pgalloc_tag_add(page, task, nr) ((void)0)
#define clear_page_tag_ref(page) ((void)0)
#define debug_check_no_locks_freed(address, bytes) ((void)0)
#define debug_check_no_obj_freed(address, bytes) ((void)0)
#define kernel_poison_pages(page, nr) ((void)0)
#define kernel_unpoison_pages(page, nr) ((void)0)
#define should_skip_kasan_poison(page) 1
#define should_skip_kasan_unpoison(flags) 1
#define should_skip_init(flags) 1
#define kasan_poison_pages(page, order, init) ((void)0)
#define kasan_unpoison_pages(page, order, init) 0
#define kasan_has_integrated_init() 0
#define page_kasan_tag_reset(page) ((void)0)
#define want_init_on_free() 0
#define want_init_on_alloc(flags) 0
#define kernel_init_pages(page, nr) ((void)0)
#define tag_clear_highpages(page, nr, ...) 0
#define arch_alloc_page(page, order) ((void)0)
#define arch_free_page(page, order) ((void)0)
#define debug_pagealloc_map_pages(page, nr) ((void)0)
#define debug_pagealloc_unmap_pages(page, nr) ((void)0)
#define PageHighMem(page) 0
#define page_address(page) ((void *)0)
#define zone_stat_mod_folio(folio, item, nr) ((void)0)
#define page_cpupid_reset_last(page) ((void)0)
#define folio_xchg_last_cpupid(folio, cpupid) ((void)0)
#define folio_last_cpupid(folio) 0
#define __GFP_ZEROTAGS 0U`,
  },
];

/** Used for what the tree does not have, but the driver wants. */
export const OTHERWISE: readonly StandIn[] = [
  {
    about: "types and numbers that a tree may do without",
    text: `
struct deferred_split { struct list_head split_queue; unsigned long split_queue_len; };
enum node_stat_item { NR_ANON_MAPPED, NR_FILE_MAPPED, NR_ANON_THPS, NR_SHMEM_PMDMAPPED, NR_FILE_PMDMAPPED };
#define MMF_HAS_PINNED 27
#define folio_test_pmd_mappable(folio) (folio_order(folio) >= gate_hpage_pmd_order)`,
  },
];
