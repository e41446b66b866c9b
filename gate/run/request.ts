/** What a user asks of a gate. */
import type { Budget } from "../../explore/search/budget.ts";
import type { Mode } from "../adapter/compiled-functions.ts";

/** What a user says of the runs. */
export interface GateRequest {
  /** Name of the profile. */
  readonly profile: string;
  /** Limits for each run. */
  readonly budget: Budget;
  /** A machine: nothing else is explored. */
  readonly only?: string;
  /** One question only: whether C code and model do the same, or whether the claims hold with the C code alone. */
  readonly judge?: Mode;
  /** False: no mm images. */
  readonly image?: false;
}
