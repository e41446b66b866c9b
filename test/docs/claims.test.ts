import { expect, it } from "vitest";
import { DEFAULT_KERNEL, VARIANTS } from "../../model/variants/index.ts";
import { CLAIMS } from "../../verify/claims.ts";
import { claimOf, modelOf, resolve } from "../../verify/job.ts";
import { PROFILES } from "../../verify/profiles.ts";

/** Every property that some run of some profile checks: its claim's parts, and the machines that have it. */
function propertiesOf(claim: string): Map<string, { text: string; machines: Set<string> }> {
  const found = new Map<string, { text: string; machines: Set<string> }>();
  for (const run of PROFILES.flatMap((profile) => profile.runs)) {
    for (const { id, claim: text } of modelOf(resolve(run)).properties) {
      if (claimOf(id) === claim) {
        const entry = found.get(id) ?? { text, machines: new Set() };
        entry.machines.add(run.machine);
        found.set(id, entry);
      }
    }
  }
  return found;
}

function claimRows(): string {
  return CLAIMS.map(({ id, claim, source }) => {
    const parts = [...propertiesOf(id)];
    const machines = [...new Set(parts.flatMap(([, { machines }]) => [...machines]))].sort();
    const named = parts.map(([part]) => `\`${part}\``).join(", ");
    return `| ${id} | ${claim} | ${source} | ${named} | ${machines.join(", ")} |`;
  }).join("\n");
}

function variantRows(): string {
  return VARIANTS.map(({ name, base, summary, caught }) => {
    const where =
      caught === undefined
        ? "– | every claim holds | –"
        : `${claimOf(caught.property)} | \`${caught.property}\` in ${caught.machine} | ${caught.steps}`;
    return `| \`${name}\` | ${base === DEFAULT_KERNEL ? "" : `${base}: `}${summary} | ${where} |`;
  }).join("\n");
}

it("docs/claims.md says what is checked and what catches each faulty kernel", async () => {
  // Written by this test: `npx vitest run test/docs -u` after a change.
  const page = `# Claims

A claim (C) must hold in every reachable state; a witness (W) is documented imprecision that must be reachable, so that a
model that lost it is noticed; EQ compares two kernels. Ids are stable: code, reports and traces use them. A claim is checked
by one or more properties; \`foliocheck verify --only C4\` checks all of C4's.

| id | claim | source | properties | machines |
| --- | --- | --- | --- | --- |
${claimRows()}

Claims about concurrency (C18, C19) and layout (C21) are not checked yet.

# Faulty kernels

A check that cannot fail is worth nothing. Each of these kernels differs by one mistake from Linux 6.15, or from the kernel
that is named; the tests explore each of them and expect the property below to fail with a shortest counterexample of so
many steps.

| variant | mistake | caught by | property | steps |
| --- | --- | --- | --- | --- |
${variantRows()}
`;
  await expect(page).toMatchFileSnapshot("../../docs/claims.md");
});
