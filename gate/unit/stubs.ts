/**
 * Stubs: C code of the gate that replaces kernel code outside of the functions under test. Each group states its
 * assumptions. docs/gate-stubs.md lists them.
 */

import { cSource } from "../harness/c-source.ts";

/** C code that replaces code of the kernel. */
export interface CStub {
  readonly about: string;
  /** Assumption that the results of a gate depend on; undefined if they cannot depend on the stub. */
  readonly assumes?: string;
  readonly text: string;
}

/** Returns the text of stubs/NAME.c. */
function stub(name: string): string {
  return `\n${cSource(`./stubs/${name}.c`, import.meta.url)}`;
}

/** Stubs at the start of every unit: they use nothing of the tree and replace the tree's declarations. */
export const PRELUDE: readonly CStub[] = [
  {
    about: "compiler keywords and annotations",
    text: stub("compiler"),
  },
  {
    about: "basic types and their limits",
    text: stub("types"),
  },
  {
    about: "IS_ENABLED() and similar macros",
    assumes: "Nothing is built as a module: an option is on if the configuration defines it, and off otherwise.",
    text: stub("is-enabled"),
  },
  {
    about: "the size of a page, and of a PMD",
    assumes:
      "The bounds give the number of pages of a PMD; a PUD maps 512 PMDs, and so on; pages have 4 KiB. The code under test uses only the numbers.",
    text: stub("page-size"),
  },
  {
    about: "warnings: VM_WARN_ON() and similar macros, BUG(), BUILD_BUG(), and bad_page()",
    assumes:
      "Every kernel assertion is compiled in (CONFIG_DEBUG_VM and CONFIG_DEBUG_VM_PGFLAGS), also those of BUG() and BUILD_BUG(); the first that fires is reported with its place, and the code continues as after a warning.",
    text: stub("warnings"),
  },
  {
    about: "atomics, READ_ONCE(), WRITE_ONCE() and memory barriers",
    assumes:
      "One CPU executes a whole function as one step: atomics are plain accesses, and barriers do nothing. Machine race has other stubs.",
    text: stub("atomics"),
  },
  {
    about: "bit operations",
    text: stub("bit-operations"),
  },
  {
    about: "bit spinlocks and spinlocks",
    assumes:
      "Taking a bit spinlock that is held, or releasing one that is not, is a warning. For other spinlocks the numbers of acquisitions and releases are compared; the code under test takes none of them twice.",
    text: stub("locks"),
  },
  {
    about: "lists",
    text: stub("lists"),
  },
  {
    about: "sequence counts",
    assumes: "Fork holds write_protect_seq of the parent MM wherever its rmap functions assert that.",
    text: stub("sequence-counts"),
  },
  {
    about: "static keys",
    assumes: "All static keys are off, except the one for the allocator's checks of pages.",
    text: stub("static-keys"),
  },
  {
    about: "sizes that the build of a kernel computes",
    assumes: "There are three zones and one node, and no multi-generational LRU: it has no bits in the page flags.",
    text: stub("computed-sizes"),
  },
];

/** Stubs that replace declarations of the tree if the code under test uses them: they use types of the tree. */
export const INSTEAD: readonly CStub[] = [
  {
    about: "node and memcg statistics",
    assumes:
      "Each statistic is one counter for the whole system; a change of a statistic that no rmap function may change is reported. mTHP statistics and events are not counted.",
    text: stub("statistics"),
  },
  {
    about: "the deferred split queue of a folio",
    assumes: "There is one deferred split queue: no memcgs, one node, no shrinker of a memcg to wake.",
    text: stub("deferred-split-queue"),
  },
  {
    about: "mlock",
    assumes: "No VMA is mlocked: mapping and unmapping a folio leaves mlock_count and PG_mlocked alone.",
    text: stub("mlock"),
  },
  {
    about: "zero folios and device memory",
    assumes: "A folio under test is neither a zero folio nor device memory.",
    text: stub("special-folios"),
  },
  {
    about: "poisoned struct pages",
    assumes: "No struct page is poisoned: the memory map is initialised.",
    text: stub("poisoned-pages"),
  },
  {
    about: "pages of a folio",
    assumes: "The struct pages of a folio lie next to each other (no SPARSEMEM without VMEMMAP).",
    text: stub("folio-pages"),
  },
  {
    about: "the folio lock",
    assumes: "Locking and unlocking a folio never has to wake a waiter.",
    text: stub("folio-lock"),
  },
  {
    about: "swap",
    assumes:
      "folio_free_swap() removes the folio from the swap cache, with its references, unless a page table has a swap entry of it, as the model reports.",
    text: stub("swap"),
  },
];

/** Additional stubs for the functions of the page allocator. */
export const ALLOCATOR: readonly CStub[] = [
  {
    about: "debugging, hardening and accounting in the page allocator",
    assumes:
      "KASAN, KMSAN, page_owner, page table check, allocation tags, page poisoning, init_on_alloc, init_on_free " +
      "and tracing are off; no page is in high memory, mlocked or charged to a memcg; the last CPU of a page is not recorded.",
    text: stub("page-allocator"),
  },
];

/** Declarations that the harness requires, used if the tree does not have them. */
export const OTHERWISE: readonly CStub[] = [
  {
    about: "types and constants that a tree may not have",
    text: stub("absent-declarations"),
  },
];
