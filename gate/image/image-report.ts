/** Reports of a running image, as data: assertions of the kernel that failed, and faults that the harness finds. */
import type { SourcePlace } from "../../model/kernel/call-node.ts";

/** A report. */
export type ImageReport =
  /** WARN and BUG of the tree. */
  | {
      readonly kind: "assertion";
      readonly severity: "WARN" | "BUG";
      readonly function: string;
      readonly place: SourcePlace;
    }
  /** The harness found it. */
  | { readonly kind: "harness"; readonly report: string }
  /** Code that reads a state would sleep. */
  | { readonly kind: "would-wait"; readonly for: string }
  /** `iterations`: loops take too many. `nesting`: calls nest too deeply. `trap`: WebAssembly stopped the code. */
  | { readonly kind: "not-ended"; readonly reason: "iterations" | "nesting" }
  | { readonly kind: "not-ended"; readonly reason: "trap"; readonly message: string }
  /** A write where the image has no memory. */
  | { readonly kind: "stray-write"; readonly through: "null" | "wild pointer" };

/** A report as a warning of the machine. */
export interface ImageWarning {
  readonly kind: "image";
  readonly report: ImageReport;
}
