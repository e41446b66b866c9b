/** Race machine: CPUs execute MM operations on one large anon folio. */
import type { ActionCall } from "../../explore/model/action-call.ts";
import { type Interpreter, interpret } from "../../explore/model/interpreter.ts";
import type { WarningLog } from "../../explore/model/machine.ts";
import type { Model, Property } from "../../explore/model/model.ts";
import { at } from "../../explore/model/schema.ts";
import { revised, searchRevised } from "../../explore/search/revised.ts";
import { IDLE } from "../../races/access-tree.ts";
import type { DataRace, RacingAccess } from "../../races/data-races.ts";
import { learnedBy } from "../../races/learned.ts";
import type { RaceDefinition } from "../../races/race-definition.ts";
import {
  type CpuState,
  isAtRest,
  isDeadlocked,
  type OperationCall,
  type PerformedAccess,
  RaceEngine,
  type RaceOptions,
  type RaceState,
  RaceSteps,
  raceActions,
  raceSchema,
} from "../../races/race-model.ts";
import { withElementNames } from "../../races/role-names.ts";
import { PageTableView } from "../environment/ground-truth.ts";
import type { WorldView } from "../environment/view.ts";
import type { Kernel } from "../kernel/kernel.ts";
import { kernelWarning, reportingTo, Warnings } from "../kernel/warnings.ts";
import { expectedDataRace } from "./expected-data-races.ts";
import { raceOperations } from "./operations.ts";
import {
  describeRaceField,
  fixedRaceField,
  isMapping,
  isPageTableEntry,
  type RaceBounds,
  type RaceWorld,
  raceWorldSchema,
} from "./race-world.ts";
import { reportedState } from "./reported-state.ts";
import { drainedStore, kernelFunctions, type StepAccess, stepAccess } from "./step-access.ts";

/** View of a state for properties. */
export interface RaceView extends WorldView {
  readonly world: RaceState<RaceWorld>;
  /** Whether no CPU executes an operation. */
  readonly isAtRest: boolean;
  /** Whether CPUs execute operations and all of them wait forever: see isDeadlocked(). */
  readonly isDeadlocked: boolean;
  /** Whether all fixed calls have ended. */
  readonly haveAllEnded: boolean;
}

/** Warning codes that represent data races: the first code, and the number of codes. */
export const DATA_RACES = { first: 4096, count: 200 } as const;

/** Options of an exploration of the race machine. */
export interface RaceChoices {
  readonly memoryModel: RaceOptions["memoryModel"];
  readonly reductions: RaceOptions["reductions"];
  /** Fixed calls of each CPU; if absent, CPUs execute any operations. */
  readonly calls?: readonly (readonly OperationCall[])[];
  /** Initial state without CPUs; by default one MM exists. */
  readonly start?: RaceState<RaceWorld>;
  /** Names of the operations; all if absent. */
  readonly operations?: readonly string[];
}

type RaceModel = Model<RaceState<RaceWorld>, Kernel, RaceView>;

class View extends PageTableView implements RaceView {
  declare readonly world: RaceState<RaceWorld>;
  private readonly steps: RaceSteps<RaceWorld>;
  private rests: boolean | undefined;
  private readonly calls: RaceChoices["calls"];

  constructor(world: RaceState<RaceWorld>, kernel: Kernel, steps: RaceSteps<RaceWorld>, calls: RaceChoices["calls"]) {
    super(world, kernel);
    this.steps = steps;
    this.calls = calls;
  }

  get isAtRest(): boolean {
    this.rests ??= isAtRest(this.world);
    return this.rests;
  }

  override refresh(): void {
    super.refresh();
    this.rests = undefined;
  }

  get haveAllEnded(): boolean {
    return this.isAtRest && this.world.cpus.every(({ begun }, cpu) => begun === this.calls?.[cpu]?.length);
  }

  get isDeadlocked(): boolean {
    return isDeadlocked(this.steps, this.world);
  }
}

/**
 * Returns shared memory and operations for given bounds and a kernel.
 *
 * @param only names of the operations; all if absent
 * @param warnings log of the kernel's warnings, also used by threads
 */
export function raceDefinition(
  bounds: RaceBounds,
  kernel: Kernel,
  only: readonly string[] | undefined,
  warnings: WarningLog,
): RaceDefinition<RaceWorld> {
  const operations = raceOperations(bounds, kernel);
  const mapcount = bounds.pages === 1 ? "folios[0].pages[0].mapcount" : "folios[0].largeMapcount";
  return {
    schema: raceWorldSchema(bounds, kernel.tracksTotalMappedPages),
    roles: { scalarset: "mm", count: Math.min(2, bounds.mms) },
    describe: describeRaceField,
    fixed: fixedRaceField(bounds),
    isOneWord: isPageTableEntry,
    isObserved: (path) => isMapping(path) || path === mapcount || path === "folios[0].refcount",
    warnings,
    operations: (port, cells) =>
      operations(port, cells).filter((operation) => only === undefined || only.includes(operation.name)),
  };
}

/** Changes the initial values of the schema to the initial state: one MM exists. */
export function startWithOneMm(state: RaceWorld, kernel: Kernel): void {
  const mm = at(state.mms, 0);
  kernel.mmAllocId(mm);
  mm.live = true;
}

/**
 * Builds the race machine for given bounds, a kernel and the properties to check. One MM exists in the initial state.
 */
export function raceMachine(
  name: string,
  bounds: RaceBounds,
  plainKernel: Kernel,
  all: RaceChoices,
  properties: readonly Property<RaceView>[],
  log: Warnings = new Warnings(),
): RaceModel {
  const kernel = reportingTo(log, plainKernel);
  const { operations: only, start, ...choices } = all;
  const options: RaceOptions = { cpus: bounds.cpus, ...choices };
  const engine = new RaceEngine<RaceWorld>(raceDefinition(bounds, kernel, only, log), options);
  const dataRaces: DataRace[] = [];
  const codeOf = (race: DataRace): number => {
    if (expectedDataRace(race) !== undefined) {
      return 0;
    }
    const index = dataRaces.indexOf(race);
    return DATA_RACES.first + (index >= 0 ? index : dataRaces.push(race) - 1);
  };
  const refined = (
    merged: RaceModel,
    steps: RaceSteps<RaceWorld>,
    initial: number,
    calls: readonly ActionCall[],
  ): ActionCall[] => {
    const reductions = { ...choices.reductions, protectedAccesses: false, nodeClasses: false };
    const { memoryModel } = choices;
    return revised(raceMachine(name, bounds, plainKernel, { ...all, reductions }, properties), (unmerged) =>
      smallSteps({ merged, steps, unmerged, memoryModel }, initial, calls),
    ).result;
  };
  /** Collects facts about threads in a bounded search with two CPUs. */
  let hasLearned = false;
  const revise = (): RaceModel => {
    if (choices.reductions.nodeClasses && choices.calls === undefined && bounds.cpus > 2 && !hasLearned) {
      hasLearned = true;
      learnFromTwoCpus(engine, bounds.mms, kernel);
    }
    return model();
  };
  const model = (): RaceModel => {
    engine.begin();
    const steps = new RaceSteps<RaceWorld>(engine, bounds.mms, codeOf);
    let interpreter: Interpreter<RaceState<RaceWorld>> | undefined;
    const revisedModel: RaceModel = {
      name,
      schema: raceSchema(engine, bounds.mms),
      context: kernel,
      initial: [
        (state) => {
          if (start === undefined) {
            startWithOneMm(state, kernel);
          } else {
            assignMemory(state, start);
          }
        },
      ],
      actions: raceActions(engine, steps, bounds.mms),
      view: (world) => new View(world as RaceState<RaceWorld>, kernel, steps, choices.calls),
      refresh: (view) => view.refresh(),
      properties,
      revise,
      isVoid: () => engine.classes.isBroken,
      learned: learnedBy(engine, dataRaces),
      // Reductions merge positions of different calls; a trace needs separate ones.
      ...(choices.reductions.protectedAccesses || choices.reductions.nodeClasses
        ? {
            refine: (initial, calls) => ({
              calls: refined(revisedModel, steps, initial, calls),
              bounds: { merge: 0, classes: 0 },
            }),
          }
        : {}),
      stepDetails: (before, call) => {
        interpreter ??= interpret(revisedModel);
        return stepAccesses(engine, steps, interpreter, before as RaceState<RaceWorld>, call);
      },
      reported: (state) => reportedState(engine, state as RaceState<RaceWorld>),
      warnings: {
        log,
        data: (code) => {
          const race = dataRaces[code - DATA_RACES.first];
          return race === undefined ? kernelWarning(code) : { kind: "data-race", ...asInKernel(race) };
        },
      },
    };
    return revisedModel;
  };
  return model();
}

/** Largest number of states of a search that only collects facts about threads. */
const LEARNED_STATES = 1 << 18;

/** Collects facts about threads with two CPUs: threads behave as with more CPUs, and the search is shorter. */
function learnFromTwoCpus(engine: RaceEngine<RaceWorld>, mms: number, kernel: Kernel): void {
  const log = Object.defineProperty({ first: 0 }, "first", { get: () => 0, set: () => {} });
  const fewer = engine.withCpus(2, log);
  const model = (): Model<RaceState<RaceWorld>, Kernel> => {
    fewer.begin();
    return {
      name: "race",
      schema: raceSchema(fewer, mms),
      context: kernel,
      initial: [(state) => startWithOneMm(state, kernel)],
      actions: raceActions(fewer, new RaceSteps<RaceWorld>(fewer, mms, () => 0), mms),
      view: (state) => state,
      properties: [],
      warnings: { log, text: String },
      revise: model,
    };
  };
  try {
    searchRevised(model(), { budget: { maxStates: LEARNED_STATES } });
  } catch {
    // A faulty kernel: the search with more CPUs reports it.
  }
}

/** Returns a data race with the kernel's names of functions; MMs are named by their roles. */
function asInKernel({ one, other }: DataRace): DataRace {
  const byRole = (text: string): string => withElementNames(text, (role) => `MM ${role}`);
  const named = (side: RacingAccess): RacingAccess => ({
    ...side,
    text: byRole(side.text),
    object: byRole(side.object),
    functions: kernelFunctions(side.functions),
  });
  return { one: named(one), other: named(other) };
}

/**
 * Converts an execution to one with a step for each access, for the machine without merged accesses. There every store
 * of a CPU goes through its buffer: stores that bypass the buffer on the merging machine are drained as soon as
 * possible, which no other CPU can observe.
 */
function smallSteps(
  {
    merged,
    steps,
    unmerged,
    memoryModel,
  }: {
    merged: RaceModel;
    steps: RaceSteps<RaceWorld>;
    unmerged: RaceModel;
    memoryModel: RaceChoices["memoryModel"];
  },
  initial: number,
  calls: readonly ActionCall[],
): ActionCall[] {
  const [from, to] = [interpret(merged), interpret(unmerged)];
  const small: ActionCall[] = [];
  let state = at(from.initialStates, initial);
  let now = at(to.initialStates, initial);
  const take = (call: ActionCall): boolean => {
    const outcome = to.attempt(now, call);
    if (outcome.enabled) {
      now = outcome.state;
      small.push(call);
    }
    return outcome.enabled;
  };
  for (const call of calls) {
    const cpu = call.parameters["cpu"] as number;
    const step = { action: "step", parameters: { cpu } };
    const drain = { action: "drain", parameters: { cpu } };
    const performed = logged(steps, () => {
      state = from.step(state, call);
    });
    if (call.action !== "step" && call.action !== "drain") {
      take(call);
    }
    for (const { ignored } of performed) {
      const one = memoryModel === "views" ? { ...step, parameters: { cpu, ignores: ignored } } : step;
      // The access waits until the buffer is empty.
      while (!take(one) && take(drain)) {}
    }
    const [wanted, own] = [at(state.cpus, cpu), (): CpuState => at(now.cpus, cpu)];
    while (isPending(own()) && !isSameStore(own(), wanted) && take(drain)) {}
    if (wanted.node === IDLE && own().node !== IDLE) {
      take(step);
    }
  }
  return small;
}

function isPending({ buffer }: CpuState): boolean {
  return buffer.length > 0 && at(buffer, 0).cell !== 0;
}

/** Whether the oldest stores in two buffers are equal. */
function isSameStore(one: CpuState, other: CpuState): boolean {
  const [a, b] = [at(one.buffer, 0), at(other.buffer, 0)];
  return a.cell === b.cell && a.value === b.value;
}

/** Returns the accesses performed by `run`. */
function logged(steps: RaceSteps<RaceWorld>, run: () => void): PerformedAccess[] {
  const log: PerformedAccess[] = [];
  steps.log = log;
  try {
    run();
  } finally {
    steps.log = undefined;
  }
  return log;
}

/** Returns the accesses of one step by re-executing it. */
function stepAccesses(
  engine: RaceEngine<RaceWorld>,
  steps: RaceSteps<RaceWorld>,
  interpreter: Interpreter<RaceState<RaceWorld>>,
  state: RaceState<RaceWorld>,
  call: ActionCall,
): StepAccess[] {
  const { action, parameters } = call;
  const cpu = parameters["cpu"] as number;
  const own = at(state.cpus, cpu);
  if (action === "drain") {
    return [drainedStore(engine, { state, cpu, own })];
  }
  const roles = engine.operations.find(({ name }) => name === action)?.roles ?? [];
  const assigned = roles.map((role, i) => [`role${i}`, (parameters[role] as number) + 1]);
  const executing: CpuState = { ...own, ...Object.fromEntries(assigned) };
  const performed = logged(steps, () => interpreter.step(state, call));
  return performed.map((each) => stepAccess(engine, each, { state, cpu, own: executing }));
}

/** Assigns another state to a draft, without the CPUs. */
function assignMemory(draft: RaceState<RaceWorld>, { cpus: _, history: __, ...memory }: RaceState<RaceWorld>): void {
  const { cpus: ___, history: ____, ...target } = draft;
  assign(target, memory);
}

function assign(target: object, source: object): void {
  for (const [name, value] of Object.entries(source)) {
    const own = (target as { readonly [name: string]: unknown })[name];
    if (typeof value === "object" && value !== null) {
      assign(own as object, value);
    } else if (own !== value) {
      (target as { [name: string]: unknown })[name] = value;
    }
  }
}
