/** Executions, as the worker reports them to the page. */
import type { Fault } from "../../invariants/fault.ts";
import type { TraceContent } from "../../report/html/content.ts";
import type { FieldChoice } from "../condition/field-choices.ts";

/** Value of a claim in a state, or of the step that led to it. */
export type ClaimValue = "holds" | "violated" | "premise false" | "reached" | "not reached";

/** A claim with its value in the state in view. */
export interface ClaimState {
  readonly id: string;
  readonly claim: string;
  readonly source: string;
  readonly value: ClaimValue;
  /** The kernel's warning, for a claim about warnings that is violated. */
  readonly warning?: string;
  readonly faults: readonly Fault[];
}

/** The steps under one kernel. */
export interface KernelExecution {
  readonly kernel: string;
  readonly trace: TraceContent;
  /** Claims in the state in view; of the last state if this kernel cannot take the steps up to there. */
  readonly claims: readonly ClaimState[];
  /** First step that the kernel cannot take, with the reason. */
  readonly obstacle?: { readonly step: number; readonly message: string };
}

/** Action that is enabled in the state in view. */
export interface NextAction {
  /** Short form, which extends the path. */
  readonly call: string;
  /** The call with the names of its parameters. */
  readonly text: string;
  readonly sentence: string;
  /** Claims that hold in the state in view, and that the step violates under the first kernel. */
  readonly violates: readonly string[];
  /** Kernels that enable it; absent if all do. */
  readonly onlyUnder?: readonly string[];
}

/** Enabled actions of one MM, of one CPU, or of none. */
export interface ActionGroup {
  readonly title: string;
  readonly actions: readonly NextAction[];
}

/** Execution of the path of an exploration. */
export interface Executed {
  /** All bounds but those that select reductions, with defaults. */
  readonly bounds: { readonly [name: string]: number };
  /** The whole configuration, in the syntax of `--config`. */
  readonly config: string;
  /** Command that explores the setting. */
  readonly command: string;
  /** Position of the state in view. */
  readonly position: number;
  /** One for each kernel. */
  readonly kernels: readonly [KernelExecution, ...KernelExecution[]];
  readonly next: readonly ActionGroup[];
  /** Fields of states, for conditions. */
  readonly fields: readonly FieldChoice[];
}
