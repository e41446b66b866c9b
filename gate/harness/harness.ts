/**
 * The driver: C text of our own that stands behind the unit, in the same translation unit. It puts a folio of the model
 * into struct pages, calls one function of the tree, and takes the folio out again. What it exchanges with us is one
 * array of integers, the *exchange buffer*; it reads and writes struct pages through the tree's own types, so that no field
 * offset is known here and a field that a patch removes is a field that the compiler misses.
 *
 * One folio is at hand at a time, always in the same place. Every struct page is written before a call, and looked at
 * afterwards: a word that was written and that the exchange buffer has no name for is reported (`BufferField.stray`), and so is what a
 * call did elsewhere (`BufferField.outside`).
 */

import { cSource } from "./c-source.ts";
import { DAMAGE } from "./damage.ts";

/** Most pages of a folio that have a struct page here. A larger folio has its first ones: only counts are asked of it. */
export const MOST_PAGES = 8;

/** Positions in the exchange buffer. Mapcounts are stored values, as in the kernel. */
export const BufferField = {
  nrPages: 0,
  refcount: 1,
  pincount: 2,
  largeMapcount: 3,
  entireMapcount: 4,
  /** `_nr_pages_mapped`: pages. */
  pagesMapped: 5,
  /** `_nr_pages_mapped`: how often ENTIRELY_MAPPED is in it. */
  entirelyMapped: 6,
  mmId0: 7,
  mmIdMapcount0: 8,
  mmId1: 9,
  mmIdMapcount1: 10,
  /** Bits of `Flag`. */
  flags: 11,
  index: 12,
  /** `_total_mapped_pages`. */
  totalMappedPages: 13,
  /** Mapcounts of the pages, MOST_PAGES of them; then whether each page is exclusive. */
  mapcount: 16,
  exclusive: 24,
  /** Changes of the statistics: anon mapped, file mapped, anon PMD-mapped, file PMD-mapped. Of others: `outside`. */
  stats: 32,
  /** Whether the large-mapcount lock is still held. */
  locked: 36,
  /** Position of a 32-bit word of the struct pages that was written and has no name here, plus one; else 0. */
  stray: 37,
  /** Id of the first warning, or 0. */
  warning: 38,
  /** Order of a PMD. */
  pmdOrder: 39,
  /** What was done outside of the folio's struct pages: one of `Outside`, or OTHER_STATISTIC and more; else 0. */
  outside: 41,
  /** Whether the call did not come to its end: WebAssembly stopped it. Written by us. */
  trapped: 42,
  /** How many words the C code keeps beside what is named here. */
  extraCount: 43,
  /** Their positions among the 32-bit words of the struct pages, MOST_EXTRA of them; then their values. */
  extraAt: 44,
  extra: 76,
  size: 108,
} as const;

/** Most words that C code can keep beside what is named here. */
export const MOST_EXTRA = 32;

/** Bits of `BufferField.flags`. */
export const Flag = {
  shared: 1,
  anon: 2,
  swapcache: 4,
  locked: 8,
  partiallyMapped: 16,
  onDeferredList: 32,
  inPageCache: 64,
} as const;

/** Bits of what `gate_room` says. */
export const Room = {
  pincount: 1,
  entireMapcount: 2,
} as const;

/** What a call can do outside of the folio's struct pages. */
export const Outside = {
  /** It wrote to the struct page before the folio's first, or to one of the two behind its last. */
  neighbour: 1,
  /** It wrote to one of the first words of the memory: through NULL. */
  null: 2,
  /** It changed an mm_struct, a VMA, or an anon_vma. */
  mm: 3,
  vma: 4,
  anonVma: 5,
  /** The deferred split queue and its length are not as PG_partially_mapped's list entry has it. */
  splitQueue: 6,
  /** A spinlock was taken and not given back, or the other way round. */
  spinlock: 7,
} as const;

/** From here on, `BufferField.outside` is this and a `node_stat_item`: a statistic that no rmap function has to do with. */
export const OTHER_STATISTIC = 16;

/** An MM as an argument: its number, and above that whether it ever pinned a page, and whether it has no id. */
export const MM_PINNED = 0x20;
export const MM_WITHOUT_ID = 0x40;

/** Most MMs: each has an mm_struct and a VMA of its own, so that C code can tell them apart by their addresses. */
const MOST_MMS = 16;

const constants = Object.entries(BufferField)
  .map(([name, position]) => `#define BUFFER_${name} ${position}`)
  .concat(Object.entries(Flag).map(([name, bit]) => `#define FLAG_${name} ${bit}`))
  .concat(Object.entries(Outside).map(([name, code]) => `#define OUTSIDE_${name} ${code}`))
  .concat(Object.entries(Room).map(([name, bit]) => `#define ROOM_${name} ${bit}`))
  .concat(
    Object.entries({ MOST_PAGES, MOST_MMS, MM_PINNED, MM_WITHOUT_ID, OTHER_STATISTIC }).map(
      ([name, value]) => `#define GATE_${name} ${value}`,
    ),
  )
  .join("\n");

/** What the driver begins with: the next line is its first. */
export const HARNESS_START = '#line 1 "foliocheck/harness.c"\n';

/** Declarations that the unit's own stand-ins refer to as well. */
export const STATE: string = `\n${HARNESS_START}${constants}\n${cSource("./state.c", import.meta.url)}`;

/** Puts the folio of the exchange buffer into struct pages, and makes VMAs. */
export const ENCODE: string = cSource("./encode.c", import.meta.url);

/** What a call did outside of the folio's struct pages. What it damaged there is mended. */
const LOOK_OUTSIDE: string = cSource("./outside.c", import.meta.url);

const DECODE: string = cSource("./decode.c", import.meta.url);

/** A function that the driver can call: parameters of the operation, and the call in C. */
export interface Call {
  /** The kernel function. */
  readonly name: string;
  /** Where it exists at all, as a condition of the preprocessor. */
  readonly where?: string;
  /** The operation's parameters. */
  readonly parameters: readonly string[];
  /** The C expression or statement whose value is the result. */
  readonly call: string;
  /** Statements before and after it, where the driver has to do more than put a folio in and take it out. */
  readonly before?: string;
  readonly after?: string;
  /** Whether it only asks: then everything has to be as it was. */
  readonly asks?: boolean;
}

const VMA = "gate_vma_of(0, mm)";
const DST = "gate_vma_of(0, dst)";
const SRC = "gate_vma_of(1, src)";
const PAGE = "gate_memmap + page";
/** Address of a page of the folio; the index is the exchange's, as the folio may have none yet. */
const addressOf = (page: string): string =>
  `(GATE_START + ((unsigned long)(gate_buffer[BUFFER_index] + ${page}) << PAGE_SHIFT))`;
const RMAP_FLAGS = "(exclusive ? RMAP_EXCLUSIVE : RMAP_NONE)";
const THP = "defined(CONFIG_TRANSPARENT_HUGEPAGE)";
const MM_ID = "defined(CONFIG_MM_ID)";

const does = (name: string, parameters: readonly string[], call: string, where?: string): Call => ({
  name,
  parameters,
  call: `(${call}, 0)`,
  ...(where === undefined ? {} : { where }),
});
const returns = (name: string, parameters: readonly string[], call: string, where?: string): Call => ({
  name,
  parameters,
  call,
  ...(where === undefined ? {} : { where }),
});
const answers = (name: string, parameters: readonly string[], call: string, where?: string): Call => ({
  ...returns(name, parameters, call, where),
  asks: true,
});

/** Tells mapcounts of pages: a stub that must not be called where nobody keeps any. */
export const PRECISE = "folio_precise_page_mapcount";

export const CALLS: readonly Call[] = [
  // Mappings by PTEs: each maps a page.
  does("folio_set_large_mapcount", ["mapcount", "mm"], `GATE_SET_LARGE_MAPCOUNT(folio, mapcount, mapcount, ${VMA})`),
  returns(
    "folio_add_return_large_mapcount",
    ["diff", "mm"],
    `GATE_ADD_LARGE_MAPCOUNT(folio, diff, diff, ${VMA})`,
    MM_ID,
  ),
  returns(
    "folio_sub_return_large_mapcount",
    ["diff", "mm"],
    `GATE_SUB_LARGE_MAPCOUNT(folio, diff, diff, ${VMA})`,
    MM_ID,
  ),
  does("folio_add_file_rmap_ptes", ["page", "nr", "mm"], `folio_add_file_rmap_ptes(folio, ${PAGE}, nr, ${VMA})`),
  does("folio_add_file_rmap_pmd", ["mm"], `folio_add_file_rmap_pmd(folio, gate_memmap, ${VMA})`, THP),
  does(
    "folio_add_anon_rmap_ptes",
    ["page", "nr", "mm", "exclusive"],
    `folio_add_anon_rmap_ptes(folio, ${PAGE}, nr, ${VMA}, ${addressOf("page")}, ${RMAP_FLAGS})`,
  ),
  does(
    "folio_add_anon_rmap_pmd",
    ["mm", "exclusive"],
    `folio_add_anon_rmap_pmd(folio, gate_memmap, ${VMA}, ${addressOf("0")}, ${RMAP_FLAGS})`,
    THP,
  ),
  {
    ...does(
      "folio_add_new_anon_rmap",
      ["mm", "exclusive"],
      `folio_add_new_anon_rmap(folio, ${VMA}, ${addressOf("0")}, ${RMAP_FLAGS})`,
    ),
    // What is not exclusive was read from swap, and its reader holds the folio lock. The index is what the call sets.
    before: "GATE_SET_FLAG(gate_memmap, PG_locked, !exclusive); folio->index = GATE_POISON;",
    after: "GATE_SET_FLAG(gate_memmap, PG_locked, gate_buffer[BUFFER_flags] & FLAG_locked);",
  },
  does("folio_remove_rmap_ptes", ["page", "nr", "mm"], `folio_remove_rmap_ptes(folio, ${PAGE}, nr, ${VMA})`),
  does("folio_remove_rmap_pmd", ["mm"], `folio_remove_rmap_pmd(folio, gate_memmap, ${VMA})`, THP),
  does("folio_dup_file_rmap_ptes", ["page", "nr", "dst"], `folio_dup_file_rmap_ptes(folio, ${PAGE}, nr, ${DST})`),
  does("folio_dup_file_rmap_pte", ["page", "dst"], `folio_dup_file_rmap_pte(folio, ${PAGE}, ${DST})`),
  does("folio_dup_file_rmap_pmd", ["dst"], `folio_dup_file_rmap_pmd(folio, gate_memmap, ${DST})`, THP),
  returns(
    "folio_try_dup_anon_rmap_ptes",
    ["page", "nr", "dst", "src"],
    `folio_try_dup_anon_rmap_ptes(folio, ${PAGE}, nr, ${DST}, ${SRC})`,
  ),
  returns(
    "folio_try_dup_anon_rmap_pte",
    ["page", "dst", "src"],
    `folio_try_dup_anon_rmap_pte(folio, ${PAGE}, ${DST}, ${SRC})`,
  ),
  returns(
    "folio_try_dup_anon_rmap_pmd",
    ["dst", "src"],
    `folio_try_dup_anon_rmap_pmd(folio, gate_memmap, ${DST}, ${SRC})`,
    THP,
  ),
  returns("folio_try_share_anon_rmap_pte", ["page"], `folio_try_share_anon_rmap_pte(folio, ${PAGE})`),
  returns("folio_try_share_anon_rmap_pmd", [], "folio_try_share_anon_rmap_pmd(folio, gate_memmap)", THP),
  does("deferred_split_folio", ["partially_mapped"], "deferred_split_folio(folio, partially_mapped)", THP),
  {
    ...returns(
      "__wp_can_reuse_large_anon_folio",
      ["mm", "swap_unused"],
      `__wp_can_reuse_large_anon_folio(folio, ${VMA})`,
      THP,
    ),
    before: "gate_swap_unused = swap_unused;",
  },
  {
    ...does("prep_compound_head", [], "prep_compound_head(gate_memmap, __builtin_ctz(gate_buffer[BUFFER_nrPages]))"),
    before: "gate_forget_folio();",
  },
  answers("folio_mapcount", [], "folio_mapcount(folio)"),
  answers("folio_entire_mapcount", [], "gate_buffer[BUFFER_nrPages] > 1 ? folio_entire_mapcount(folio) : 0"),
  answers("folio_maybe_mapped_shared", [], "folio_maybe_mapped_shared(folio)"),
  answers("folio_expected_ref_count", [], "folio_expected_ref_count(folio)"),
  answers(PRECISE, ["page"], `folio_precise_page_mapcount(folio, ${PAGE})`),
  answers("folio_average_page_mapcount", [], "folio_average_page_mapcount(folio)"),
];

/** What checks a folio on its way back to the allocator: the driver goes through its pages as free_pages_prepare() does. */
const FREE: string = `${DAMAGE}\n${cSource("./free.c", import.meta.url)}`;

/** Before prep_compound_head(): nothing that it has to set is set, whatever the struct pages were used for before. */
const FORGET: string = cSource("./forget.c", import.meta.url);

/** What a new folio has: asked by us, and no step of anything. */
const FRESH: string = cSource("./fresh.c", import.meta.url);

function operation(each: Call): string {
  const { name, call, before = "", after = "", asks } = each;
  const body = (begin: string, end: string): string => `{
	struct folio *folio = ${begin}();
	(void)folio;
	${before}
	const int result = ${call};
	${after}
	${end}
	return result;
}`;
  const typed = typedParameters(each);
  const text =
    asks === true
      ? `GATE_OP(${name})(${typed})\n${body("gate_show", "gate_take_back();")}\nGATE_ANSWER(${name})(${typed})\n${body("gate_load", "")}`
      : `GATE_OP(${name})(${typed})\n${body("gate_load", "gate_store();")}`;
  return whereItExists(each, text);
}

/** The parameters of an operation, in C. */
export function typedParameters({ parameters }: Call): string {
  return parameters.map((each) => `int ${each}`).join(", ") || "void";
}

/** The text of an operation, for the configurations that have its function. */
export function whereItExists({ where }: Call, text: string): string {
  return where === undefined ? text : `#if ${where}\n${text}\n#endif`;
}

/** All that can be asked, one after the other: whether any of it does more than answer takes one look then. */
function askEverything(calls: readonly Call[]): string {
  const asking = calls
    .filter(({ asks }) => asks === true)
    .map(({ name, parameters, call }) => {
      const each = parameters.includes("page")
        ? `for (int page = 0; page < gate_pages(); page++)\n\t\t(void)(${call});`
        : `(void)(${call});`;
      return name === PRECISE ? `#ifdef CONFIG_PAGE_MAPCOUNT\n\t${each}\n#endif` : `\t${each}`;
    });
  return `
__attribute__((export_name("gate_ask_everything"), no_instrument_function)) void gate_ask_everything(void)
{
	struct folio *folio = gate_show();
	(void)folio;
${asking.join("\n")}
	gate_take_back();
}
`;
}

/** Names of the operations that a module may have: those of functions that its configuration does not have are absent. */
export const OPERATIONS: readonly string[] = [...CALLS.map(({ name }) => name), "free_tail_page_prepare"];

/** Those that only ask. */
export const READERS: readonly string[] = CALLS.filter(({ asks }) => asks === true).map(({ name }) => name);

/** Functions of the driver that run no code of the tree, and go through struct pages word by word: they come to their end. */
export const ENDING: readonly string[] = ["gate_poison_pages", "gate_find_stray"];

/** Calls that an instrumented module keeps between two looks at them. */
export const MOST_CALLS = 500;

/**
 * What clang calls on entry to every function, and on its exit, when asked to. In `gate_calls`: their number, the depth,
 * then position and depth of each.
 */
function instrumentation(functions: readonly string[]): string {
  const logged = functions.map((name) => `(void *)${name}`).join(", ");
  return `
#define GATE_LOGGED ${logged}
#define GATE_MOST_CALLS ${MOST_CALLS}
${cSource("./call-log.c", import.meta.url)}`;
}

/**
 * The driver for a unit whose functions have these names.
 *
 * @param instrumented whether clang is asked to note calls
 */
export function harnessSource(functions: readonly string[], instrumented: boolean): string {
  const has = (name: string): boolean => functions.includes(name);
  const calls = CALLS.filter(({ name }) => has(name));
  const fresh = has("prep_compound_head") ? [FRESH] : [];
  const free = has("free_tail_page_prepare") && has("free_page_is_bad") ? [FREE] : [];
  const notes = instrumented ? [instrumentation(functions)] : [];
  const forget = has("prep_compound_head") ? [FORGET] : [];
  return [
    STATE,
    ENCODE,
    LOOK_OUTSIDE,
    DECODE,
    ...forget,
    ...calls.map(operation),
    askEverything(calls),
    ...fresh,
    ...free,
    ...notes,
  ].join("\n");
}
