/** Diagnostics: causes of violations, as data. Reporters format them. */
import type { OneSidedStep } from "../../explore/model/product.ts";
import type { CallFaults, OutOfRange, QueryFaults } from "../../gate/adapter/call-fault.ts";
import type { LockstepWarning } from "../../gate/image/lockstep/named-differences.ts";
import type { ImageWarning } from "../../gate/image/module/image-report.ts";
import type { LayoutFault } from "../../gate/layout/layout-fault.ts";
import type { KernelWarning } from "../../model/kernel/warnings.ts";
import type { ObligationResult } from "../../proof/proof-result.ts";
import type { DataRace } from "../../races/data-races.ts";

/** Formats a diagnostic as text. */
export type DescribeDiagnostic = (diagnostic: Diagnostic) => string;

/** Cause of a violation. */
export type Diagnostic =
  | KernelWarning
  | OneSidedStep
  | ({ readonly kind: "data-race" } & DataRace)
  | CallFaults
  | QueryFaults
  | ImageWarning
  | LockstepWarning
  | { readonly kind: "layout"; readonly fault: LayoutFault }
  /** A refuted obligation of the proof of owner tracking. */
  | {
      readonly kind: "induction";
      readonly obligation: ObligationResult;
      /** Whether an execution from a fresh folio reaches the counterexample. */
      readonly reached: boolean;
    }
  /** C code stored a value that no state of the model can represent. */
  | { readonly kind: "impossible"; readonly value: OutOfRange }
  /** Re-execution of the same calls of C code had another outcome. */
  | { readonly kind: "not-repeatable" }
  /** Message of a trace file of version 1. */
  | { readonly kind: "text"; readonly text: string };
