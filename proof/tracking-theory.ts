/** Obligations of MM owner tracking. */
import { mayBeCalled, OPERATIONS } from "./operations.ts";
import { STATE_CLAIMS } from "./state-claims.ts";
import { STEP_PROPERTIES } from "./step-properties.ts";
import type { Theory } from "./theory.ts";
import { isTruth } from "./tracked-state.ts";

export const TRACKING: Theory<"tracking"> = {
  operations: OPERATIONS,
  mayBeCalled,
  isTruth,
  stepProperties: STEP_PROPERTIES,
  claims: STATE_CLAIMS,
  neededFor: {
    sum: { from: "claim", to: "C1 C17" },
    free: { from: "claim", to: "C20" },
    distinct: { from: "sub", to: "less" },
    less: { from: "sub", to: "whole" },
    whole: { from: "claim", to: "C1 C17" },
    exact: { from: "claim", to: "C2" },
  },
};
