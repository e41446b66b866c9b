/** Jobs: the exploration of one machine at given bounds, as plain data that can be sent to a worker. */

import { type Pair, product } from "../../explore/model/product.ts";
import type { Budget } from "../../explore/search/budget.ts";
import type { SimulationOptions } from "../../explore/simulation/simulate.ts";
import type { QueryFaults } from "../../gate/adapter/call-fault.ts";
import type { Mode } from "../../gate/adapter/compiled-functions.ts";
import type { KnownViolation } from "../../gate/adapter/known-violations.ts";
import type { LockstepCount } from "../../gate/image/lockstep/lockstep.ts";
import type { FileCoverage } from "../../gate/image/module/coverage.ts";
import type { ImageModule } from "../../gate/image/module/image-module.ts";
import type { ImageWarning } from "../../gate/image/module/image-report.ts";
import type { TracedState } from "../../gate/image/world/visible-state.ts";
import type { CompiledUnit } from "../../gate/preparation/compile-unit.ts";
import { claimOf } from "../../invariants/catalogue.ts";
import { MACHINES } from "../../machines/index.ts";
import type { AnyModel, Bounds, MachineDefinition } from "../../machines/machine.ts";
import type { CallNode, StepCalls } from "../../model/kernel/call-node.ts";
import { formatConfig, type KernelConfig } from "../../model/kernel/config.ts";
import type { Kernel } from "../../model/kernel/kernel.ts";
import { DEFAULT_KERNEL } from "../../model/kernels/index.ts";
import type { RaceCalls } from "../../model/race/race-calls.ts";
import type { Subject } from "../report/report.ts";
import { configOf, kernelOf, requireFit } from "../request/kernel-choice.ts";
import { oneOf, UsageError } from "../request/usage-error.ts";

/** An exploration: its subject and its options. */
export interface Job extends Subject {
  /** Machine race only: the calls that its CPUs execute; any operations when absent. */
  readonly calls?: RaceCalls;
  /** Whether the search stores canonical forms. */
  readonly symmetry: boolean;
  readonly budget: Budget;
  /** Whether the search continues after a violation, and reports a violation of every property. */
  readonly allViolations?: boolean;
  /** Random walks instead of an exhaustive search. */
  readonly simulation?: Walks;
  /** Claims to check; all that apply when absent. */
  readonly claims?: readonly string[];
  /** Number of threads that expand states; one when absent. */
  readonly workers?: number;
  /** Folder for the run's checkpoint and report, from which the run resumes. */
  readonly checkpoints?: string;
  /** Folder for states that a full memory cannot hold; without it, the search ends then. */
  readonly spill?: string;
  /** C code as the kernel, instead of a kernel of the catalogue. */
  readonly compiled?: CompiledSubject;
  /** Compiled files of a tree, which machine image explores. */
  readonly image?: ImageSubject;
}

/** Options of random walks. */
export type Walks = Pick<SimulationOptions, "walks" | "seed" | "maxDepth">;

/** Request for a job; absent fields have defaults. */
export interface JobRequest {
  readonly machine: string;
  readonly kernel?: string;
  /** Kernel to compare it with in lockstep. */
  readonly against?: string;
  readonly config?: string;
  readonly bounds?: Bounds;
  /** Machine race only: the calls that its CPUs execute. */
  readonly calls?: RaceCalls;
  readonly symmetry?: boolean;
  readonly budget?: Budget;
  readonly allViolations?: boolean;
  readonly simulation?: Walks;
  readonly claims?: readonly string[];
  readonly workers?: number;
  readonly spill?: string;
}

/**
 * A request whose kernels may be objects of functions. The configuration is then that of `kernel`, and the job cannot
 * run in a worker.
 */
export interface KernelRequest extends Omit<JobRequest, "kernel" | "against"> {
  readonly kernel?: string | Kernel;
  readonly against?: string | Kernel;
}

/** A job with its machine, configuration and kernels. */
export interface ResolvedJob {
  readonly job: Job;
  readonly definition: MachineDefinition;
  readonly config: KernelConfig;
  readonly kernel: Kernel;
  readonly against?: Kernel;
  /** C code only: creates the same job with kernels that record the C functions they run. */
  readonly traced?: () => TracedJob;
  /** C code only: words of the struct pages, without a field in the model, that it wrote. */
  readonly unexpectedWrites?: ReadonlySet<number>;
  /** C code only: the first fault of a query, by property. */
  readonly notices?: ReadonlyMap<string, QueryFaults | ImageWarning>;
  /** C code only: returns the names of the tree's functions that ran since the job was resolved. */
  readonly reached?: () => readonly string[];
  /** Image only: returns the line coverage of its files since the job was resolved. */
  readonly coverage?: () => readonly FileCoverage[];
  /** Image in lockstep with the model only: returns the number of transitions that the search compared. */
  readonly lockstep?: () => readonly LockstepCount[] | undefined;
}

/** A resolved job without the observations of C code. */
export type PlainJob = Omit<
  ResolvedJob,
  "traced" | "unexpectedWrites" | "notices" | "reached" | "coverage" | "lockstep"
>;

/** A kernel that records its calls. */
export interface StepRecording {
  readonly kernel: Kernel;
  /** Returns the calls since the previous take(). */
  readonly take: () => StepCalls;
}

/** A job whose kernels record their calls. */
export interface TracedJob {
  readonly resolved: PlainJob;
  readonly recordings: readonly StepRecording[];
  /** C code only: returns the calls of read-only functions since the previous call of this. */
  readonly queries?: () => readonly CallNode[];
  /**
   * Image only: returns what a trace has of a state besides its description. Requires the states of an execution in
   * order.
   */
  readonly tracedState?: (state: unknown) => TracedState | undefined;
}

/**
 * Validates a request, and fills in its defaults.
 *
 * @throws UsageError for an unknown machine, kernel, configuration or bound, or a bound out of range
 */
export function resolve(request: KernelRequest): ResolvedJob {
  const { kernel: requested = DEFAULT_KERNEL, against: other } = request;
  const definition = machineNamed(request.machine);
  const config = typeof requested === "string" ? configOf(requested, request.config ?? "") : requested.config;
  const kernel = requestedKernel(requested, config);
  const against = other === undefined ? undefined : requestedKernel(other, config);
  requireFit(kernel.name, definition.name);
  if (against !== undefined) {
    requireFit(against.name, definition.name);
  }
  const bounds = boundsWithin(definition, request.bounds ?? {});
  const conflict = definition.conflict(bounds, config);
  if (conflict !== undefined) {
    throw new UsageError(conflict);
  }
  const { calls } = request;
  if (calls !== undefined) {
    requireCalls(definition, bounds, kernel, calls);
  }
  const job: Job = {
    machine: definition.name,
    kernel: kernel.name,
    ...(against === undefined ? {} : { against: against.name }),
    config: formatConfig(config),
    bounds,
    ...(calls === undefined ? {} : { calls }),
    // No symmetry with calls, because their arguments name MMs.
    symmetry: calls === undefined && (request.symmetry ?? true),
    budget: request.budget ?? {},
    ...(request.allViolations === undefined ? {} : { allViolations: request.allViolations }),
    ...(request.simulation === undefined ? {} : { simulation: request.simulation }),
    ...(request.claims === undefined ? {} : { claims: request.claims }),
    ...(request.workers === undefined ? {} : { workers: request.workers }),
    ...(request.spill === undefined ? {} : { spill: request.spill }),
  };
  return { job, definition, config, kernel, ...(against === undefined ? {} : { against }) };
}

/** @throws UsageError when there is no such kernel, or it does not have this configuration */
function requestedKernel(kernel: string | Kernel, config: KernelConfig): Kernel {
  return typeof kernel === "string" ? kernelOf(kernel, config) : kernel;
}

/** @throws UsageError for calls that the machine's CPUs cannot execute */
function requireCalls(definition: MachineDefinition, bounds: Bounds, kernel: Kernel, calls: RaceCalls): void {
  if (definition.calls === undefined) {
    throw new UsageError(`machine ${definition.name} has no CPUs that could execute calls`);
  }
  const conflict = definition.calls.conflict(bounds, kernel, calls);
  if (conflict !== undefined) {
    throw new UsageError(conflict);
  }
}

/**
 * Returns the machine with a name.
 *
 * @throws UsageError when there is no machine with this name
 */
export function machineNamed(name: string, machines: readonly MachineDefinition[] = MACHINES): MachineDefinition {
  const definition = machines.find((each) => each.name === name);
  if (definition === undefined) {
    throw new UsageError(`unknown machine "${name}"; want ${oneOf(machines.map((each) => each.name))}`);
  }
  return definition;
}

/**
 * Validates bounds, and fills in a machine's defaults.
 *
 * @throws UsageError for a bound that the machine does not have, or a value out of range
 */
export function boundsWithin(definition: Pick<MachineDefinition, "name" | "bounds">, given: Bounds): Bounds {
  const names = definition.bounds.map((each) => each.name);
  for (const name of Object.keys(given)) {
    if (!names.includes(name)) {
      throw new UsageError(`machine ${definition.name} has no bound "${name}"; it has ${names.join(", ")}`);
    }
  }
  return Object.fromEntries(
    definition.bounds.map(({ name, values, default: defaultValue }) => {
      const value = given[name] ?? defaultValue;
      if (!values.includes(value)) {
        throw new UsageError(`${name} ${value} is out of range for machine ${definition.name}; want ${spell(values)}`);
      }
      return [name, value];
    }),
  );
}

/** Formats values as a range, `1 … 5`, or as a list, `1, 2, 4 or 8`. */
export function spell(values: readonly number[]): string {
  const first = values[0] ?? 0;
  const isRange = values.length > 2 && values.every((value, i) => value === first + i);
  return isRange ? `${first} … ${values.at(-1)}` : oneOf(values.map(String));
}

/** Builds the model of a job, with the properties of its claims. */
export function modelOf({ job, definition, kernel, against }: Omit<PlainJob, "config">): AnyModel {
  const model =
    against === undefined
      ? definition.build(job.bounds, kernel, job.calls)
      : lockstep(definition, job.bounds, { one: kernel, other: against });
  const { claims } = job;
  if (claims === undefined) {
    return model;
  }
  const isRequested = ({ id, kind }: AnyModel["properties"][number]): boolean =>
    kind === "warning" || claims.includes(claimOf(id));
  const filtered = (all: AnyModel): AnyModel => {
    const { revise } = all;
    return {
      ...all,
      properties: all.properties.filter(isRequested),
      ...(revise === undefined ? {} : { revise: () => filtered(revise() as AnyModel) }),
    };
  };
  return filtered(model);
}

/** Builds the product of a machine's models under two kernels, with the claim that they are equivalent. */
function lockstep(definition: MachineDefinition, bounds: Bounds, kernels: Pair<Kernel>): AnyModel {
  const models = { one: definition.build(bounds, kernels.one), other: definition.build(bounds, kernels.other) };
  const names = { one: kernels.one.name, other: kernels.other.name };
  return product(models, names, definition.equivalence(bounds, kernels)) as AnyModel;
}

/** Compiled kernel of a job: plain data and modules, which can be sent to a worker. */
export interface CompiledSubject {
  readonly unit: CompiledUnit;
  readonly mode: Mode;
  /** Operations whose differences are known: they are not compared. */
  readonly leftOut: readonly string[];
  /** Known violations: the search does not report them, and continues past them. */
  readonly known?: readonly KnownViolation[];
  /** Claims mode only: words of the struct pages, without a field in the model, that are part of the state. */
  readonly opaqueWords?: readonly number[];
}

/** Image of a job: plain data and a module, which can be sent to a worker. */
export interface ImageSubject {
  readonly module: ImageModule;
  /** Known violations: the search does not report them, and continues past them. */
  readonly known?: readonly KnownViolation[];
}
