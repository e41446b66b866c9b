/**
 * Report: one plain object of JSON values, which every reporter turns into its format. Its JSON schema is
 * docs/report.schema.json. A change that is no addition increments its version.
 */

import type { PropertyKind } from "../../explore/model/machine.ts";
import type { Parameters } from "../../explore/model/model.ts";
import type { StopReason } from "../../explore/search/budget.ts";
import type { SimulationOutcome, Verdict } from "../../explore/search/search.ts";
import type { Optimisation } from "../../gate/compile/clang.ts";
import type { LockstepCount } from "../../gate/image/lockstep/lockstep.ts";
import type { FileCoverage } from "../../gate/image/module/coverage.ts";
import type { DrawableState } from "../../gate/image/world/drawable-state.ts";
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
export const REPORT_VERSION = 4;

/** Version of the trace format. It is separate from that of reports, so that older trace files still replay. */
export const TRACE_VERSION = 3;

/** Data for reproducing a report. It contains no date: the same inputs give the same report. */
export interface Provenance {
  /** Version of foliocheck. */
  readonly foliocheck: string;
  /** Version of Node.js, as in `v20.19.0`. */
  readonly node: string;
  /** Operating system and processor, as in `linux x64`. */
  readonly platform: string;
  /** The command and its arguments without options. */
  readonly arguments: readonly string[];
  /** The options by name, including defaults; without those for output files, formats and colours. */
  readonly options: { readonly [name: string]: string | number | boolean | readonly string[] };
  /** SHA-256 of the input by option: a gate's tree, patch and base. */
  readonly inputs?: { readonly [option: string]: string };
}

/** Verdict of a run or a suite: the worst verdict of its properties. */
export type RunVerdict = "holds" | "violated" | "unreached" | "incomplete";

/** Subject of an exploration: sufficient to repeat it. */
export interface Subject {
  readonly machine: string;
  /** Name of the kernel under test: `v7.1`, or a variant. */
  readonly kernel: string;
  /** Name of the kernel that it is compared with in lockstep, if any. */
  readonly against?: string;
  /** Kernel configuration, in the syntax of `--config`. */
  readonly config: string;
  /** Bounds by option name, such as `pages` for `--pages`. */
  readonly bounds: { readonly [name: string]: number };
  /** C code on the threads of machine race only: clang's optimisation level. */
  readonly optimisation?: Optimisation;
}

/** One step of a trace. */
export interface TraceReportStep {
  readonly action: string;
  readonly parameters: Parameters;
  /** The action as a call with its arguments. */
  readonly call: string;
  /** The kernel functions that ran: one entry if they are the same under every kernel, else one for each kernel. */
  readonly functions: readonly StepCalls[];
  /** Machine race only: the step's accesses to shared memory. */
  readonly accesses?: readonly StepAccess[];
  /** The state after the step. */
  readonly state: unknown;
  /** Image only: the part of the state that user space can observe; absent if the step ends in a fault. */
  readonly visible?: VisibleState;
  /** Image only: the state in the shape of the model's states, for pictures; absent if the step ends in a fault. */
  readonly world?: DrawableState;
}

/** Counterexample or witness. Also the content of a trace file. */
export interface TraceReport extends Subject {
  readonly format: "foliocheck-trace";
  readonly version: number;
  /** Machine race only: the calls that its CPUs execute; any operations when absent. */
  readonly calls?: RaceCalls;
  /** Id of the property that the trace violates or reaches. */
  readonly property: string;
  readonly claim: string;
  readonly source: string;
  /** The warning, if the property is about warnings; for C code, also the fault of a query. */
  readonly warning?: Diagnostic;
  /**
   * Places at which the last state violates the property: absent for warnings, steps and witnesses, and for some
   * claims.
   */
  readonly faults?: readonly Fault[];
  /** C code only: the read-only functions that the property called in the last state. */
  readonly queries?: readonly CallNode[];
  /** Index of the initial state. */
  readonly initial: number;
  /** The initial state. */
  readonly state: unknown;
  /** Image only: the part of the initial state that user space can observe. */
  readonly visible?: VisibleState;
  /** Image only: the initial state in the shape of the model's states, for pictures. */
  readonly world?: DrawableState;
  readonly steps: readonly TraceReportStep[];
  /** Image only: the commands that find the trace again, and that execute it on a running kernel. */
  readonly reproduce?: readonly string[];
}

/** Outcome of one property. */
export interface PropertyReport {
  readonly id: string;
  /** The claim as one sentence. */
  readonly claim: string;
  readonly source: string;
  readonly kind: PropertyKind | "deadlock";
  readonly verdict: Verdict;
  /** Number of evaluations with a true premise: states, or steps for properties of steps. */
  readonly checked: number;
  /** Whether it holds only because its premise was never true. */
  readonly vacuous: boolean;
  /** Shortest counterexample (violated) or witness (reached), else null. Not necessarily shortest in a simulation. */
  readonly trace: TraceReport | null;
  /** Simulation only: number of the walk that found the trace, from 1, and its length before it was shortened. */
  readonly walk?: { readonly number: number; readonly steps: number };
}

/** Coverage of an action. */
export interface ActionReport {
  readonly name: string;
  /** Transitions by this action. */
  readonly enabled: number;
  /** States that this action reached first. */
  readonly newStates: number;
}

/** Failed write of a file. */
export interface UnwrittenFile {
  readonly file: string;
  /** The system's error message, such as `no space left on device`. */
  readonly reason: string;
}

/** Kind of exploration: exhaustive up to the first violation, exhaustive beyond violations, or by random walks. */
export type SearchMode = "first-violation" | "all-violations" | "simulation";

/** Report of the exploration of one machine at given bounds. */
export interface RunReport extends Subject {
  readonly format: "foliocheck-report";
  readonly version: number;
  readonly command: "check";
  /** Machine race only: the calls that its CPUs execute; any operations when absent. */
  readonly calls?: RaceCalls;
  readonly verdict: RunVerdict;
  readonly mode: SearchMode;
  /** Reason for which the search ended early; absent if it did not. */
  readonly stopped?: StopReason;
  /** Simulation only: its random walks. */
  readonly simulation?: SimulationOutcome;
  /** Number of distinct states visited. */
  readonly states: number;
  readonly transitions: number;
  /** Incomplete search only: an estimate of the number of all states, if there is one. */
  readonly estimatedStates?: number;
  /**
   * Largest distance of a visited state from the initial states, in steps; in a simulation, length of the longest walk.
   */
  readonly depth: number;
  /** Whether states are counted up to the model's symmetry. */
  readonly symmetry: boolean;
  readonly properties: readonly PropertyReport[];
  readonly actions: readonly ActionReport[];
  /** Wall-clock time of the search, including the time before the checkpoint from which it resumed. */
  readonly seconds: number;
  /** Progress at the checkpoint from which the search resumed. */
  readonly resumedAt?: { readonly states: number; readonly transitions: number; readonly seconds: number };
  /** Failed write of a checkpoint: the run cannot be resumed from its end. */
  readonly unwritten?: UnwrittenFile;
  /** CPU time of the search, in the process that finished it. */
  readonly cpuSeconds: number;
  /** C code only: the functions of the tree that ran in any step or query. */
  readonly reached?: readonly string[];
  /** Image only: line coverage of every file of the tree with code in the image, by name. */
  readonly coverage?: readonly FileCoverage[];
  /**
   * Image in lockstep with the model only: by operation, the compared transitions, and the reasons for not comparing
   * others.
   */
  readonly lockstep?: readonly LockstepCount[];
  /** Largest size of the visited states and their tables. */
  readonly tableBytes: number;
  /** Peak resident memory of the whole process when the run ended. */
  readonly peakMemoryBytes: number;
  /** Machine race only: the rules of interleaving, in sentences. */
  readonly interleaving?: readonly string[];
  /** Parts and claims that this run does not check, with reasons. */
  readonly notChecked: readonly NotChecked[];
  /** Absent in the runs of a suite or a gate, whose report contains it. */
  readonly provenance?: Provenance;
}

/** Report on one claim over all runs of a suite. */
export interface ClaimReport {
  /** Claim id: C1 …, W1 … */
  readonly id: string;
  readonly claim: string;
  readonly source: string;
  readonly verdict: Verdict;
  /** Indices of the runs that checked it. */
  readonly runs: readonly number[];
}

/** Report on a suite of runs. */
export interface SuiteReport {
  readonly format: "foliocheck-report";
  readonly version: number;
  readonly command: "verify";
  readonly verdict: RunVerdict;
  readonly profile: string;
  readonly kernel: string;
  readonly runs: readonly RunReport[];
  readonly claims: readonly ClaimReport[];
  /** Proofs for any number of MMs. Empty if none was requested. */
  readonly proofs: readonly SuiteProof[];
  /** Sums over the runs. */
  readonly states: number;
  readonly transitions: number;
  readonly seconds: number;
  readonly peakMemoryBytes: number;
  readonly notChecked: readonly NotChecked[];
  readonly provenance?: Provenance;
}

/** Lines of a file of a tree, counted from 1; both ends are included. */
export interface LineRange {
  readonly file: string;
  readonly line: number;
  readonly endLine: number;
}

/** Report on one function of a tree in one configuration. */
export interface GateFunctionReport {
  readonly name: string;
  readonly config: string;
  /** File of its definition, relative to the tree. */
  readonly file: string;
  /** Line of its definition; 0 when it is missing. */
  readonly line: number;
  /** Difference from the base tree. */
  readonly status: "unchanged" | "changed" | "new" | "missing";
  /**
   * The lines that differ from the base: those of the function, and of macros, types and variables that it uses. If
   * lines were only removed, the line in their place. Absent for an unchanged function.
   */
  readonly changes?: readonly LineRange[];
  /**
   * `conforms`: every call has the effects and result of the model's. `differs`: a call does not. `incomplete`: every
   * compared call does, but not every state was visited. `ran`: it ran as a callee of functions that were compared, or
   * under the claims. `not reached`: no run executed it.
   */
  readonly outcome: "conforms" | "differs" | "incomplete" | "ran" | "not reached" | "missing";
  /** Number of compared calls; for a read-only function, of states. */
  readonly compared: number;
  /** Number of states of the runs that compared or executed it. */
  readonly states: number;
  /** Claims that hold, or are reached, in every run of claims mode that executed it. */
  readonly held: readonly string[];
  /** Claims that do not, or whose search is incomplete. */
  readonly broken: readonly string[];
}

/** Finding of a gate, with every configuration that has it. */
export interface GateFindingReport {
  /** `CF.` and a function's name, or the id of the violated or unreached property. */
  readonly property: string;
  readonly mode: "conformance" | "claims" | "layout" | "image" | "proof";
  readonly claim: string;
  readonly function?: string;
  /** `unproved`: of a proof whose counterexample no execution is known to reach. */
  readonly verdict: "violated" | "unreached" | "unproved";
  /** The difference or the warning; absent if the claim alone describes the finding. */
  readonly cause?: Diagnostic;
  /** Its identifiers in a baseline: one for each machine, or last operation, that has the finding. */
  readonly signatures: readonly string[];
  readonly configs: readonly string[];
  /** Layout only: the compilation targets that have it, such as `x86-64`. */
  readonly targets?: readonly string[];
  /** Layout only: the code that causes it, besides the structs. */
  readonly place?: { readonly file: string; readonly line: number };
  /** Races only: the optimisation levels at which it occurs. */
  readonly optimisations?: readonly Optimisation[];
  /**
   * Races only: the other optimisation level, if its code does not have the finding at the same bounds; else absent.
   */
  readonly heldBy?: Optimisation;
  /** The baseline's reason for accepting it; absent if it is not accepted. */
  readonly accepted?: string;
  /** Present for a finding that the base also has, and that the baseline does not accept. */
  readonly inBase?: true;
  /** A shortest trace; null for an unreached witness, a layout and a proof. */
  readonly trace: TraceReport | null;
}

/** Entry of a baseline: accepted findings, by their signature. */
export interface BaselineEntry {
  readonly finding: string;
  readonly configs: readonly string[];
  readonly reason: string;
}

/** Report on the base of a change, under the same gate. */
export interface GateBaseReport {
  /** Configurations in which its code is that of the tree, so that its findings are the tree's. */
  readonly same: readonly string[];
  /** Number of its runs, without those of the tree. */
  readonly runs: number;
  readonly states: number;
  readonly transitions: number;
  /** Findings of the base that the tree does not have. */
  readonly cured: readonly GateFindingReport[];
}

/** Options of a gate that affect its findings. */
export interface GateOptionsReport {
  readonly tree: string;
  readonly patch?: string;
  readonly base?: string;
  /** Absent for all configurations. */
  readonly config?: readonly string[];
  readonly profile: string;
  readonly only?: string;
  readonly judge?: "conformance" | "claims";
  /** Name of the baseline file. */
  readonly baseline?: string;
  readonly requireCoverage?: true;
  /** False if mm images are left out. */
  readonly image?: false;
  /** False if the proof of owner tracking is left out. */
  readonly proof?: false;
  /** Solvers of the proof that were named, and the seconds that each has for an answer. */
  readonly solver?: readonly string[];
  readonly solverTimeout?: number;
  readonly maxStates?: number;
  readonly maxDepth?: number;
  readonly maxMemoryBytes?: number;
  readonly timeoutSeconds?: number;
}

/** Report on a claim about the layout of struct page and struct folio, on one target. */
export interface GateLayoutReport {
  /** C21, C22, B3 or B4. */
  readonly id: string;
  /** The compilation target, such as `x86-64`. */
  readonly target: string;
  readonly verdict: "holds" | "violated";
  /** Number of checked layouts, by options that move fields. */
  readonly layouts: number;
}

/** Report on a claim about the C code alone, in one configuration. */
export interface GateClaimReport {
  readonly id: string;
  /** The claim as one sentence. */
  readonly claim: string;
  readonly config: string;
  readonly verdict: Verdict;
  /** Number of states in which it was checked. */
  readonly states: number;
  /** Its properties that are proved for any number of MMs, every folio size and every value; absent if none is. */
  readonly proved?: readonly string[];
}

/** Report on a function whose definition differs from the base, in scope or not. */
export interface ChangedFunctionReport {
  readonly name: string;
  readonly file: string;
  /** First line of its definition; for a removed function, the line in its place. */
  readonly line: number;
  readonly status: "changed" | "new" | "removed";
  /** Whether all of its changed lines were compiled, and a run reached it. */
  readonly checked: boolean;
  /** Reason for which it was not checked, as a main clause. */
  readonly reason?: string;
}

/** Coverage of the difference between a tree and its base. */
export interface GateChangeReport {
  /** Every function whose definition differs. */
  readonly functions: readonly ChangedFunctionReport[];
  /** Numbers of changed lines outside of functions; comments, white space and #include do not count. */
  readonly lines: { readonly changed: number; readonly checked: number };
  /** Changed lines that were not checked: no checked code depends on them. `why` is the reason, as a main clause. */
  readonly uncovered: readonly (LineRange & { readonly why: string })[];
  /** Changed functions that no run reached in any configuration. */
  readonly unreached: readonly { readonly name: string; readonly file: string; readonly line: number }[];
  /** Parts of the patch that were not applied, in sentences. */
  readonly notApplied: readonly string[];
  /** Whether any changed line was checked. */
  readonly isAnyChecked: boolean;
}

/** The model's kernel that a tree is compared with: selected by the code of the tree, not by its version. */
export interface GateKernelReport {
  readonly name: string;
  /**
   * The identifier that determines the kernel, and its file; absent if the tree contains no identifier of a newer
   * kernel.
   */
  readonly sign?: { readonly file: string; readonly identifier: string };
}

/** Known exception from a claim, which machine race reaches. */
export interface GateExceptionReport {
  /** Id of the witness, such as `C14.race`. */
  readonly property: string;
  readonly claim: string;
  readonly configs: readonly string[];
  /** The optimisation levels at which it occurs. */
  readonly optimisations: readonly Optimisation[];
  /** A shortest trace. */
  readonly trace: TraceReport;
}

/** Report on the mm images of a tree. */
export interface GateImageReport {
  /** Properties of machine image, in each configuration. */
  readonly claims: readonly GateClaimReport[];
  /** Line coverage of every compiled file of the tree, over all runs. */
  readonly coverage: readonly FileCoverage[];
  /** Number of runs of the base's images. */
  readonly baseRuns: number;
}

/** Report of a gate on a kernel tree. */
export interface GateReport {
  readonly format: "foliocheck-report";
  readonly version: number;
  readonly command: "gate";
  /** Without the findings that the baseline accepts, and those of the base. */
  readonly verdict: RunVerdict;
  readonly profile: string;
  readonly tree: string;
  readonly modelKernel: GateKernelReport;
  /** The command that reproduces the findings. */
  readonly reproduce: string;
  readonly options: GateOptionsReport;
  readonly functions: readonly GateFunctionReport[];
  /** Absent without a base, and if only comments and white space differ from it. */
  readonly change?: GateChangeReport;
  readonly claims: readonly GateClaimReport[];
  /** Absent if no image was explored. */
  readonly image?: GateImageReport;
  /** Proofs of owner tracking, one for each distinct code; absent if there is none. */
  readonly proofs?: readonly SubjectResult[];
  /** Absent if layouts were not checked: with a restriction to other parts, or after an interrupt. */
  readonly layout?: readonly GateLayoutReport[];
  /** New findings, then those that the baseline accepts, then those of the base. */
  readonly findings: readonly GateFindingReport[];
  /** Version of the signatures of findings, and of baselines. */
  readonly signatureVersion: number;
  /** Known exceptions from claims that machine race reaches; absent if it reaches none. */
  readonly exceptions?: readonly GateExceptionReport[];
  /** Absent without a base. */
  readonly base?: GateBaseReport;
  /** Entries of the baseline that match no finding; absent if part of the gate was left out, or is incomplete. */
  readonly unmatched?: readonly BaselineEntry[];
  readonly runs: readonly RunReport[];
  readonly states: number;
  readonly transitions: number;
  readonly seconds: number;
  readonly peakMemoryBytes: number;
  readonly notChecked: readonly NotChecked[];
  readonly provenance?: Provenance;
}

/** Report of one search, or of a suite of searches. */
export type SearchReport = RunReport | SuiteReport;

/** Any report. */
export type Report = SearchReport | GateReport;
