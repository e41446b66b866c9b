/** The `struct-pages` machine: stale fields of struct pages that reach the next owner. */
import { action, type Model, type Property } from "../explore/model/model.ts";
import {
  type Applicability,
  applicable,
  needsTypeAwareProc,
  needsTypeInAverage,
  situationOf,
  skipped,
} from "../invariants/applicability.ts";
import { notChecked } from "../invariants/not-checked.ts";
import * as structPage from "../invariants/struct-pages.ts";
import {
  allocBlock,
  allocPage,
  freeBlock,
  freePage,
  type StructPagesBounds,
  type StructPagesView,
  type StructPagesWorld,
  setType,
  splitBlock,
  storePrivate,
  structPagesSchema,
} from "../model/environment/struct-pages.ts";
import type { Kernel } from "../model/kernel/kernel.ts";
import { kernelWarning, reportingTo, Warnings } from "../model/kernel/warnings.ts";
import { type AnyModel, ATOMIC, type Bounds, type MachineDefinition } from "./machine.ts";

/** Builds the model for given bounds, a kernel and the properties to check. */
export function structPages(
  bounds: StructPagesBounds,
  kernel: Kernel,
  properties: readonly Property<StructPagesView>[],
  log: Warnings = new Warnings(),
): Model<StructPagesWorld, Kernel, StructPagesView> {
  const page = Array.from({ length: bounds.pages }, (_, i) => i);
  return {
    name: "struct-pages",
    schema: structPagesSchema(bounds),
    context: reportingTo(log, kernel),
    actions: [
      action("allocPage", { page }, allocPage),
      action("freePage", { page }, freePage),
      action("allocBlock", { compound: [false, true] }, allocBlock),
      action("freeBlock", {}, freeBlock),
      action("splitBlock", {}, splitBlock),
      action("storePrivate", { page }, storePrivate),
      action("setType", { page }, setType),
    ],
    view: (world, kernel) => ({ world, kernel }),
    properties,
    warnings: { log, data: kernelWarning },
  };
}

const CLAIMS: readonly Applicability<StructPagesView>[] = [
  { property: structPage.privateIsCleared },
  { property: structPage.tailPrivateIsLeft },
  { property: structPage.typeIsReset },
  { property: structPage.typeIsNoMapcount },
  { property: structPage.typeIsNotReported, unless: needsTypeAwareProc },
  { property: structPage.typeIsReported, unless: needsTypeInAverage },
];

/** Machine `struct-pages`, with the claims that apply. */
export const STRUCT_PAGES: MachineDefinition = {
  name: "struct-pages",
  summary: "what an owner of a page leaves in its struct page for the next one: private, page types",
  bounds: [{ name: "pages", description: "pages of a block (order 1 or 2)", values: [2, 4], default: 2 }],
  conflict: () => undefined,
  build: (bounds, kernel, _calls, log) =>
    structPages(
      bounds as Bounds & StructPagesBounds,
      kernel,
      applicable(CLAIMS, situationOf(bounds, kernel)),
      log,
    ) as AnyModel,
  equivalence: () => [],
  notChecked: (bounds, kernel) => [
    ...skipped(CLAIMS, situationOf(bounds, kernel)),
    notChecked("Mappings, references and everything else of a page in use", "see the other machines"),
    notChecked("Fields of struct page other than private and the page type; tail pages of a block while it is in use"),
    ATOMIC,
  ],
};
