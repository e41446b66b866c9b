/**
 * The harness of a module for threads: C code at the end of the translation unit. It calls one function of the tree on
 * a folio, and returns the offsets of fields. The struct pages in its memory contain constant bits only; the importer
 * has the others.
 */

import { cSource, defines } from "../harness/c-source.ts";
import { CALLS, type Call, ENCODE, STATE, typedParameters, whereItExists } from "../harness/harness.ts";
import { FUNCTIONS_BEGIN } from "../unit/unit-parts.ts";
import { ACCESS_STUBS } from "./access-stubs.ts";

/** Kernel functions that run in threads: those that access a folio that other CPUs can reach. */
const RACING: ReadonlySet<string> = new Set(
  CALLS.map(({ name }) => name).filter((name) => name !== "prep_compound_head"),
);

/** A constant of the tree: its C expression, and the preprocessor condition under which it exists. */
interface TreeNumber {
  readonly value: string;
  readonly where?: string;
}

const offsetInFolio = (field: string, where?: string): TreeNumber => ({
  value: `offsetof(struct folio, ${field})`,
  ...(where === undefined ? {} : { where }),
});

/** Names of constants of the tree. */
type NumberName =
  | "structPages"
  | "pageBytes"
  | "longBytes"
  | "anonMapping"
  | "refcount"
  | "pageMapcount"
  | "hasTailMapcounts"
  | "pageFlags"
  | "link"
  | "mapping"
  | "index"
  | "largeMapcount"
  | "entireMapcount"
  | "nrPagesMapped"
  | "totalMappedPages"
  | "entirelyMapped"
  | "pincount"
  | "deferredList"
  | "mmIds"
  | "mmIdBytes"
  | "mmIdMask"
  | "mmIdMapcounts"
  | "mmIdMapcountBytes"
  | "sharedBit"
  | "lockBit"
  | "anonExclusiveFlag"
  | "lockedFlag"
  | "swapcacheFlag"
  | "swapbackedFlag"
  | "partiallyMappedFlag"
  | "splitQueue"
  | "splitQueueBytes"
  | "mms"
  | "mmsBytes"
  | "mmBytes"
  | "mmFlags"
  | "pinnedFlag";

/** Constants of a tree: offsets and sizes in bytes, bit numbers, and addresses. −1 if the tree does not have it. */
export type TreeNumbers = Readonly<Record<NumberName, number>>;

const TREE_NUMBERS: Readonly<Record<NumberName, TreeNumber>> = {
  structPages: { value: "gate_memmap" },
  pageBytes: { value: "sizeof(struct page)" },
  longBytes: { value: "sizeof(long)" },
  anonMapping: { value: "(unsigned long)&gate_anon_vma + FOLIO_MAPPING_ANON" },
  refcount: offsetInFolio("_refcount"),
  pageMapcount: { value: "offsetof(struct page, _mapcount)" },
  hasTailMapcounts: { value: "GATE_TAIL_MAPCOUNTS" },
  pageFlags: { value: "offsetof(struct page, flags)" },
  link: { value: "GATE_LINK_OFFSET" },
  mapping: { value: "offsetof(struct page, mapping)" },
  index: offsetInFolio("index"),
  largeMapcount: offsetInFolio("_large_mapcount"),
  entireMapcount: offsetInFolio("_entire_mapcount", "defined(GATE_HAS_entire_mapcount)"),
  nrPagesMapped: offsetInFolio("_nr_pages_mapped", "defined(GATE_HAS_nr_pages_mapped)"),
  totalMappedPages: offsetInFolio("_total_mapped_pages", "defined(GATE_HAS_total_mapped_pages)"),
  entirelyMapped: { value: "ENTIRELY_MAPPED", where: "defined(GATE_HAS_nr_pages_mapped)" },
  pincount: offsetInFolio("_pincount"),
  deferredList: offsetInFolio("_deferred_list"),
  mmIds: offsetInFolio("_mm_id", "defined(CONFIG_MM_ID)"),
  mmIdBytes: { value: "sizeof(((struct folio *)0)->_mm_id[0])", where: "defined(CONFIG_MM_ID)" },
  mmIdMask: { value: "MM_ID_MASK", where: "defined(CONFIG_MM_ID)" },
  mmIdMapcounts: offsetInFolio("_mm_id_mapcount", "defined(CONFIG_MM_ID)"),
  mmIdMapcountBytes: { value: "sizeof(((struct folio *)0)->_mm_id_mapcount[0])", where: "defined(CONFIG_MM_ID)" },
  sharedBit: { value: "FOLIO_MM_IDS_SHARED_BITNUM", where: "defined(CONFIG_MM_ID)" },
  lockBit: { value: "FOLIO_MM_IDS_LOCK_BITNUM", where: "defined(CONFIG_MM_ID)" },
  anonExclusiveFlag: { value: "PG_anon_exclusive" },
  lockedFlag: { value: "PG_locked" },
  swapcacheFlag: { value: "PG_swapcache" },
  swapbackedFlag: { value: "PG_swapbacked" },
  partiallyMappedFlag: { value: "PG_partially_mapped" },
  splitQueue: { value: "&gate_deferred_split", where: "defined(CONFIG_TRANSPARENT_HUGEPAGE)" },
  splitQueueBytes: { value: "sizeof(gate_deferred_split)", where: "defined(CONFIG_TRANSPARENT_HUGEPAGE)" },
  mms: { value: "gate_mm" },
  mmsBytes: { value: "sizeof(gate_mm)" },
  mmBytes: { value: "sizeof(struct mm_struct)" },
  mmFlags: { value: "offsetof(struct mm_struct, flags)" },
  pinnedFlag: { value: "MMF_HAS_PINNED" },
};

/** Reads the constants of a tree. @param numberOf the export `gate_number` of a module */
export function treeNumbers(numberOf: (which: number) => number): TreeNumbers {
  return Object.fromEntries(Object.keys(TREE_NUMBERS).map((name, i) => [name, numberOf(i)])) as TreeNumbers;
}

/** Positions in `gate_shared`, the ints that the harness shares with TypeScript. */
export const Shared = {
  /** The high half of the result of port_load(). */
  high: 0,
  /** Number of running functions of the tree, and how many of them, from the outermost, are reported. */
  depth: 1,
  reported: 2,
  /** Not 0 while a run is stopped: every function returns at once. */
  stopping: 3,
  /** Numbers of the running functions. */
  functions: 4,
  size: 68,
} as const;

/** Maximum depth of reported functions. */
export const MOST_DEPTH = 64;

const STACKS: string = [
  defines("SHARED", Shared),
  defines("GATE", { MOST_DEPTH }),
  cSource("./call-stacks.c", import.meta.url),
].join("\n");

/** Calls of the two imports for plain accesses, so that the linker imports them: other calls are inserted later. */
const USES: string = cSource("./uses.c", import.meta.url);

const NUMBERS = `
${Object.values(TREE_NUMBERS)
  .map(({ value, where }, i) => {
    const define = `#define GATE_NUMBER_${i} (int)(unsigned long)(${value})`;
    return where === undefined ? define : `#if ${where}\n${define}\n#else\n#define GATE_NUMBER_${i} -1\n#endif`;
  })
  .join("\n")}
__attribute__((export_name("gate_number"))) int gate_number(int which)
{
	switch (which) {
${Object.keys(TREE_NUMBERS)
  .map((_, i) => `\tcase ${i}: return GATE_NUMBER_${i};`)
  .join("\n")}
	}
	return -1;
}
/* Initializes the anon_vma of all folios, for calls without a VMA. */
__attribute__((export_name("gate_begin"))) void gate_begin(void) { gate_set_vma(0); }
__attribute__((export_name("gate_prepare"))) void gate_prepare(void) { gate_load(); }
`;

/** memcpy() and memset() as loops over bytes, so that their accesses are rewritten, too. */
const BYTES: string = cSource("./bytes.c", import.meta.url);

const SWAP: string = cSource("./swap.c", import.meta.url);

/** Prefix of the exports that run a function of the tree. */
export const RUN = "run_";

function thread(each: Call): string {
  const { name, call } = each;
  return whereItExists(
    each,
    `__attribute__((export_name("${RUN}${name}"))) int ${RUN}${name}(${typedParameters(each)})
{
	struct folio *folio = (struct folio *)gate_memmap;
	/* Hides the address from the compiler, which might otherwise add loads from the folio. */
	__asm__("" : "+r"(folio));
	return ${call};
}`,
  );
}

/**
 * Returns the C source of a module for threads.
 *
 * @param source source of the translation unit
 * @param functions names of its functions
 */
export function threadSource(source: string, functions: readonly string[]): string {
  const [before, after] = source.split(FUNCTIONS_BEGIN);
  if (after === undefined) {
    throw new Error("a translation unit has no mark where its functions begin");
  }
  const calls = CALLS.filter(({ name }) => RACING.has(name) && functions.includes(name));
  return [
    before,
    ACCESS_STUBS,
    after,
    STATE,
    // Functions of the harness must not be inlined: they are recognized by name. The prelude defines "noinline" as
    // empty.
    "#undef GATE_HERE\n#define GATE_HERE static __attribute__((__noinline__))",
    ENCODE,
    "#define gate_vma_of(which, mm) gate_set_vma(mm)",
    STACKS,
    USES,
    NUMBERS,
    BYTES,
    SWAP,
    ...calls.map(thread),
  ].join("\n");
}
