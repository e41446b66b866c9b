import { describe, expect, it } from "vitest";
import { CASES, type Case } from "./cases.ts";
import { MISTAKES, type Mistake } from "./faulty-kernels.ts";
import { KERNELS, MATRIX, type Scenario } from "./matrix.ts";
import { MEMORY_KINDS, type MemoryKind } from "./memory.ts";

const scenarioOfMistake = new Map<Mistake, Scenario | undefined>();

/** Returns the first scenario that detects a mistake. */
function detectedBy(mistake: Mistake): Scenario | undefined {
  if (!scenarioOfMistake.has(mistake)) {
    scenarioOfMistake.set(
      mistake,
      MATRIX.find((scenario) => scenario.detects(mistake.kernel)),
    );
  }
  return scenarioOfMistake.get(mistake);
}

describe("A scenario detects a mistake by contents and fates of pages, without properties", () => {
  it.each(MISTAKES.map((mistake) => [mistake.summary, mistake] as const))(
    "a scenario detects that %s",
    (_, mistake) => {
      expect(detectedBy(mistake)?.name).toBeDefined();
    },
  );
});

const letterOf = (kind: MemoryKind): string => String.fromCharCode("A".charCodeAt(0) + MEMORY_KINDS.indexOf(kind));

function fatesOf(each: Case): string[] {
  return MEMORY_KINDS.map((kind) => (each.kinds.includes(kind) ? each.fate(kind).charAt(0) : ""));
}

it("docs/scenarios.md lists the scenarios, and the first that each faulty kernel fails", async () => {
  // Written by this test: `npx vitest run test/scenarios -u` after a change.
  const page = `# Scenarios

Linux tests copy-on-write with \`tools/testing/selftests/mm/cow.c\`. Here its cases are executed on the model, on the same
kinds of memory, with some cases of ours in its manner. Writes are visible to the processes that must see them and to no
others, and the pages that are written to last stay in place (k: kept) or are copied (c) as they should; each step
violates no property; and when all processes have exited, all memory is free.

Kernels:
${KERNELS.map(({ name, config }) => `${name} with ${config}`).join(", ")}.

A PMD maps 8 pages here. An mTHP has 4: it is smaller than a PMD, and so mapped by PTEs.

| | memory |
| --- | --- |
${MEMORY_KINDS.map((kind) => `| ${letterOf(kind)} | ${kind.name} |`).join("\n")}

| case | in cow.c | ${MEMORY_KINDS.map(letterOf).join(" | ")} |
| --- | --- |${" --- |".repeat(MEMORY_KINDS.length)}
${CASES.map((each) => `| ${each.name} | ${each.selfTest ?? ""} | ${fatesOf(each).join(" | ")} |`).join("\n")}

Pinning the pages of a PTE-mapped THP that is no longer shared, one after the other, leaves the first in place and
copies the others: the pin of the first is a reference to the folio, which prevents their reuse (W7).

# Left out of cow.c

- Shared zero pages, memfd and tmpfile (its non-anon cases): contents of files are not modelled, nor is the copying of
  their pages in private mappings.
- hugetlb: not tracked by MM owner tracking.
- GUP-fast: a pin is one step here, by either way.
- FOLL_LONGTERM: it differs from other pins for pages of files, CMA and ZONE_MOVABLE only. Of io_uring's fixed
  buffers the pins are modelled.
- A THP of PMD size of which a part was moved by mremap(): a VMA has as many entries as a PMD maps, so that there is no
  room. The case with an mTHP covers it.

# Faulty kernels

Each mistake makes a scenario fail without any property; this is the first that does.

| mistake | first scenario that fails |
| --- | --- |
${MISTAKES.map((mistake) => `| ${mistake.summary} | ${detectedBy(mistake)?.name} |`).join("\n")}
`;
  await expect(page).toMatchFileSnapshot("../../docs/scenarios.md");
});
