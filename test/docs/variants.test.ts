import { expect, it } from "vitest";
import * as filemap from "../../model/kernel/filemap.ts";
import * as fork from "../../model/kernel/fork.ts";
import * as gup from "../../model/kernel/gup.ts";
import * as hugeMemory from "../../model/kernel/huge-memory.ts";
import * as internal from "../../model/kernel/internal.ts";
import * as khugepaged from "../../model/kernel/khugepaged.ts";
import * as largeMapcount from "../../model/kernel/large-mapcount.ts";
import * as memory from "../../model/kernel/memory.ts";
import * as migrate from "../../model/kernel/migrate.ts";
import * as mm from "../../model/kernel/mm.ts";
import * as mremap from "../../model/kernel/mremap.ts";
import * as pageAlloc from "../../model/kernel/page-alloc.ts";
import * as proc from "../../model/kernel/proc.ts";
import * as rmap from "../../model/kernel/rmap.ts";
import * as rmapWalk from "../../model/kernel/rmap-walk.ts";
import * as shmem from "../../model/kernel/shmem.ts";
import * as swapfile from "../../model/kernel/swapfile.ts";
import * as vmscan from "../../model/kernel/vmscan.ts";
import { RACES } from "../../model/kernels/faulty/races/index.ts";
import { DEFAULT_KERNEL, VARIANTS } from "../../model/kernels/index.ts";
import type { Catch, Variant, Versions } from "../../model/kernels/variant.ts";
import { asCommand } from "./as-command.ts";

const FILES: Readonly<Record<string, object>> = {
  "filemap.ts": filemap,
  "fork.ts": fork,
  "gup.ts": gup,
  "huge-memory.ts": hugeMemory,
  "internal.ts": internal,
  "khugepaged.ts": khugepaged,
  "large-mapcount.ts": largeMapcount,
  "memory.ts": memory,
  "migrate.ts": migrate,
  "mm.ts": mm,
  "mremap.ts": mremap,
  "page-alloc.ts": pageAlloc,
  "proc.ts": proc,
  "rmap.ts": rmap,
  "rmap-walk.ts": rmapWalk,
  "shmem.ts": shmem,
  "swapfile.ts": swapfile,
  "vmscan.ts": vmscan,
};

function overridden({ overrides }: Variant): string {
  return Object.keys(overrides)
    .map((name) => {
      const file = Object.entries(FILES).find(([, functions]) => name in functions)?.[0];
      return `\`${name}\` (${file})`;
    })
    .join(", ");
}

function caughtBy({ property, steps, ...where }: Catch): string {
  return `\`${property}\` | \`${asCommand(where)}\` | ${steps ?? "never shown"}`;
}

// The variants of machine race are in docs/races.md.
const faulty = VARIANTS.filter((each) => each.faulty && !RACES.includes(each));
const catchesOf = ({ caught, alsoCaught = [] }: Variant): Catch[] => [
  ...(caught === undefined ? [] : [caught]),
  ...alsoCaught,
];

function summaryOf({ base, summary }: Variant): string {
  return base === DEFAULT_KERNEL ? summary : `${base}: ${summary}`;
}

function faultyRows(): string {
  return faulty
    .flatMap((variant) => {
      const { name } = variant;
      const summary = summaryOf(variant);
      const [first, ...others] = catchesOf(variant).map(caughtBy);
      return [
        `| \`${name}\` | ${summary} | ${overridden(variant)} | ${first} |`,
        ...others.map((other) => `| \`${name}\` | as above | | ${other} |`),
      ];
    })
    .join("\n");
}

function faultFreeRows(): string {
  return VARIANTS.filter((each) => !each.faulty)
    .map((variant) => {
      const explored = (variant.explored ?? []).map((where) => `\`${asCommand(where)}\``).join(", ");
      return `| \`${variant.name}\` | ${summaryOf(variant)} | ${overridden(variant)} | ${explored} |`;
    })
    .join("\n");
}

function releases({ first, last }: Versions): string {
  return first === undefined ? `… ${last}` : `${first} … ${last}`;
}

function bugRows(): string {
  return VARIANTS.flatMap((variant) => {
    const { name, versions, caught } = variant;
    const property = caught === undefined ? "none" : `\`${caught.property}\``;
    return versions === undefined ? [] : [`| \`${name}\` | ${releases(versions)} | ${variant.summary} | ${property} |`];
  }).join("\n");
}

/** Compares property ids: `C4.bad-page` is after `C4`, and `C10` after `C9`. */
function inOrder(a: string, b: string): number {
  return a.localeCompare(b, "en", { numeric: true });
}

function propertyRows(): string {
  const breakers = new Map<string, string[]>();
  for (const variant of VARIANTS.filter((each) => each.faulty)) {
    for (const { property } of catchesOf(variant)) {
      breakers.set(property, [...(breakers.get(property) ?? []), `\`${variant.name}\``]);
    }
  }
  return [...breakers]
    .sort(([a], [b]) => inOrder(a, b))
    .map(([property, names]) => `| \`${property}\` | ${names.join(", ")} |`)
    .join("\n");
}

it("docs/variants.md has the property that catches each faulty kernel, and the bounds of the others", async () => {
  // Written by this test: `npx vitest run test/docs -u` after a change.
  const page = `# Variants

A variant is a kernel that differs from its base by a patch: functions in \`model/kernels/faulty/\` that replace those of
the same name in \`model/kernel/\`. \`foliocheck check … --variant NAME\` explores it; [your-patch.md](your-patch.md)
describes how to write one.

## Faulty kernels

A check that cannot fail is worth nothing. Each of these ${faulty.length} kernels has one mistake that a patch could make;
[races.md](races.md) has ${RACES.length} more, which take a second CPU to show. The tests explore each at the bounds below and expect
the property to fail with a shortest counterexample of the stated number of steps; its trace must replay, and must not
fail under the kernel that is patched: ${DEFAULT_KERNEL}, unless another one is named.

*Never shown*: the property is a witness, or an exception from a claim, that this kernel has lost. A few of these do
better than their base; the suite then reports that the documented imprecision of the base is not theirs.

| variant | mistake | overrides | property | explored by | steps |
| --- | --- | --- | --- | --- | --- |
${faultyRows()}

## Bugs that Linux had

These faults were in the releases named. The first release is not always known.

| variant | releases | bug | caught by |
| --- | --- | --- | --- |
${bugRows()}

## Kernels that are right

They are implemented in another way, and every claim holds.

| variant | difference, and why it is right | overrides | explored by |
| --- | --- | --- | --- |
${faultFreeRows()}

## What each property catches

Every property has a kernel that violates it; a test requires that.

| property | violated by |
| --- | --- |
${propertyRows()}
`;
  await expect(page).toMatchFileSnapshot("../../docs/variants.md");
});
