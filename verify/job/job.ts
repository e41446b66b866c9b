/** A job: one machine to explore at given bounds. Plain data, so that it can be sent to a worker. */

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
import type { VisibleState } from "../../gate/image/world/visible-state.ts";
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

/** What to explore, and how. */
export interface Job extends Subject {
  /** Of the race machine: what its CPUs execute; any operations when absent. */
  readonly calls?: RaceCalls;
  /** Whether to search up to symmetry. */
  readonly symmetry: boolean;
  readonly budget: Budget;
  /** Whether the search goes on after a violation, and finds all of them. */
  readonly allViolations?: boolean;
  /** Random walks instead of an exhaustive search. */
  readonly simulation?: Walks;
  /** Claims to check; all that apply when absent. */
  readonly claims?: readonly string[];
  /** Folder in which the run keeps a checkpoint and its report, and from which it goes on. */
  readonly checkpoints?: string;
  /** C code that stands in the place of a kernel that has a name. */
  readonly compiled?: CompiledSubject;
  /** Whole files of a tree, to be explored by machine image. */
  readonly image?: ImageSubject;
}

/** Random walks. */
export type Walks = Pick<SimulationOptions, "walks" | "seed" | "maxDepth">;

/** What a user says of a job; the rest is filled in. */
export interface JobRequest {
  readonly machine: string;
  readonly kernel?: string;
  /** Another kernel, to compare it with in lockstep. */
  readonly against?: string;
  readonly config?: string;
  readonly bounds?: Bounds;
  /** Of the race machine: what its CPUs execute. */
  readonly calls?: RaceCalls;
  readonly symmetry?: boolean;
  readonly budget?: Budget;
  readonly allViolations?: boolean;
  readonly simulation?: Walks;
  readonly claims?: readonly string[];
}

/** A request whose kernels may be made of functions: then the first one has the configuration, and no worker has them. */
export interface KernelRequest extends Omit<JobRequest, "kernel" | "against"> {
  readonly kernel?: string | Kernel;
  readonly against?: string | Kernel;
}

/** A job with its machine. */
export interface ResolvedJob {
  readonly job: Job;
  readonly definition: MachineDefinition;
  readonly config: KernelConfig;
  readonly kernel: Kernel;
  readonly against?: Kernel;
  /** For C code: the same job with kernels that tell which C functions ran. */
  readonly traced?: () => TracedJob;
  /** For C code: where it was seen to write what the model has no field for. */
  readonly unexpectedWrites?: ReadonlySet<number>;
  /** For C code: the first fault of a query, by property. */
  readonly remarks?: ReadonlyMap<string, QueryFaults | ImageWarning>;
  /** For C code: names of the functions of the tree that ran since the job was resolved. */
  readonly reached?: () => readonly string[];
  /** For an image: lines of its files that were reached since the job was resolved. */
  readonly coverage?: () => readonly FileCoverage[];
  /** For an image with the model in lockstep: the transitions that the search compared. */
  readonly lockstep?: () => readonly LockstepCount[] | undefined;
}

/** A job with its machine, and nothing of what C code shows while it runs. */
export type PlainJob = Omit<
  ResolvedJob,
  "traced" | "unexpectedWrites" | "remarks" | "reached" | "coverage" | "lockstep"
>;

/** A kernel that records its calls, with the calls of one step. */
export interface StepRecording {
  readonly kernel: Kernel;
  /** The calls since the last time. */
  readonly take: () => StepCalls;
}

/** A job whose kernels record their calls. */
export interface TracedJob {
  readonly resolved: PlainJob;
  readonly recordings: readonly StepRecording[];
  /** For C code: calls of read-only functions since the last time. */
  readonly asked?: () => readonly CallNode[];
  /** For an image: what user space can see in the states of one execution, which are given in their order. */
  readonly visible?: (state: unknown) => VisibleState | undefined;
}

/**
 * Fills in and checks a request.
 *
 * @throws UsageError for an unknown machine, kernel, configuration or bound, or a bound out of range
 */
export function resolve(request: KernelRequest): ResolvedJob {
  const { kernel: asked = DEFAULT_KERNEL, against: other } = request;
  const definition = machineNamed(request.machine);
  const config = typeof asked === "string" ? configOf(asked, request.config ?? "") : asked.config;
  const kernel = kernelAsked(asked, config);
  const against = other === undefined ? undefined : kernelAsked(other, config);
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
    // Calls name MMs.
    symmetry: calls === undefined && (request.symmetry ?? true),
    budget: request.budget ?? {},
    ...(request.allViolations === undefined ? {} : { allViolations: request.allViolations }),
    ...(request.simulation === undefined ? {} : { simulation: request.simulation }),
    ...(request.claims === undefined ? {} : { claims: request.claims }),
  };
  return { job, definition, config, kernel, ...(against === undefined ? {} : { against }) };
}

/** @throws UsageError when there is no such kernel, or it does not have this configuration */
function kernelAsked(kernel: string | Kernel, config: KernelConfig): Kernel {
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
 * @param machines where to look
 * @throws UsageError when there is no machine with this name
 */
export function machineNamed(name: string, machines: readonly MachineDefinition[] = MACHINES): MachineDefinition {
  const definition = machines.find((each) => each.name === name);
  if (definition === undefined) {
    throw new UsageError(`unknown machine "${name}"; want ${oneOf(machines.map((each) => each.name))}`);
  }
  return definition;
}

/** @throws UsageError for a bound that the machine does not have, or a value out of range */
export function boundsWithin(definition: Pick<MachineDefinition, "name" | "bounds">, given: Bounds): Bounds {
  const known = definition.bounds.map((each) => each.name);
  for (const name of Object.keys(given)) {
    if (!known.includes(name)) {
      throw new UsageError(`machine ${definition.name} has no bound "${name}"; it has ${known.join(", ")}`);
    }
  }
  return Object.fromEntries(
    definition.bounds.map(({ name, values, default: usual }) => {
      const value = given[name] ?? usual;
      if (!values.includes(value)) {
        throw new UsageError(`${name} ${value} is out of range for machine ${definition.name}; want ${spell(values)}`);
      }
      return [name, value];
    }),
  );
}

/** `1 … 5`, or `1, 2, 4 or 8`. */
export function spell(values: readonly number[]): string {
  const first = values[0] ?? 0;
  const isRange = values.length > 2 && values.every((value, i) => value === first + i);
  return isRange ? `${first} … ${values.at(-1)}` : oneOf(values.map(String));
}

/** The model of a job, with the claims that it asks for. */
export function modelOf({ job, definition, kernel, against }: Omit<PlainJob, "config">): AnyModel {
  const model =
    against === undefined
      ? definition.build(job.bounds, kernel, job.calls)
      : lockstep(definition, job.bounds, { one: kernel, other: against });
  const { claims } = job;
  if (claims === undefined) {
    return model;
  }
  const isAsked = ({ id, kind }: AnyModel["properties"][number]): boolean =>
    kind === "warning" || claims.includes(claimOf(id));
  const filtered = (all: AnyModel): AnyModel => {
    const { revise } = all;
    return {
      ...all,
      properties: all.properties.filter(isAsked),
      ...(revise === undefined ? {} : { revise: () => filtered(revise() as AnyModel) }),
    };
  };
  return filtered(model);
}

/** Two kernels on one machine, with the claims that they do the same. */
function lockstep(definition: MachineDefinition, bounds: Bounds, kernels: Pair<Kernel>): AnyModel {
  const models = { one: definition.build(bounds, kernels.one), other: definition.build(bounds, kernels.other) };
  const names = { one: kernels.one.name, other: kernels.other.name };
  return product(models, names, definition.equivalence(bounds, kernels)) as AnyModel;
}

/** The compiled kernel of a job. Plain data and modules, so that it can be sent to a worker. */
export interface CompiledSubject {
  readonly unit: CompiledUnit;
  readonly mode: Mode;
  /** Operations whose differences are known already, and not looked for. */
  readonly leftOut: readonly string[];
  /** What it is known to violate, and is not judged by. */
  readonly known?: readonly KnownViolation[];
  /** Where the C code alone is explored: words of the struct pages that it keeps and the model has no field for. */
  readonly opaqueWords?: readonly number[];
}

/** The image of a job. Plain data and a module, so that it can be sent to a worker. */
export interface ImageSubject {
  readonly module: ImageModule;
  /** What it is known to violate, and is not judged by. */
  readonly known?: readonly KnownViolation[];
}
