/** The race machine: CPUs that execute MM operations on one large anon folio. */
import type { ActionCall } from "../../explore/action-call.ts";
import { type Interpreter, interpret } from "../../explore/interpreter.ts";
import type { Model, Property } from "../../explore/model.ts";
import { at } from "../../explore/schema.ts";
import {
  type CpuState,
  isAtRest,
  isDeadlocked,
  type OperationCall,
  type PerformedAccess,
  type RaceDefinition,
  RaceEngine,
  type RaceOptions,
  type RaceState,
  RaceSteps,
  raceActions,
  raceSchema,
} from "../../races/race-model.ts";
import type { DataRace } from "../../races/data-races.ts";
import { describeDataRace } from "../../races/data-races.ts";
import { PageTableView } from "../environment/ground-truth.ts";
import type { Kernel } from "../kernel/kernel.ts";
import type { WorldView } from "../view.ts";
import { reportedState } from "./reported-state.ts";
import { drainedStore, type StepAccess, stepAccess } from "./step-access.ts";
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

/** What properties see of a state. */
export interface RaceView extends WorldView {
  readonly world: RaceState<RaceWorld>;
  /** Whether no CPU executes anything. */
  readonly isAtRest: boolean;
  /** Whether CPUs execute operations and all of them wait. */
  readonly isDeadlocked: boolean;
}

/** Codes of warnings that are data races: the first, and how many there can be. */
export const DATA_RACES = { first: 1000, count: 200 } as const;

/** How the machine is explored. */
export interface RaceChoices {
  readonly memoryModel: RaceOptions["memoryModel"];
  readonly reductions: RaceOptions["reductions"];
  readonly calls?: readonly (readonly OperationCall[])[];
  /** Names of the operations; all when absent. */
  readonly operations?: readonly string[];
}

type RaceModel = Model<RaceState<RaceWorld>, Kernel, RaceView>;

class View extends PageTableView implements RaceView {
  declare readonly world: RaceState<RaceWorld>;
  private readonly steps: RaceSteps<RaceWorld>;
  private rests: boolean | undefined;

  constructor(world: RaceState<RaceWorld>, kernel: Kernel, steps: RaceSteps<RaceWorld>) {
    super(world, kernel);
    this.steps = steps;
  }

  get isAtRest(): boolean {
    this.rests ??= isAtRest(this.world);
    return this.rests;
  }

  override refresh(): void {
    super.refresh();
    this.rests = undefined;
  }

  get isDeadlocked(): boolean {
    return isDeadlocked(this.steps, this.world);
  }
}

/** The machine at given bounds, with a kernel and the properties to check. One MM lives in the initial state. */
export function raceMachine(
  name: string,
  bounds: RaceBounds,
  kernel: Kernel,
  { operations: only, ...choices }: RaceChoices,
  properties: readonly Property<RaceView>[],
  warningText: (code: number) => string,
): RaceModel {
  const all = raceOperations(bounds, kernel);
  const definition: RaceDefinition<RaceWorld> = {
    schema: raceWorldSchema(bounds, kernel.tracksTotalMappedPages),
    roles: { sort: "mm", count: Math.min(2, bounds.mms) },
    describe: describeRaceField,
    fixed: fixedRaceField(bounds),
    isOneWord: isPageTableEntry,
    isObserved: (path) => isMapping(path) || path === "folios[0].largeMapcount" || path === "folios[0].refcount",
    warnings: kernel.warnings,
    operations: (port, cells) =>
      all(port, cells).filter((operation) => only === undefined || only.includes(operation.name)),
  };
  const options: RaceOptions = { cpus: bounds.cpus, ...choices };
  const engine = new RaceEngine<RaceWorld>(definition, options);
  const dataRaces: DataRace[] = [];
  const codeOf = (race: DataRace): number => {
    if (expectedDataRace(race) !== undefined) {
      return 0;
    }
    const known = dataRaces.indexOf(race);
    return DATA_RACES.first + (known >= 0 ? known : dataRaces.push(race) - 1);
  };
  const schema = raceSchema(definition, options, engine.cells, bounds.mms);
  const model = (): RaceModel => {
    engine.guards.begin();
    const steps = new RaceSteps<RaceWorld>(engine, codeOf);
    let interpreter: Interpreter<RaceState<RaceWorld>> | undefined;
    const revisedModel: RaceModel = {
      name,
      schema,
      context: kernel,
      initial: [
        ({ mms: [mm] }) => {
          if (mm !== undefined) {
            kernel.mmAllocId(mm);
            mm.live = true;
          }
        },
      ],
      actions: raceActions(engine, steps, bounds.mms),
      view: (world) => new View(world as RaceState<RaceWorld>, kernel, steps),
      refresh: (view) => view.refresh(),
      properties,
      revise: model,
      ...(choices.reductions.protectedAccesses && choices.memoryModel === "sc"
        ? { refine: (initial, calls) => ({ calls: smallSteps(revisedModel, steps, initial, calls), bounds: { merge: 0 } }) }
        : {}),
      stepDetails: (before, call) => {
        interpreter ??= interpret(revisedModel);
        return stepAccesses(engine, steps, interpreter, before as RaceState<RaceWorld>, call);
      },
      reported: (state) => reportedState(engine, state as RaceState<RaceWorld>),
      warnings: {
        log: kernel.warnings,
        text: (code) => {
          const race = dataRaces[code - DATA_RACES.first];
          return race === undefined ? warningText(code) : describeDataRace(race);
        },
      },
    };
    return revisedModel;
  };
  return model();
}

/** The calls of an execution with a call for each access. */
function smallSteps(
  model: RaceModel,
  steps: RaceSteps<RaceWorld>,
  initial: number,
  calls: readonly ActionCall[],
): ActionCall[] {
  const interpreter = interpret(model);
  const small: ActionCall[] = [];
  let state = at(interpreter.initialStates, initial);
  for (const call of calls) {
    const performed = logged(steps, () => {
      state = interpreter.step(state, call);
    });
    const { action, parameters } = call;
    const step = { action: "step", parameters: { cpu: parameters["cpu"] as number } };
    small.push(...(action === "step" ? [] : [call]), ...performed.map(() => step));
  }
  return small;
}

/** The accesses that are performed while something runs. */
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

/** The accesses of one step, which is taken once more. */
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
