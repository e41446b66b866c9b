/** The race machine: CPUs that execute MM operations on one large anon folio. */
import type { Model, Property } from "../../explore/model.ts";
import {
  isAtRest,
  isDeadlocked,
  type OperationCall,
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

class View extends PageTableView implements RaceView {
  declare readonly world: RaceState<RaceWorld>;
  private readonly steps: RaceSteps<RaceWorld>;

  constructor(world: RaceState<RaceWorld>, kernel: Kernel, steps: RaceSteps<RaceWorld>) {
    super(world, kernel);
    this.steps = steps;
  }

  get isAtRest(): boolean {
    return isAtRest(this.world);
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
): Model<RaceState<RaceWorld>, Kernel, RaceView> {
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
  const model = (): Model<RaceState<RaceWorld>, Kernel, RaceView> => {
    engine.guards.begin();
    const steps = new RaceSteps<RaceWorld>(engine, codeOf);
    return {
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
      warnings: {
        log: kernel.warnings,
        text: (code) => {
          const race = dataRaces[code - DATA_RACES.first];
          return race === undefined ? warningText(code) : describeDataRace(race);
        },
      },
    };
  };
  return model();
}
