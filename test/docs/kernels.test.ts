/**
 * docs/kernels.md names every function by which the kernels of the releases differ, and every bug with its releases.
 */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parseConfig } from "../../model/kernel/config.ts";
import type { Kernel } from "../../model/kernel/kernel.ts";
import { baseKernelNamed } from "../../model/kernels/base-kernels.ts";
import { DEFAULT_KERNEL, VARIANTS } from "../../model/kernels/index.ts";

const page = readFileSync(new URL("../../docs/kernels.md", import.meta.url), "utf8");

function kernel(name: string): Kernel {
  return baseKernelNamed(name)?.build(parseConfig("")) as Kernel;
}

/** Lists the functions in which a kernel differs from the previous one. */
function changes(name: string, before: string): string[] {
  const [one, other] = [kernel(name), kernel(before)];
  const identity = ["name", "config", "warnings"];
  return Object.keys(one).filter(
    (key) => !identity.includes(key) && one[key as keyof Kernel] !== other[key as keyof Kernel],
  );
}

describe("docs/kernels.md", () => {
  test.each([
    { name: "v6.18", before: "v6.15" },
    { name: "v7.1", before: "v6.18" },
  ])("docs/kernels.md names every function in which $name differs from $before", ({ name, before }) => {
    const changed = changes(name, before);
    expect(changed.length).toBeGreaterThan(0);
    const unnamed = changed.filter((each) => !page.includes(`\`${each}\``));
    expect(unnamed).toEqual([]);
  });

  test("docs/kernels.md lists every bug of a release with its releases", () => {
    const bugs = VARIANTS.flatMap(({ name, versions }) => (versions === undefined ? [] : [{ name, ...versions }]));
    expect(bugs.length).toBeGreaterThan(0);
    for (const { name, first = "", last } of bugs) {
      expect(page).toContain(`| ${first} … ${last} | \`${name}\` |`.replace("|  …", "| …"));
    }
  });

  test("docs/kernels.md marks the default kernel", () => {
    expect(page).toMatch(new RegExp(`^\\| \`${DEFAULT_KERNEL.replace(".", "\\.")}\` .* the default `, "m"));
  });
});
