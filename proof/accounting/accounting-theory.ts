/** Obligations of rmap accounting with CONFIG_NO_PAGE_MAPCOUNT. */
import type { Theory } from "../theory.ts";
import { isAccountedTruth } from "./accounted-state.ts";
import { ACCOUNTING_CLAIMS } from "./accounting-claims.ts";
import { mayCallRmap, RMAP_OPERATIONS } from "./rmap-operations.ts";
import { RMAP_STEP_PROPERTIES } from "./rmap-step-properties.ts";

export const ACCOUNTING: Theory<"accounting"> = {
  operations: RMAP_OPERATIONS,
  mayBeCalled: mayCallRmap,
  isTruth: isAccountedTruth,
  stepProperties: RMAP_STEP_PROPERTIES,
  claims: ACCOUNTING_CLAIMS,
  neededFor: {
    entire: { from: "remove-pmd", to: "pmd-mapped" },
    mapped: { from: "claim", to: "C12" },
    "pmd-mapped": { from: "claim", to: "C12.pmd" },
    queue: { from: "claim", to: "C14.queue" },
  },
};
