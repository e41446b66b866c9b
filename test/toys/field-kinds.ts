/**
 * Every kind of field in one machine: more than 8 bits, no bits, negative ranges, flags, a flag that is never true,
 * constants, records in records, and arrays in records. A conveyor of 2 stations passes a part along; 2 initial states.
 */
import { action, always, type Model, noWarning, sometimes, sometimesStep } from "../../explore/model/model.ts";
import { array, at, bool, constant, int, never, type StructField, self, struct } from "../../explore/model/schema.ts";

const STATIONS = 2;

const schema: StructField<Conveyor> = struct({
  weight: int(0, 1000, 500),
  unit: int(7, 7),
  temperature: int(-20, 20, -5),
  running: bool(),
  alarmed: bool(true),
  broken: never(),
  capacity: constant(STATIONS),
  metric: constant(true),
  belt: struct({
    part: struct({ position: int(0, STATIONS), turned: bool() }),
    stations: array(
      struct({ number: self(), wear: int(-1, 1, -1), spare: struct({ number: self(), left: int(4, 5, 5) }) }),
      STATIONS,
    ),
    nothing: array(struct({ value: int(0, 9) }), 0),
    empty: struct({}),
  }),
});

export interface Conveyor {
  weight: number;
  unit: number;
  temperature: number;
  running: boolean;
  alarmed: boolean;
  broken: boolean;
  readonly capacity: number;
  readonly metric: boolean;
  readonly belt: {
    readonly part: { position: number; turned: boolean };
    readonly stations: readonly {
      readonly number: number;
      wear: number;
      readonly spare: { readonly number: number; left: number };
    }[];
    readonly nothing: readonly { value: number }[];
    readonly empty: object;
  };
}

/** Codes of the warnings that the recipes raise. */
export const ConveyorWarning = { cold: 1, worn: 2, upsideDown: 3, broken: 4 } as const;

export interface ConveyorOptions {
  /** Moving a part over a worn station raises a warning. */
  readonly warnWorn?: boolean;
}

/** Receives warnings of recipes, and counts evaluations of their conditions. */
interface ConveyorLog {
  first: number;
  evaluations: Float64Array;
}

export function conveyor(options: ConveyorOptions = {}): Model<Conveyor, { readonly log: ConveyorLog }> {
  const log: ConveyorLog = { first: 0, evaluations: new Float64Array(5) };
  const station = Array.from({ length: STATIONS }, (_, i) => i);
  return {
    name: `a conveyor of every kind of field${options.warnWorn ? ", warning when worn" : ""}`,
    schema,
    context: { log },
    view: (state) => state,
    initial: [
      () => {},
      (state) => {
        state.weight = 1000;
        state.belt.part.turned = true;
        at(state.belt.stations, 1).wear = 0;
      },
    ],
    warnings: { log, text: (code) => `warning ${code}` },
    actions: [
      action("start", { slowly: [false, true] }, (state: Conveyor, _, { slowly }) => {
        if (state.running) {
          return false;
        }
        state.running = true;
        state.temperature = slowly ? -20 : 20;
        state.alarmed = !slowly;
        state.broken = false;
        return true;
      }),
      action("move", {}, (state: Conveyor, context) => {
        const { part } = state.belt;
        if (!state.running || part.position === state.capacity) {
          return false;
        }
        const next = at(state.belt.stations, part.position);
        if (options.warnWorn && next.wear === 1) {
          context.log.first = ConveyorWarning.worn;
        }
        if (part.turned) {
          count(context.log, ConveyorWarning.upsideDown);
          if (part.position === 2) {
            context.log.first = ConveyorWarning.upsideDown;
          }
        }
        if (state.broken) {
          count(context.log, ConveyorWarning.broken);
        }
        next.wear = Math.min(1, next.wear + 1);
        part.position = next.number;
        part.turned = !part.turned;
        state.weight = (1500 + state.unit - state.weight) % 1001;
        return true;
      }),
      action("repair", { station }, (state: Conveyor, _, parameters) => {
        const which = at(state.belt.stations, parameters.station);
        if (which.wear !== 1 || which.spare.left === 4) {
          return false;
        }
        which.wear = -1;
        which.spare.left -= 1;
        return true;
      }),
      action("takeOff", {}, (state: Conveyor) => {
        if (state.belt.part.position !== STATIONS) {
          return false;
        }
        state.belt.part.position = 0;
        state.running = false;
        return true;
      }),
    ],
    properties: [
      always({
        id: "metric",
        claim: "The machine is metric, has 2 stations and knows their numbers",
        source: "the model's author",
        holds: (state) =>
          state.metric &&
          state.capacity === state.belt.stations.length &&
          state.unit === 7 &&
          !state.broken &&
          state.belt.stations.every((each, i) => each.number === i + 1 && each.spare.number === i + 1),
      }),
      always({
        id: "never-cold",
        claim: "A machine that runs is at -20 or 20 degrees",
        source: "the model's author",
        when: (state) => state.running,
        holds: (state) => Math.abs(state.temperature) === 20,
      }),
      sometimes({
        id: "worn-out",
        claim: "A station can be worn when it has no spare part left",
        source: "the model's author",
        reached: (state) => state.belt.stations.some((each) => each.wear === 1 && each.spare.left === 4),
      }),
      sometimesStep({
        id: "heavier",
        claim: "A move can make the part heavier",
        source: "the model's author",
        reached: (before, after) => after.weight > before.weight,
      }),
      noWarning({
        id: "no-warning",
        claim: "No warning is raised",
        source: "the model's author",
        codes: [ConveyorWarning.cold, ConveyorWarning.worn],
      }),
      noWarning({
        id: "upside-down",
        claim: "No part that is moved upside down is at the end of the belt",
        source: "the model's author",
        codes: [ConveyorWarning.upsideDown],
        counted: true,
      }),
      noWarning({
        id: "broken",
        claim: "Nothing goes wrong with a broken machine",
        source: "the model's author",
        codes: [ConveyorWarning.broken],
        counted: true,
      }),
    ],
  };
}

function count(log: ConveyorLog, code: number): void {
  log.evaluations[code] = (log.evaluations[code] ?? 0) + 1;
}
