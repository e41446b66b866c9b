/** Report of a walk on a running kernel. */
import type { NotChecked } from "../../invariants/not-checked.ts";
import type { Provenance, Subject, TraceReport } from "../../verify/report/report.ts";
import type { FieldPair } from "../compare/comparison.ts";

/** Host of a walk. */
export interface LiveHost {
  /** Kernel release, as in `uname -r`. */
  readonly release: string;
  /** Page size in bytes. */
  readonly pageSize: number;
  /** Sizes of anonymous folios that the kernel supports, in KiB. */
  readonly folioSizes: readonly number[];
}

/** Difference between the model and the running kernel. */
export interface LiveDifferenceReport {
  /** A shortest execution found that shows the difference in its last step. */
  readonly trace: TraceReport;
  /** All fields of model and kernel after the execution. */
  readonly fields: readonly FieldPair[];
  /** C program that performs the same steps without foliocheck. */
  readonly reproducer: string;
}

/** Report of a walk. */
export interface LiveReport extends Omit<Subject, "against" | "optimisation"> {
  readonly format: "foliocheck-report";
  readonly version: number;
  readonly command: "live";
  readonly verdict: "holds" | "violated" | "incomplete";
  readonly scope: string;
  readonly host: LiveHost;
  readonly walk:
    | { readonly kind: "tour" }
    | { readonly kind: "random"; readonly seed: number; readonly walks: number }
    /** The steps of a trace of an mm image. Each page of the image is a run of `pagesOfEntry` pages. */
    | { readonly kind: "trace"; readonly property: string; readonly pagesOfEntry: number };
  /** Reason for which the walk stopped early. */
  readonly stopped?: "interrupt" | "time";
  /** For a tour: transitions (pairs of a state and an enabled call), up to symmetry (renaming of MMs and folios). */
  readonly coverage?: { readonly covered: number; readonly reachable: number };
  /** For a tour: states of the scope, up to symmetry. */
  readonly states?: number;
  /** Steps whose results were compared, repetitions included. */
  readonly steps: number;
  readonly stepsPerSecond: number;
  /** Executions that were repeated because of a difference. */
  readonly retries: number;
  /** Wall-clock time of the walk. */
  readonly seconds: number;
  readonly differences: readonly LiveDifferenceReport[];
  readonly notChecked: readonly NotChecked[];
  readonly provenance?: Provenance;
}
