/** Diagnostics: what is wrong where a property is violated, as data. Reporters put them into words. */
import type { OneSidedStep } from "../../explore/model/product.ts";
import type { CallFaults, OutOfRange, QueryFaults } from "../../gate/adapter/call-fault.ts";
import type { LockstepWarning } from "../../gate/image/lockstep/named-differences.ts";
import type { ImageWarning } from "../../gate/image/module/image-report.ts";
import type { LayoutFault } from "../../gate/layout/layout-fault.ts";
import type { KernelWarning } from "../../model/kernel/warnings.ts";
import type { ObligationResult } from "../../proof/proof-result.ts";
import type { DataRace } from "../../races/data-races.ts";

/** Puts a diagnostic into words. */
export type DescribeDiagnostic = (diagnostic: Diagnostic) => string;

/** A diagnostic. */
export type Diagnostic =
  | KernelWarning
  | OneSidedStep
  | ({ readonly kind: "data-race" } & DataRace)
  | CallFaults
  | QueryFaults
  | ImageWarning
  | LockstepWarning
  | { readonly kind: "layout"; readonly fault: LayoutFault }
  /** An obligation of the proof of owner tracking that is refuted. */
  | {
      readonly kind: "induction";
      readonly obligation: ObligationResult;
      /** Whether an execution from a fresh folio on leads to a failure of the proof. */
      readonly reached: boolean;
    }
  /** C code left a value that no state of the model can have. */
  | { readonly kind: "impossible"; readonly value: OutOfRange }
  /** The same calls of C code do not do the same a second time. */
  | { readonly kind: "not-repeatable" }
  /** Of a trace file of version 1. */
  | { readonly kind: "text"; readonly text: string };
