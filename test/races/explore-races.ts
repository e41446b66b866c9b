/** Searches of small race machines for tests, with or without the engine's reductions. */
import { always, type Model, noWarning } from "../../explore/model/model.ts";
import { searchRevised } from "../../explore/search/revised.ts";
import { dataRaceName } from "../../races/data-races.ts";
import type { RaceDefinition } from "../../races/race-definition.ts";
import {
  ALL_REDUCTIONS,
  isAtRest,
  isDeadlocked,
  RaceEngine,
  type RaceOptions,
  type RaceState,
  RaceSteps,
  raceActions,
  raceSchema,
} from "../../races/race-model.ts";

/** The outcome of a race machine. All of it except the counts is the same with and without each reduction. */
export interface Reached {
  readonly states: number;
  readonly transitions: number;
  /** The states of shared memory in which all CPUs are idle, sorted. */
  readonly atRest: readonly string[];
  readonly deadlocks: boolean;
  /** Codes of all warnings, sorted. */
  readonly warnings: readonly number[];
  /** Names of the data races, sorted. */
  readonly dataRaces: readonly string[];
}

/** A race machine of a test. */
export interface Subject<S> {
  readonly definition: () => RaceDefinition<S>;
  readonly options: RaceOptions;
  /** Number of elements of the scalarset. */
  readonly elements: number;
  /** Turns the schema's initial values into the initial state. */
  readonly initial: (state: S) => void;
  /** Shared memory as text. */
  readonly textOf: (state: S) => string;
  /** Codes of warnings that threads and operations may raise. */
  readonly codes: readonly number[];
}

/** Disables all reductions. */
export const NO_REDUCTIONS: RaceOptions["reductions"] = {
  protectedAccesses: false,
  callFrames: false,
  nodeClasses: false,
};

/** A copy of a machine with other options. */
export function withOptions<S>(subject: Subject<S>, options: Partial<RaceOptions>): Subject<S> {
  return { ...subject, options: { ...subject.options, ...options } };
}

/** Explores a machine with the engine. */
export function exploreRaces<S>(subject: Subject<S>, symmetry: boolean = false): Reached {
  const { options, elements, initial, textOf, codes } = subject;
  const definition = subject.definition();
  const engine = new RaceEngine<S>(definition, options);
  let atRest = new Set<string>();
  let deadlocks = false;
  const model = (): Model<RaceState<S>, null, RaceState<S>> => {
    engine.begin();
    const steps = new RaceSteps<S>(engine, elements, () => 0);
    atRest = new Set();
    deadlocks = false;
    return {
      name: "races",
      schema: raceSchema(engine, elements),
      context: null,
      initial: [(state) => initial(state)],
      actions: raceActions(engine, steps, elements),
      view: (state) => state as RaceState<S>,
      properties: [
        always({
          id: "reached",
          claim: "collects",
          source: "test",
          holds: (view) => {
            const state = view as RaceState<S>;
            if (isAtRest(state)) {
              atRest.add(textOf(state));
            }
            deadlocks ||= isDeadlocked(steps, state);
            return true;
          },
        }),
        ...codes.map((code) =>
          noWarning<RaceState<S>>({ id: `W${code}`, claim: "is not raised", source: "test", codes: [code] }),
        ),
      ],
      warnings: { log: definition.warnings as { first: number }, text: String },
      revise: model,
      isVoid: () => engine.classes.isBroken,
    };
  };
  const { result } = searchRevised(model(), { symmetry, allViolations: true });
  const { states, transitions, properties } = result;
  return {
    states,
    transitions,
    atRest: [...atRest].sort(),
    deadlocks,
    warnings: codes.filter((_, i) => properties[i + 1]?.verdict === "violated"),
    dataRaces: [...engine.dataRaces.values()].map(dataRaceName).sort(),
  };
}

/** A copy of a machine with all reductions. */
export const reduced = <S>(subject: Subject<S>): Subject<S> => withOptions(subject, { reductions: ALL_REDUCTIONS });
