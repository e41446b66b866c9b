/** The report on a walk on a running kernel. */
import type { NotChecked } from "../../invariants/not-checked.ts";
import type { Provenance, Subject, TraceReport } from "../../verify/report/report.ts";
import type { FieldPair } from "../compare/comparison.ts";

/** The machine that a walk ran on. */
export interface LiveHost {
  /** As `uname -r` has it. */
  readonly release: string;
  /** In bytes. */
  readonly pageSize: number;
  /** Sizes of the anon folios that the kernel offers, in KiB. */
  readonly folioSizes: readonly number[];
}

/** A difference between the model and the running kernel. */
export interface LiveDifferenceReport {
  /** A shortest execution that was found to show it, in its last step. */
  readonly trace: TraceReport;
  /** Every field of both sides after it. */
  readonly fields: readonly FieldPair[];
  /** A C program that takes the same steps without foliocheck. */
  readonly reproducer: string;
}

/** The report on a walk. */
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
    /** The steps of a trace of an mm image, whose pages are runs of so many pages. */
    | { readonly kind: "trace"; readonly property: string; readonly pagesOfEntry: number };
  /** Why it ended before it was done, when it did. */
  readonly stopped?: "interrupt" | "time";
  /** Of a tour: pairs of a state and a call that is enabled in it, up to the renaming of MMs and folios. */
  readonly coverage?: { readonly covered: number; readonly reachable: number };
  /** Of a tour: the states of the scope, up to the same. */
  readonly states?: number;
  /** Steps whose results were compared, those that were taken again included. */
  readonly steps: number;
  readonly stepsPerSecond: number;
  /** Executions that were taken again, because something differed. */
  readonly retries: number;
  /** Wall-clock time of the walk. */
  readonly seconds: number;
  readonly differences: readonly LiveDifferenceReport[];
  readonly notChecked: readonly NotChecked[];
  readonly provenance?: Provenance;
}
