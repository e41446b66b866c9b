import { describe, expect, it } from "vitest";
import { CASES, type Case } from "./cases.ts";
import { MISTAKES, type Mistake } from "./faulty-kernels.ts";
import { KERNELS, MATRIX, type Scenario } from "./matrix.ts";
import { MEMORY_KINDS, type MemoryKind } from "./memory.ts";

const found = new Map<Mistake, Scenario | undefined>();

/** The first scenario that shows a mistake. */
function noticedBy(mistake: Mistake): Scenario | undefined {
  if (!found.has(mistake)) {
    found.set(
      mistake,
      MATRIX.find((scenario) => scenario.notices(mistake.kernel)),
    );
  }
  return found.get(mistake);
}

describe("By what processes see and which pages stay, a scenario notices when", () => {
  it.each(MISTAKES.map((mistake) => [mistake.summary, mistake] as const))("%s", (_, mistake) => {
    expect(noticedBy(mistake)?.name).toBeDefined();
  });
});

const letterOf = (kind: MemoryKind): string => String.fromCharCode("A".charCodeAt(0) + MEMORY_KINDS.indexOf(kind));

function fatesOf(each: Case): string[] {
  return MEMORY_KINDS.map((kind) => (each.kinds.includes(kind) ? each.fate(kind).charAt(0) : ""));
}

it("docs/scenarios.md says what is acted out, and what notices each faulty kernel", async () => {
  // Written by this test: `npx vitest run test/scenarios -u` after a change.
  const page = `# Scenarios

Linux tests copy-on-write with \`tools/testing/selftests/mm/cow.c\`. Here its cases are acted out on the model, on the kinds
of memory that it takes them to, and some of ours in its manner. Whoever must not see a write does not, whoever must does,
and the pages that were written to at last stay in place (k: kept) or are copied (c) as they should; each step violates no
property; and when everybody has quit, all memory is free. Kernels:
${KERNELS.map(({ name, config }) => `${name} with ${config}`).join(", ")}.

A PMD maps 8 pages here. An mTHP has 4: it is smaller than a PMD, and so mapped by PTEs.

| | memory |
| --- | --- |
${MEMORY_KINDS.map((kind) => `| ${letterOf(kind)} | ${kind.name} |`).join("\n")}

| case | in cow.c | ${MEMORY_KINDS.map(letterOf).join(" | ")} |
| --- | --- |${" --- |".repeat(MEMORY_KINDS.length)}
${CASES.map((each) => `| ${each.name} | ${each.selfTest ?? ""} | ${fatesOf(each).join(" | ")} |`).join("\n")}

Pinning the pages of a PTE-mapped THP that is shared no longer, one after the other, keeps the first in place and copies
the others: the pin of the first is a reference to the folio, which prevents their reuse (W7).

# Left out of cow.c

- Shared zero pages, memfd and tmpfile (its non-anon cases): what a file holds is not modelled, nor is the copying of its
  pages in private mappings.
- hugetlb: not tracked by MM owner tracking.
- GUP-fast: a pin is one step, and the two ways to take it are one.
- FOLL_LONGTERM: it differs from other pins for pages of files, CMA and ZONE_MOVABLE only. io_uring: of its fixed buffers
  there are the pins.
- A THP of PMD size of which a part was moved by mremap(): a VMA has as many entries as a PMD maps, so that there is no
  room. The mTHP stands for it.

# Faulty kernels

Each mistake is noticed without looking at any property; this is the first scenario that does.

| mistake | noticed first by |
| --- | --- |
${MISTAKES.map((mistake) => `| ${mistake.summary} | ${noticedBy(mistake)?.name} |`).join("\n")}
`;
  await expect(page).toMatchFileSnapshot("../../docs/scenarios.md");
});
