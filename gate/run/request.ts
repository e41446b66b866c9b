/** Request for the runs of a gate. */
import type { Budget } from "../../explore/search/budget.ts";
import type { Mode } from "../adapter/compiled-functions.ts";

/** Profile, limits and restrictions of the runs. */
export interface GateRequest {
  /** Name of the profile. */
  readonly profile: string;
  /** Limits for each run. */
  readonly budget: Budget;
  /** Name of the only machine to explore. */
  readonly only?: string;
  /** The only mode to explore: conformance of C code and model, or the claims about the C code alone. */
  readonly judge?: Mode;
  /** False leaves out mm images. */
  readonly image?: false;
}
