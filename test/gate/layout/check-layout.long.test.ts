import { expect, test } from "vitest";
import { checkLayout } from "../../../gate/layout/check-layout.ts";
import { notCheckedText } from "../../../report/text/not-checked.ts";
import { OWN_KERNEL } from "../tree-copy.ts";

test("checkLayout() checks every target and every set of options, and lists claims that cannot be checked", async () => {
  const { verdicts, faults, notChecked } = await checkLayout({ tree: OWN_KERNEL });
  const everywhere = ["x86-64", "i386", "arm64", "ppc64le", "s390x"].map((target) => ({
    target,
    layouts: 9,
    holds: true,
  }));
  const compiled = ["64-bit", "32-bit"].map((target) => ({ claim: "C22", target, layouts: 1, holds: true }));
  const of = (claim: string): readonly object[] => everywhere.map((each) => ({ claim, ...each }));
  expect(verdicts).toEqual([...of("C21"), ...of("C22"), ...compiled, ...of("B4")]);
  expect(faults).toEqual([]);
  expect(notChecked.map(notCheckedText)).toContain("B3: the tree has no NR_RESET_STRUCT_PAGE (mm/hugetlb_vmemmap.c)");
});
