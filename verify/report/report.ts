/**
 * The report: one plain object, made of JSON values only, that every reporter turns into its format. Its JSON schema is
 * docs/report.schema.json. A change that is not an addition raises its version.
 */

import type { PropertyKind } from "../../explore/model/machine.ts";
import type { Parameters } from "../../explore/model/model.ts";
import type { StopReason } from "../../explore/search/budget.ts";
import type { SimulationOutcome, Verdict } from "../../explore/search/search.ts";
import type { Optimisation } from "../../gate/compile/clang.ts";
import type { LockstepCount } from "../../gate/image/lockstep/lockstep.ts";
import type { FileCoverage } from "../../gate/image/module/coverage.ts";
import type { VisibleState } from "../../gate/image/world/visible-state.ts";
import type { Fault } from "../../invariants/fault.ts";
import type { NotChecked } from "../../invariants/not-checked.ts";
import type { CallNode, StepCalls } from "../../model/kernel/call-node.ts";
import type { RaceCalls } from "../../model/race/race-calls.ts";
import type { StepAccess } from "../../model/race/step-access.ts";
import type { SubjectResult } from "../../proof/proof-result.ts";
import type { Diagnostic } from "./diagnostic.ts";
import type { SuiteProof } from "./suite-proof.ts";

/** Version of the report format. */
export const REPORT_VERSION = 3;

/** Version of the trace format: that of reports may rise without it, so that older trace files still replay. */
export const TRACE_VERSION = 2;

/** Everything needed to reproduce a report. It has no date: the same inputs give the same report. */
export interface Provenance {
  /** Version of foliocheck. */
  readonly foliocheck: string;
  /** Version of Node.js, as in `v20.19.0`. */
  readonly node: string;
  /** Operating system and processor, as in `linux x64`. */
  readonly platform: string;
  /** The command and its arguments without options. */
  readonly arguments: readonly string[];
  /** The options by name, defaults among them; without those that say where the report goes and how it looks. */
  readonly options: { readonly [name: string]: string | number | boolean | readonly string[] };
  /** SHA-256 of what was read, by option: of a gate's tree, patch and base. */
  readonly inputs?: { readonly [option: string]: string };
}

/** The verdict on a run or a suite: the worst of its properties'. */
export type RunVerdict = "holds" | "violated" | "unreached" | "incomplete";

/** What was explored: enough to explore it again. */
export interface Subject {
  readonly machine: string;
  /** Name of the kernel under test: `v7.1`, or a variant. */
  readonly kernel: string;
  /** Name of the kernel that it is compared with in lockstep, if it is. */
  readonly against?: string;
  /** Kernel configuration, in the words of `--config`. */
  readonly config: string;
  /** Bounds by name, as in `--pages`. */
  readonly bounds: { readonly [name: string]: number };
  /** Of C code as threads: how clang compiled it. */
  readonly optimisation?: Optimisation;
}

/** One step of a trace. */
export interface TraceReportStep {
  readonly action: string;
  readonly parameters: Parameters;
  /** The action as a call with its arguments. */
  readonly call: string;
  /** The kernel functions that ran: once where they are the same under every kernel, else kernel by kernel. */
  readonly functions: readonly StepCalls[];
  /** Of the race machine: the accesses to shared memory that the step is made of. */
  readonly accesses?: readonly StepAccess[];
  /** The state after the step. */
  readonly state: unknown;
  /** For an image: what user space can see of it; absent where the step ends in a fault. */
  readonly visible?: VisibleState;
}

/** A counterexample or witness. Also the content of a trace file. */
export interface TraceReport extends Subject {
  readonly format: "foliocheck-trace";
  readonly version: number;
  /** Of the race machine: what its CPUs execute; any operations when absent. */
  readonly calls?: RaceCalls;
  /** Id of the property that the trace decides. */
  readonly property: string;
  readonly claim: string;
  readonly source: string;
  /** The warning that was raised, when the property is about warnings; of C code, also the fault of a query. */
  readonly warning?: Diagnostic;
  /** Where the last state violates the property: absent for warnings, steps and witnesses, and for some claims. */
  readonly faults?: readonly Fault[];
  /** For C code: the functions that the property called in the last state. */
  readonly asked?: readonly CallNode[];
  /** Index of the initial state. */
  readonly initial: number;
  /** The initial state. */
  readonly state: unknown;
  /** For an image: what user space can see of the initial state. */
  readonly visible?: VisibleState;
  readonly steps: readonly TraceReportStep[];
  /** For an image: the commands that come to the trace again, and that repeat it on a running kernel. */
  readonly again?: readonly string[];
}

/** One property's outcome. */
export interface PropertyReport {
  readonly id: string;
  /** The claim as one sentence. */
  readonly claim: string;
  readonly source: string;
  readonly kind: PropertyKind | "deadlock";
  readonly verdict: Verdict;
  /** How often it was looked at with its premise true: states, or steps for the kinds that look at steps. */
  readonly checked: number;
  /** It holds only because its premise was never true. */
  readonly vacuous: boolean;
  /** A counterexample (violated) or witness (reached), else null. A shortest one, unless a simulation found it. */
  readonly trace: TraceReport | null;
  /** Of a simulation: the walk that found the trace, from 1, and its steps before they were shortened to the trace's. */
  readonly walk?: { readonly number: number; readonly steps: number };
}

/** How often an action was taken. */
export interface ActionReport {
  readonly name: string;
  /** Transitions by this action. */
  readonly enabled: number;
  /** States found first by this action. */
  readonly newStates: number;
}

/** A file that could not be written. */
export interface UnwrittenFile {
  readonly file: string;
  /** The reason that the system gives, such as `no space left on device`. */
  readonly reason: string;
}

/**
 * How a machine was explored: exhaustively up to the first violation, exhaustively beyond violations, or by random walks.
 */
export type SearchMode = "first-violation" | "all-violations" | "simulation";

/** One machine explored at given bounds. */
export interface RunReport extends Subject {
  readonly format: "foliocheck-report";
  readonly version: number;
  readonly command: "check";
  /** Of the race machine: what its CPUs execute; any operations when absent. */
  readonly calls?: RaceCalls;
  readonly verdict: RunVerdict;
  readonly mode: SearchMode;
  /** Why the search ended early, when it did. */
  readonly stopped?: StopReason;
  /** Of a simulation: its random walks. */
  readonly simulation?: SimulationOutcome;
  /** Distinct states that were visited. */
  readonly states: number;
  readonly transitions: number;
  /** Of a search that ended before it had visited every state: an estimate of their number, where there is one. */
  readonly estimatedStates?: number;
  /** Most steps from an initial state to any state; of a simulation, most steps of a walk. */
  readonly depth: number;
  /** Whether states were counted up to the machine's symmetry. */
  readonly symmetry: boolean;
  readonly properties: readonly PropertyReport[];
  readonly actions: readonly ActionReport[];
  /** Wall-clock time of the search, with that before the checkpoint it went on from. */
  readonly seconds: number;
  /** What was done already when the search went on from a checkpoint. */
  readonly resumedAt?: { readonly states: number; readonly transitions: number; readonly seconds: number };
  /** Checkpoint files that could not be written: the run is not resumed from where it ended. */
  readonly unwritten?: UnwrittenFile;
  /** CPU time of the search, in the process that ended it. */
  readonly cpuSeconds: number;
  /** For C code: the functions of the tree that ran in any step or question. */
  readonly reached?: readonly string[];
  /** For an image: every file of the tree that has code in it, by name. */
  readonly coverage?: readonly FileCoverage[];
  /** For an image with the model in lockstep: by operation, the transitions that were compared, and why others were not. */
  readonly lockstep?: readonly LockstepCount[];
  /** Largest size of the visited states and their tables. */
  readonly tableBytes: number;
  /** Peak resident memory of the whole process when the run ended. */
  readonly peakMemoryBytes: number;
  /** Of the race machine: how the accesses of CPUs are interleaved, in sentences. */
  readonly interleaving?: readonly string[];
  /** What this run does not check. */
  readonly notChecked: readonly NotChecked[];
  /** Absent in the runs of a suite, and of a gate: theirs is that of the whole. */
  readonly provenance?: Provenance;
}

/** One claim over all runs of a suite. */
export interface ClaimReport {
  /** Claim id: C1 …, W1 … */
  readonly id: string;
  readonly claim: string;
  readonly source: string;
  readonly verdict: Verdict;
  /** Indices of the runs that checked it. */
  readonly runs: readonly number[];
}

/** A suite of runs. */
export interface SuiteReport {
  readonly format: "foliocheck-report";
  readonly version: number;
  readonly command: "verify";
  readonly verdict: RunVerdict;
  readonly profile: string;
  readonly kernel: string;
  readonly runs: readonly RunReport[];
  readonly claims: readonly ClaimReport[];
  /** Proofs for any number of MMs. Empty where none is asked for. */
  readonly proofs: readonly SuiteProof[];
  /** Sums over the runs. */
  readonly states: number;
  readonly transitions: number;
  readonly seconds: number;
  readonly peakMemoryBytes: number;
  readonly notChecked: readonly NotChecked[];
  readonly provenance?: Provenance;
}

/** Lines of a file of a tree, from 1; both ends belong to it. */
export interface LineRange {
  readonly file: string;
  readonly line: number;
  readonly endLine: number;
}

/** One function of a tree in one configuration. */
export interface GateFunctionReport {
  readonly name: string;
  readonly config: string;
  /** Where it is defined, relative to the tree. */
  readonly file: string;
  /** Line of its definition; 0 when it is missing. */
  readonly line: number;
  /** How it compares with the base tree. */
  readonly status: "unchanged" | "changed" | "new" | "missing";
  /**
   * The lines by which it differs from the base: its own, and those of macros, types and variables that it uses. Where
   * lines were only taken out, the line in their place. Absent for a function that has not changed.
   */
  readonly changes?: readonly LineRange[];
  /**
   * `conforms`: every call left what the model leaves. `differs`: a call did not. `incomplete`: every call that was
   * compared did, but not every state was visited. `ran`: as a part of functions that were compared, or judged by the
   * claims. `not reached`: nothing is known of it.
   */
  readonly outcome: "conforms" | "differs" | "incomplete" | "ran" | "not reached" | "missing";
  /** Calls (of a reader: states) that were compared. */
  readonly compared: number;
  /** States of the runs that compared it, or ran it. */
  readonly states: number;
  /** Claims that hold, or are reached, wherever it ran and the C code alone was judged. */
  readonly held: readonly string[];
  /** Those that do not, or of which not every state was visited. */
  readonly broken: readonly string[];
}

/** A finding of the gate, with every configuration that shows it. */
export interface GateFindingReport {
  /** `CF.` and a function's name, or the id of the claim's property that is violated or unreached. */
  readonly property: string;
  readonly mode: "conformance" | "claims" | "layout" | "image" | "proof";
  readonly claim: string;
  readonly function?: string;
  readonly verdict: "violated" | "unreached";
  /** The difference, or the warning; absent where the claim says all. */
  readonly cause?: Diagnostic;
  /** What a baseline knows it by: one for each machine, or last operation, that shows it. */
  readonly signatures: readonly string[];
  readonly configs: readonly string[];
  /** Of a layout: the machines that show it, such as `x86-64`. */
  readonly targets?: readonly string[];
  /** Of a layout: what of the tree decides it, besides the structs. */
  readonly place?: { readonly file: string; readonly line: number };
  /** Of races: how clang compiled the code that shows it. */
  readonly optimisations?: readonly Optimisation[];
  /** Of races: the other optimisation, whose code does not show it at the same bounds; absent where that is not known. */
  readonly heldBy?: Optimisation;
  /** Why the baseline accepts it; absent for others. */
  readonly accepted?: string;
  /** Present for a finding that the base has, too, and that the baseline does not accept. */
  readonly inBase?: true;
  /** A shortest trace; null for a witness that is not reached, of a layout, and of a proof. */
  readonly trace: TraceReport | null;
}

/** An entry of a baseline: findings that are accepted, by their signature. */
export interface BaselineEntry {
  readonly finding: string;
  readonly configs: readonly string[];
  readonly reason: string;
}

/** The base of a change under the same gate. */
export interface GateBaseReport {
  /** Configurations in which its code is that of the tree: what the one does, the other does. */
  readonly same: readonly string[];
  /** Runs of it, and what they visited: those of the tree do not count here, nor these there. */
  readonly runs: number;
  readonly states: number;
  readonly transitions: number;
  /** Findings that it has and the tree has not. */
  readonly cured: readonly GateFindingReport[];
}

/** The options of a gate that decide what it finds. */
export interface GateOptionsReport {
  readonly tree: string;
  readonly patch?: string;
  readonly base?: string;
  /** Absent for all configurations. */
  readonly config?: readonly string[];
  readonly profile: string;
  readonly only?: string;
  readonly judge?: "conformance" | "claims";
  /** The file that was named. */
  readonly baseline?: string;
  readonly requireCoverage?: true;
  /** False where mm images were left out. */
  readonly image?: false;
  /** False where the proof of owner tracking was left out. */
  readonly proof?: false;
  readonly maxStates?: number;
  readonly maxDepth?: number;
  readonly maxMemoryBytes?: number;
  readonly timeoutSeconds?: number;
}

/** A claim about the layout of struct page and struct folio, on one machine. */
export interface GateLayoutReport {
  /** C21, C22, B3 or B4. */
  readonly id: string;
  /** The machine, such as `x86-64`. */
  readonly target: string;
  readonly verdict: "holds" | "violated";
  /** Layouts, by options that move fields, in which it was looked at. */
  readonly layouts: number;
}

/** A claim that the C code alone was judged by, in one configuration. */
export interface GateClaimReport {
  readonly id: string;
  /** The claim as one sentence. */
  readonly claim: string;
  readonly config: string;
  readonly verdict: Verdict;
  /** States in which it was looked at. */
  readonly states: number;
  /** Its properties that are proved of owner tracking, for any number of MMs, every folio size and value; absent for none. */
  readonly proved?: readonly string[];
}

/** A function whose definition differs from the base, in scope or not. */
export interface ChangedFunctionReport {
  readonly name: string;
  readonly file: string;
  /** First line of its definition; of one that was removed, the line in its place. */
  readonly line: number;
  readonly status: "changed" | "new" | "removed";
  /** Whether all of it that differs was compiled, and a run reached it. */
  readonly checked: boolean;
  /** Why it was not, as a main clause. */
  readonly reason?: string;
}

/** What of the difference between a tree and its base was looked at. */
export interface GateChangeReport {
  /** Every function whose definition differs. */
  readonly functions: readonly ChangedFunctionReport[];
  /** Lines outside of functions that differ: comments, white space and #include do not count. */
  readonly lines: { readonly changed: number; readonly checked: number };
  /** Lines that differ, and that nothing depends on which was looked at; `why` is the reason, as a main clause. */
  readonly overlooked: readonly (LineRange & { readonly why: string })[];
  /** Functions that differ, and that no run reached in any configuration. */
  readonly unreached: readonly { readonly name: string; readonly file: string; readonly line: number }[];
  /** Parts of the patch that were not applied, in sentences. */
  readonly notApplied: readonly string[];
  /** Whether anything that differs was looked at. */
  readonly isLookedAt: boolean;
}

/** The kernel of the model that a tree was compared with: chosen by what the tree contains, not by its version. */
export interface GateKernelReport {
  readonly name: string;
  /** The identifier that decided it, and its file; absent when the tree has no sign of a newer kernel. */
  readonly sign?: { readonly file: string; readonly identifier: string };
}

/** A known exception from a claim, which machine race shows to exist. */
export interface GateExceptionReport {
  /** Id of the witness, such as `C14.race`. */
  readonly property: string;
  readonly claim: string;
  readonly configs: readonly string[];
  /** How clang compiled the code that shows it. */
  readonly optimisations: readonly Optimisation[];
  /** A shortest trace. */
  readonly trace: TraceReport;
}

/** Whole files of a tree under the gate: its mm images. */
export interface GateImageReport {
  /** What the machine claims, by property, in each configuration. */
  readonly claims: readonly GateClaimReport[];
  /** Of every compiled file of the tree: lines that have code, and those that any run reached. */
  readonly coverage: readonly FileCoverage[];
  /** Runs of the images of the base. */
  readonly baseRuns: number;
}

/** A kernel tree under the gate. */
export interface GateReport {
  readonly format: "foliocheck-report";
  readonly version: number;
  readonly command: "gate";
  /** Findings that are accepted, or those of the base, do not count. */
  readonly verdict: RunVerdict;
  readonly profile: string;
  readonly tree: string;
  readonly modelKernel: GateKernelReport;
  /** The command that comes to the same findings. */
  readonly again: string;
  readonly options: GateOptionsReport;
  readonly functions: readonly GateFunctionReport[];
  /** Absent without a base, and where nothing but comments and white space differs from it. */
  readonly change?: GateChangeReport;
  readonly claims: readonly GateClaimReport[];
  /** Absent when no image was explored. */
  readonly image?: GateImageReport;
  /** Proofs of owner tracking, one for each code; absent where there is none. */
  readonly proofs?: readonly SubjectResult[];
  /** Absent when layouts were not looked at: in part of a gate only, or after an interrupt. */
  readonly layout?: readonly GateLayoutReport[];
  /** Those that are new, then those that the baseline accepts, then those of the base. */
  readonly findings: readonly GateFindingReport[];
  /** Version of the signatures of findings, and of baselines. */
  readonly signatureVersion: number;
  /** Known exceptions from claims that the race machine shows to exist; absent where it shows none. */
  readonly exceptions?: readonly GateExceptionReport[];
  /** Absent without a base. */
  readonly base?: GateBaseReport;
  /** Entries of the baseline that match no finding; absent where part of the gate was left out, or is incomplete. */
  readonly unmatched?: readonly BaselineEntry[];
  readonly runs: readonly RunReport[];
  readonly states: number;
  readonly transitions: number;
  readonly seconds: number;
  readonly peakMemoryBytes: number;
  readonly notChecked: readonly NotChecked[];
  readonly provenance?: Provenance;
}

/** The report of a search, or of many. */
export type SearchReport = RunReport | SuiteReport;

/** Any report. */
export type Report = SearchReport | GateReport;
