/** The kernel of our own as a unit, put together by hand: for tests of what comes after extraction. */
import { readFileSync } from "node:fs";
import type { ExtractedFunction, GateConfiguration, KernelUnit } from "../../gate/compiled-kernel.ts";

const FILES = [
  "include/linux/mm_types.h",
  "include/linux/page-flags.h",
  "include/linux/mm.h",
  "include/linux/rmap.h",
  "mm/internal.h",
  "mm/huge_memory.c",
  "mm/rmap.c",
  "mm/memory.c",
  "mm/page_alloc.c",
  "fs/proc/internal.h",
] as const;

const STAND_INS = `
typedef _Bool bool;
#define true 1
#define false 0
#define EBUSY 16
#define IS_ENABLED(option) IS_ENABLED_(option)
#define IS_ENABLED_(value) IS_ENABLED__(PLACEHOLDER_##value)
#define PLACEHOLDER_1 0,
#define IS_ENABLED__(junk) SECOND(junk 1, 0)
#define SECOND(ignored, value, ...) value
typedef struct { int counter; } atomic_t;
static inline int atomic_read(const atomic_t *v) { return v->counter; }
static inline void atomic_set(atomic_t *v, int i) { v->counter = i; }
static inline void atomic_add(int i, atomic_t *v) { v->counter += i; }
static inline void atomic_sub(int i, atomic_t *v) { v->counter -= i; }
static inline void atomic_inc(atomic_t *v) { v->counter++; }
static inline int atomic_add_return(int i, atomic_t *v) { return v->counter += i; }
static inline bool atomic_inc_and_test(atomic_t *v) { return ++v->counter == 0; }
static inline bool atomic_add_negative(int i, atomic_t *v) { return (v->counter += i) < 0; }
struct list_head { struct list_head *next, *prev; };
static inline void INIT_LIST_HEAD(struct list_head *list) { list->next = list->prev = list; }
static inline bool list_empty(const struct list_head *list) { return list->next == list; }
static inline void list_add_tail(struct list_head *new, struct list_head *head)
{
	new->prev = head->prev;
	new->next = head;
	head->prev->next = new;
	head->prev = new;
}
struct deferred_split { struct list_head split_queue; unsigned long split_queue_len; };
extern struct deferred_split gate_deferred_split;
extern int gate_warning;
extern long gate_stats[];
extern unsigned int gate_hpage_pmd_order;
#define GATE_LINK_TAIL(tail, head, order) ((tail)->compound_head = (unsigned long)(head) + 1)
#define HPAGE_PMD_NR (1 << gate_hpage_pmd_order)
#define get_deferred_split_queue(folio) (&gate_deferred_split)
#define folio_test_pmd_mappable(folio) (gate_hpage_pmd_order && folio_order(folio) >= gate_hpage_pmd_order)
#define GATE_WARN(condition, id) do { if ((condition) && !gate_warning) gate_warning = (id); } while (0)
static inline void bit_spin_lock(int bit, unsigned long *word)
{
	GATE_WARN((*word >> bit) & 1, 1);
	*word |= 1ul << bit;
}
static inline void __bit_spin_unlock(int bit, unsigned long *word)
{
	GATE_WARN(!((*word >> bit) & 1), 2);
	*word &= ~(1ul << bit);
}
enum node_stat_item { NR_ANON_MAPPED, NR_FILE_MAPPED, NR_ANON_THPS, NR_SHMEM_PMDMAPPED, NR_FILE_PMDMAPPED };
#define __lruvec_stat_mod_folio(folio, item, nr) (gate_stats[item] += (nr))
struct folio;
bool folio_free_swap(struct folio *folio);
`;

/** A change to a file: a text that occurs in it once, and what stands there instead. */
export interface Edit {
  readonly file: (typeof FILES)[number];
  readonly from: string;
  readonly to: string;
}

/** The unit, with changes to the tree's files. */
export function ownUnit(configuration: GateConfiguration, edits: readonly Edit[] = []): KernelUnit {
  const { pageMapcount, is64Bit, mmId } = configuration;
  const options = [
    pageMapcount ? "CONFIG_PAGE_MAPCOUNT" : "CONFIG_NO_PAGE_MAPCOUNT",
    ...(is64Bit ? ["CONFIG_64BIT"] : []),
    ...(mmId ? ["CONFIG_MM_ID", "CONFIG_TRANSPARENT_HUGEPAGE"] : []),
  ];
  const functions: ExtractedFunction[] = [];
  const warnings = [
    { id: 1, file: "include/linux/rmap.h", line: 0, text: "large-mapcount lock: taken twice" },
    { id: 2, file: "include/linux/rmap.h", line: 0, text: "large-mapcount lock: given back twice" },
  ];
  const texts = FILES.map((file) => {
    let text = readFileSync(new URL(`own-kernel/${file}`, import.meta.url), "utf8");
    for (const edit of edits.filter((each) => each.file === file)) {
      if (text.split(edit.from).length !== 2) {
        throw new Error(`"${edit.from}" occurs ${text.split(edit.from).length - 1} times in ${file}`);
      }
      text = text.replace(edit.from, () => edit.to);
    }
    const open: boolean[] = [];
    const lines = text.split("\n").map((line, index) => {
      const condition = /^#(ifdef|ifndef|else|endif)\s*(\w*)/.exec(line);
      if (condition !== null) {
        const [, word, option = ""] = condition;
        if (word === "endif") {
          open.pop();
        } else {
          open.push(word === "else" ? open.pop() !== true : options.includes(option) === (word === "ifdef"));
        }
        return line;
      }
      if (open.includes(false)) {
        return line;
      }
      const found = /^(?!extern)[a-z].*?\b(\w+)\(.*[,)]$/.exec(line);
      if (found !== null && !functions.some(({ name }) => name === found[1])) {
        functions.push({ name: found[1] as string, file, line: index + 1, status: "unchanged", changes: [] });
      }
      return line.replace(/VM_WARN_ON_ONCE\((.*)\);$|bad_page\(page, "(.*)"\);$/, (all, condition, reason) => {
        const id = warnings.length + 1;
        warnings.push({ id, file, line: index + 1, text: all.replace(/;$/, "") });
        return reason === undefined ? `GATE_WARN(${condition}, ${id});` : `GATE_WARN(1, ${id});`;
      });
    });
    return `#line 1 "${file}"\n${lines.join("\n")}`;
  });
  const defines = options.map((option) => `#define ${option} 1`).join("\n");
  return { configuration, source: [defines, STAND_INS, ...texts].join("\n"), functions, warnings };
}
