/**
 * The harness: C code of the gate at the end of the translation unit. It encodes a folio of the model into struct
 * pages, calls one function of the tree, and decodes the folio. It exchanges data with TypeScript through one array of
 * integers, the *exchange buffer*. It accesses struct pages through the tree's own types: field offsets do not occur
 * here, and if a patch removes a field, compilation fails.
 *
 * There is one folio at a time, always at the same address. Every struct page is written before a call and checked
 * after it: a write to a word that has no field in the exchange buffer is reported (`BufferField.unexpectedWrite`), and
 * so are writes outside of the folio (`BufferField.outside`).
 */

import { cSource, defines } from "./c-source.ts";
import { DAMAGE } from "./damage.ts";

/** Maximum number of struct pages. Of a larger folio only the first ones exist: only its counts are queried. */
export const MOST_PAGES = 8;

/** Positions in the exchange buffer. Mapcounts are stored values, as in the kernel. */
export const BufferField = {
  nrPages: 0,
  refcount: 1,
  pincount: 2,
  largeMapcount: 3,
  entireMapcount: 4,
  /** `_nr_pages_mapped`: the number of pages, without the multiples of ENTIRELY_MAPPED. */
  pagesMapped: 5,
  /** `_nr_pages_mapped`: the number of multiples of ENTIRELY_MAPPED. */
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
  /** Mapcounts of the pages, MOST_PAGES values; then PageAnonExclusive of each page. */
  mapcount: 16,
  exclusive: 24,
  /** Changes of the statistics: anon mapped, file mapped, anon PMD-mapped, file PMD-mapped. Others are in `outside`. */
  stats: 32,
  /** Whether the large-mapcount lock is still held. */
  locked: 36,
  /** Position, plus one, of a 32-bit word of the struct pages that was written and has no field here; 0 for none. */
  unexpectedWrite: 37,
  /** Id of the first warning; 0 for none. */
  warning: 38,
  /** Order of a PMD. */
  pmdOrder: 39,
  /** Side effect outside of the folio's struct pages: a value of `Outside`, or OTHER_STATISTIC and more; 0 for none. */
  outside: 41,
  /** Whether WebAssembly stopped the call. Written by TypeScript. */
  trapped: 42,
  /** Number of opaque words: words that the C code uses and that have no field here. */
  opaqueCount: 43,
  /**
   * Positions of the opaque words, in 32-bit words from the first struct page, MOST_OPAQUE_WORDS values; then their
   * values.
   */
  opaqueAt: 44,
  opaqueWords: 76,
  size: 108,
} as const;

/** Maximum number of opaque words. */
export const MOST_OPAQUE_WORDS = 32;

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

/** Bits of the result of `gate_room`. */
export const Room = {
  pincount: 1,
  entireMapcount: 2,
} as const;

/** Side effects of a call outside of the folio's struct pages. */
export const Outside = {
  /** A write to the struct page before the folio's first, or to one of the two after its last. */
  neighbour: 1,
  /** A write to one of the first 16 words of the memory: through NULL. */
  null: 2,
  /** A write to an mm_struct, a VMA, or an anon_vma. */
  mm: 3,
  vma: 4,
  anonVma: 5,
  /** The deferred split queue or its length does not match the folio's list entry. */
  splitQueue: 6,
  /** A spinlock was taken and not released, or released and not taken. */
  spinlock: 7,
} as const;

/** Values of `BufferField.outside` from here on are this plus a `node_stat_item` that no rmap function may change. */
export const OTHER_STATISTIC = 16;

/** Flags above the number of an MM in an argument: whether it has ever pinned a page, and whether it has no id. */
export const MM_PINNED = 0x20;
export const MM_WITHOUT_ID = 0x40;

/** Maximum number of MMs. Each has its own mm_struct and VMA, because C code may compare their addresses. */
const MOST_MMS = 16;

const constants = [
  defines("BUFFER", BufferField),
  defines("FLAG", Flag),
  defines("OUTSIDE", Outside),
  defines("ROOM", Room),
  defines("GATE", { MOST_PAGES, MOST_MMS, MM_PINNED, MM_WITHOUT_ID, OTHER_STATISTIC }),
].join("\n");

/** The directive at the start of the harness. */
export const HARNESS_START = '#line 1 "foliocheck/harness.c"\n';

/** Variables and macros of the harness; the stubs of the unit use some of them. */
export const STATE: string = `\n${HARNESS_START}${constants}\n${cSource("./state.c", import.meta.url)}`;

/** Encodes the folio in the exchange buffer into struct pages, and initializes VMAs. */
export const ENCODE: string = cSource("./encode.c", import.meta.url);

/** Detects writes outside of the folio's struct pages, and reverts them. */
const CHECK_OUTSIDE: string = cSource("./outside.c", import.meta.url);

const DECODE: string = cSource("./decode.c", import.meta.url);

/** A kernel function that the harness can call: parameters of the operation, and the call in C. */
export interface Call {
  /** Name of the kernel function. */
  readonly name: string;
  /** Preprocessor condition under which it exists. */
  readonly where?: string;
  /** The operation's parameters. */
  readonly parameters: readonly string[];
  /** The C expression or statement whose value is the result. */
  readonly call: string;
  /** Statements before and after the call, if encoding and decoding the folio is not enough. */
  readonly before?: string;
  readonly after?: string;
  /** Whether it is read-only: after the call, all memory must be unchanged. */
  readonly isReadOnly?: boolean;
}

const VMA = "gate_vma_of(0, mm)";
const DST = "gate_vma_of(0, dst)";
const SRC = "gate_vma_of(1, src)";
const PAGE = "gate_memmap + page";
/** C expression for the address of a page; the index is from the exchange buffer, because a new folio has none. */
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
const queries = (name: string, parameters: readonly string[], call: string, where?: string): Call => ({
  ...returns(name, parameters, call, where),
  isReadOnly: true,
});

/** Returns mapcounts of pages. Without page mapcounts it is a stub of the kernel that must not be called. */
export const PRECISE = "folio_precise_page_mapcount";

export const CALLS: readonly Call[] = [
  // The number of mappings is passed as the number of pages, too: PTEs map one page each.
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
    // A folio that is not exclusive comes from swap, and its folio lock is held. The call must set the index.
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
    before: "gate_poison_folio();",
  },
  queries("folio_mapcount", [], "folio_mapcount(folio)"),
  queries("folio_entire_mapcount", [], "gate_buffer[BUFFER_nrPages] > 1 ? folio_entire_mapcount(folio) : 0"),
  queries("folio_maybe_mapped_shared", [], "folio_maybe_mapped_shared(folio)"),
  queries("folio_expected_ref_count", [], "folio_expected_ref_count(folio)"),
  queries(PRECISE, ["page"], `folio_precise_page_mapcount(folio, ${PAGE})`),
  queries("folio_average_page_mapcount", [], "folio_average_page_mapcount(folio)"),
];

/** The operation that frees a folio: it checks the pages in a loop, as free_pages_prepare() does. */
const FREE: string = `${DAMAGE}\n${cSource("./free.c", import.meta.url)}`;

/** Poisons all fields that prep_compound_head() must initialize. */
const POISON: string = cSource("./poison.c", import.meta.url);

/** Initializes a new folio. Not an operation: it is no part of a step. */
const FRESH: string = cSource("./fresh.c", import.meta.url);

function operation(each: Call): string {
  const { name, call, before = "", after = "", isReadOnly } = each;
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
    isReadOnly === true
      ? `GATE_OP(${name})(${typed})\n${body("gate_begin_query", "gate_end_query();")}\nGATE_QUERY(${name})(${typed})\n${body("gate_load", "")}`
      : `GATE_OP(${name})(${typed})\n${body("gate_load", "gate_store();")}`;
  return whereItExists(each, text);
}

/** Returns the parameter list of an operation in C. */
export function typedParameters({ parameters }: Call): string {
  return parameters.map((each) => `int ${each}`).join(", ") || "void";
}

/** Makes the text of an operation conditional on the configurations that have its function. */
export function whereItExists({ where }: Call, text: string): string {
  return where === undefined ? text : `#if ${where}\n${text}\n#endif`;
}

/** Returns a C function that calls all read-only functions, with one check for side effects at the end. */
function allQueries(calls: readonly Call[]): string {
  const readOnlyCalls = calls
    .filter(({ isReadOnly }) => isReadOnly === true)
    .map(({ name, parameters, call }) => {
      const each = parameters.includes("page")
        ? `for (int page = 0; page < gate_pages(); page++)\n\t\t(void)(${call});`
        : `(void)(${call});`;
      return name === PRECISE ? `#ifdef CONFIG_PAGE_MAPCOUNT\n\t${each}\n#endif` : `\t${each}`;
    });
  return `
__attribute__((export_name("gate_run_all_queries"), no_instrument_function)) void gate_run_all_queries(void)
{
	struct folio *folio = gate_begin_query();
	(void)folio;
${readOnlyCalls.join("\n")}
	gate_end_query();
}
`;
}

/** Names of all operations. A module lacks those of functions that its configuration does not have. */
export const OPERATIONS: readonly string[] = [...CALLS.map(({ name }) => name), "free_tail_page_prepare"];

/** Names of the read-only operations. */
export const READERS: readonly string[] = CALLS.filter(({ isReadOnly }) => isReadOnly === true).map(({ name }) => name);

/** Functions of the harness whose loops need no limit: they run no code of the tree, and iterate over struct pages. */
export const ENDING: readonly string[] = ["gate_poison_pages", "gate_find_unexpected_write"];

/** Capacity of the call log of an instrumented module, in calls. */
export const MOST_CALLS = 500;

/**
 * Returns the functions that clang's -finstrument-functions calls on entry to and exit from every function. They write
 * the call log `gate_calls`: the number of calls, the current depth, then position and depth of each call.
 */
function instrumentation(functions: readonly string[]): string {
  const logged = functions.map((name) => `(void *)${name}`).join(", ");
  return `
#define GATE_LOGGED ${logged}
${defines("GATE", { MOST_CALLS })}
${cSource("./call-log.c", import.meta.url)}`;
}

/**
 * Returns the source of the harness for a unit with the given functions.
 *
 * @param instrumented whether the module has a call log
 */
export function harnessSource(functions: readonly string[], instrumented: boolean): string {
  const has = (name: string): boolean => functions.includes(name);
  const calls = CALLS.filter(({ name }) => has(name));
  const fresh = has("prep_compound_head") ? [FRESH] : [];
  const free = has("free_tail_page_prepare") && has("free_page_is_bad") ? [FREE] : [];
  const callLog = instrumented ? [instrumentation(functions)] : [];
  const poison = has("prep_compound_head") ? [POISON] : [];
  return [
    STATE,
    ENCODE,
    CHECK_OUTSIDE,
    DECODE,
    ...poison,
    ...calls.map(operation),
    allQueries(calls),
    ...fresh,
    ...free,
    ...callLog,
  ].join("\n");
}
