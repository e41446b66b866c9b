/** The page docs/races.md, with the tables of a run. */

import { DEFAULT_KERNEL } from "../../model/kernels/index.ts";
import type { Variant } from "../../model/kernels/variant.ts";
import { EXPECTED_DATA_RACES } from "../../model/race/expected-data-races.ts";
import { asCommand } from "./as-command.ts";

/** Faulty kernel, with the results of its search. */
export interface CaughtRace {
  readonly variant: Variant;
  /** The properties that fail in the last state or step of the search. */
  readonly properties: readonly string[];
  readonly states: number;
  /** Number of accesses and starts of operations of the trace. */
  readonly steps: number;
  /** The property that a single CPU violates; undefined if none. */
  readonly alone: string | undefined;
}

const HISTORY = ["b1", "b2", "v3-as-posted"];

function rowOf({ variant, properties, states, steps, alone }: CaughtRace): string {
  const { name, base, summary, caught } = variant;
  // Escaped, because a bar ends a cell.
  const command = caught === undefined ? "" : `\`${asCommand(caught).replaceAll("|", "\\|")}\``;
  const by = properties.map((each) => `\`${each}\``).join(", ");
  const text = base === DEFAULT_KERNEL ? summary : `${base}: ${summary}`;
  return `| \`${name}\` | ${text} | ${by} | ${command} | ${states} | ${steps} | ${alone === undefined ? "" : `\`${alone}\``} |`;
}

function dataRaceRows(): string {
  const names = (functions: readonly string[]): string => functions.map((name) => `\`${name}()\``).join(", ");
  return EXPECTED_DATA_RACES.map(
    ({ object, plain, marked, why }) => `| \`${object}\` | ${names(plain)} | ${names(marked)} | ${why} |`,
  ).join("\n");
}

const HEAD = `| kernel | mistake | property | explored by | states | steps | with one CPU |
| --- | --- | --- | --- | --- | --- | --- |`;

/** Returns the page. */
export function racesPage(caught: readonly CaughtRace[]): string {
  const rows = (isHistory: boolean): string =>
    caught
      .filter(({ variant }) => HISTORY.includes(variant.name) === isHistory)
      .map(rowOf)
      .join("\n");
  const mutants = caught.filter(({ variant }) => !HISTORY.includes(variant.name)).length;
  return `# Races

    foliocheck check race
    foliocheck race "exit(0) | zap(1, 0, 1)" --start "anonFault(0); fork(0, 1)" --pages 4 --pmd 1

Machine \`race\` has CPUs that execute MM operations at the same time, and interleaves them at every access to shared
memory; every other machine executes one operation after the other. It is exhaustive within its bounds: every
interleaving of every sequence of operations, or of given calls.

The kernel functions are those of the other machines, unchanged. On this machine each runs as a *thread*: reading a
field of the folio is a load, writing one a store, an atomic one read-modify-write, a lock call an await. What a thread
does next depends on nothing but the values that its accesses returned, so its accesses form a tree, which is built
once, and a state is the shared memory and the position of each CPU in a tree.

## What is interleaved, and what is not

| interleaved | not interleaved |
| --- | --- |
| every load, store and atomic of the folio's counters, slots, flags and page flags | the allocator: a new folio has its first values at once, and a free one has no owner |
| page table entries, one store or load for each | \`mmap_lock\`, which an operation has from its start to its end |
| the large-mapcount lock, page table locks (one for each MM), the folio lock (a trylock; swap-in waits for it), the queue lock, the lock of the swap slots | the order of \`mmap_lock\` and VMA locks: a fault holds one of them |
| \`write_protect_seq\` of the MM, which fork() holds and GUP-fast reads | IRQs, RCU, TLB flushes: references are dropped at their end |
| the deferred split queue and the shrinker, whose split always fails | the split itself, swap devices, the copy of a migration; fork() while a walk of the reverse mapping is under way, which comes to MMs in any order |
| GUP-fast, GUP, speculative references, \`folio_maybe_mapped_shared()\`, \`/proc\`; migration up to its entries and back; reclaim up to swap entries, swap-in from the swap cache and its freeing (\`--swap 1\`) | other locks |

There is one anon folio, of one page at \`--pages 1\`, which is freed and allocated again; a copy of a page is a folio
that no other process can reach. Page tables have as many entries as the folio has pages. A PMD maps the folio at \`--pmd
1\`.

\`mmap_lock\` is a real restriction of the kernel: fork() excludes faults, zaps and PMD splits of its parent, and no other
MM can come to map the folio by fork() while an MM that maps it exclusively handles a fault. It can by swap-in: that is
why __wp_can_reuse_large_anon_folio() needs its second check (\`reuse-without-second-look\`), and so does
wp_can_reuse_anon_folio() for a folio of one page (\`reuse-small-without-second-look\`).

Swap stops at the swap cache. Reclaim leaves the folio there, unmapped or, where a page was pinned, mapped in part. A
fault maps it again: the entry is read without a lock, and compared under the folio lock and the page table lock. The
swap cache is freed by the reuse of a page, by swap-in, by unmapping of the last entry and by the allocator of swap
slots. As many slots as the folio has pages are one cluster.

## Memory models

| \`--memory\` | memory model | what it means |
| --- | --- | --- |
| \`sc\` | sequential consistency | the accesses of all CPUs are in one order for every CPU |
| \`tso\` | x86-TSO | a store waits in a first-in, first-out buffer of its CPU until it reaches memory; atomics, locks and smp_mb() wait until the buffer is empty. Unlocks are stores |
| \`views\` | views, without promises | a load may read a value that was overwritten, as long as the write is not in the view of its CPU: an acquire merges in the view of the releasing CPU, smp_mb() that of earlier smp_mb(); a value-returning atomic is smp_mb() before and after |

None is the kernel's own memory model, which allows more than each: a failure here is one there. Views allow more than
x86, and less than the kernel's model in three points: no store is executed before a load that precedes it (no load
buffering), stores to one word become visible in the order in which they are executed, and the view of an operation has
everything that was written before it began. They allow more in one: dependencies order nothing, but for the address
dependency from a page table entry to what it maps. Plain accesses are like marked ones, and their conflicts are
reported as data races. With fixed calls (\`foliocheck race\`) every overwritten value is remembered that some CPU can
still read; in a machine without them an operation may begin and do nothing for ever, and of each word one overwritten
value is remembered.

Under TSO an operation ends when its last store has reached memory. Page table entries are cleared by a plain store, as
architectures may: x86 itself has xchg there, which waits until the buffer is empty.

## Claims

*At rest* means in a state in which no CPU executes anything. Claims of the other machines are checked at rest: in
between, counters are meant to differ from each other.

| id | claim |
| --- | --- |
| C1 … C14, C20 | those of the machines with page tables, at rest |
| C7.instant | at every instant there are at least as many references as mappings (not with PMDs: while one is split there is one mapping more) |
| C9.instant | at no instant can one MM write to a page that another one maps |
| C18 | a lockless \`folio_maybe_mapped_shared()\` that answers no was right at some instant of the call |
| C19 | at rest, slots and large mapcount are as after some sequential order of the operations. The reference is one CPU, which executes each operation at once |
| L1 | CPUs that execute operations never all wait: for locks, or for anything else while no other CPU can begin a call |
| L2 | no lock is left taken when no CPU executes anything |
| L3 | no folio is freed while another CPU holds its lock |
| D1 | plain accesses race only where it is known to be harmless |
| warnings | the kernel's own warnings, at every step |

## Reductions

Each can be switched on and off, and the tests compare their combinations: same verdicts, same states at rest, same data
races. A second explorer, which shares nothing with this one but the threads, agrees with the machine without reductions
state by state.

- **Protected accesses** (\`--merge\`). An access to a field that every access holds one lock for, or that no CPU writes,
  or that is only ever added to, commutes with every step of the other CPUs: it is executed together with the step
  before it. The set of protected fields is learned from the access trees while they grow. An access that is not
  protected after all voids the search, which begins again. Fields that a claim reads at every instant are never merged.
- **Dead values** (\`--frames\`). When a function returns, the values that it read are dead but for its result: two
  positions that differ in nothing else are one. That is sound because a function passes on nothing but its result: a
  thread has no static state, and gathered references count as part of the result.
- **Classes of positions** (\`--classes\`, off by default). Positions with the same continuation for every value that was
  met are one, whatever their past, and whatever the range of a zap() of which nothing is left. A value that is new to a
  class is tried in all its positions; where they disagree the search begins again with a finer partition. A machine
  with more than two CPUs learns from a short search with two of them. It pays where there are many states for few
  positions: with three CPUs and three MMs (2 pages) 2,564,820 states become 616,642 with page mapcounts, and 906,964
  become 303,825 without. Searches with two CPUs begin again too often to gain time: a PMD of four pages has 16,333,374
  states with page mapcounts and without statistics, and 7,072,025 with classes, which takes longer.
- **Symmetry** (\`--no-symmetry\`). MMs are interchangeable, and so are CPUs, which may all do the same.

Of two CPUs, two MMs and two pages without page mapcounts, with fork, exit, fault and zap: 160,494 states with symmetry
alone, 2,861 with the first two as well.

A trace has a step for each access: it is executed once more without the first and the third reduction. Its interleaving
is one of the shortest of the reduced machine, in which merged accesses count nothing; there may be one with fewer
accesses.

## Data races

A data race is as in KCSAN: two accesses of different CPUs that conflict, both of which can come next, and of which at
least one is plain. KCSAN samples; here every pair of every state is checked. Accesses conflict when they are to the
same C object: the ids and the bits of \`_mm_ids\` are one. Those that are expected, between these functions and what they
call:

| C object | plain access in | marked access in | why it is harmless |
| --- | --- | --- | --- |
${dataRaceRows()}

## On the C code of a tree

\`foliocheck gate --tree TREE\` has runs of this machine, too: threads run the tree's C functions, which make one access
for each load and store of the folio's struct pages that the text has, with file and line
([gate-internals.md](gate-internals.md#races)). Page tables, references, the allocator and GUP are the model's. Claims
at rest are judged by the model's functions.

On Linux 6.18.2 and 7.1.5 every run of profile \`quick\` holds, with the same numbers of states:

| configuration | bounds besides 2 CPUs, 2 pages, 2 MMs | states |
| --- | --- | --- |
| page-mapcount, 64bit and 32bit | references 1, readers 1 | 21,970 |
| no-page-mapcount,64bit | references 1, readers 1 | 12,594 |
| no-page-mapcount,32bit | references 1, readers 1 | 13,460 |
| no-page-mapcount,64bit | writes 1, references 1 | 79,884 |
| no-page-mapcount,64bit | pmd 1 | 18,768 |

So do, on 6.18.2, larger ones of \`ci\` and \`deep\`: x86-TSO, 3 and 4 CPUs, 3 MMs, /proc and migration with up to 300,000
states; with page mapcounts \`pmd 1\` (0.25 million, C13.race is reached), \`pmd 1, writes 1\` (1.3 million) and \`gup 1,
stats 0\` (2.8 million); without them \`pages 4, pmd 1\` (2.8 million, C14.race is reached). The largest take half a minute
of CPU time.

Code that clang has optimised at \`-O2\` holds, too, in fewer states: 10,615 (no-page-mapcount, references 1, readers 1),
70,126 (writes 1, references 1) and 17,260 (pmd 1) on both trees, 18,885 with page mapcounts on 7.1.5. With \`pmd 1,
writes 1\` 158,946 states become 141,408, and 1,335,760 become 1,163,198 with page mapcounts; C14.race is reached with
\`pages 4, pmd 1\` at both. Under views (references 0, stats 0) there are 66,830 and 60,151. All 64 runs of \`ci\` on 7.1.5
hold, in 206 seconds of CPU time on a busy host.

## The races of the series

Two mistakes of the series were found after its merge, both in \`__wp_can_reuse_large_anon_folio()\`. \`b2\` takes page
mapcounts: without them the entire mapcount is lowered first, and no interleaving warns. Each is also found in an
interleaving of a few given calls, and the fixed kernels pass the same ones (test/races/history.test.ts).

${HEAD}
${rows(true)}

Races that released kernels have are in [found.md](found.md).

## Concurrency mistakes

Each of these ${mutants} kernels has one mistake that only another CPU can show, but for those whose last column names the
property that fails with one CPU as well. *States* and *steps* are those of the search that ends with the violation.

${HEAD}
${rows(false)}
`;
}
