/** Which states of an enumeration are reached by a given number of MMs, and whether a counterexample to induction is. */

import { interpret } from "../explore/model/interpreter.ts";
import type { Model } from "../explore/model/model.ts";
import { compile } from "../explore/search/compile.ts";
import { search } from "../explore/search/search.ts";
import { stateGraph } from "../explore/search/state-graph.ts";
import { callsOf, execute, type Trace } from "../explore/search/trace.ts";
import type { NumberState } from "./check-obligations.ts";
import { type CountingBounds, type CountingWorld, countingMachine, inRoles } from "./counting-machine.ts";
import { classOf, type EnumerationBounds } from "./enumerate.ts";
import type { ExecutedFunctions } from "./executed-functions.ts";
import type { Invariant } from "./theory.ts";

/** More states than any machine here has within bounds for which a proof enumerates states. */
const MOST_STATES = 1_000_000;

/** Comparison of the reachable states of a machine with the states of an enumeration. */
export interface Coverage<S = NumberState> {
  /** Reachable states within the bounds of the enumeration, each with every MM as the one that acts, in roles. */
  readonly reached: number;
  /** Of these, the ones that the enumeration does not have. */
  readonly missing: readonly S[];
  /** States of the enumeration that are not reached. */
  readonly unreached: number;
}

/** Compares states of an enumeration with those that MMs reach. */
export function coverage(
  functions: ExecutedFunctions,
  mms: number,
  invariant: Invariant,
  { pages, mappings, others }: EnumerationBounds,
  enumerated: readonly NumberState[],
): Coverage {
  const machine = countingMachine(functions, { pages, mms, mappings }, invariant);
  return comparedStates(reachedBy(machine, mms, others, inRoles), enumerated, keyOf);
}

/**
 * The states that a machine reaches, each with every MM as the one that acts, in roles.
 *
 * @param others most mappings of all MMs together that have no role
 */
export function reachedBy<W, C, V, S extends NumberState>(
  machine: Model<W, C, V>,
  mms: number,
  others: number,
  inRolesOf: (world: W, actor: number) => S,
): readonly S[] {
  const { nodes } = stateGraph(machine, { maxStates: MOST_STATES });
  return nodes
    .flatMap(({ state }) => Array.from({ length: mms }, (_, actor) => inRolesOf(state, actor)))
    .filter((each) => each.others.mappings <= others);
}

/** Compares reached states with enumerated ones. @param key the same for equal states */
export function comparedStates<S>(
  reachedStates: readonly S[],
  enumerated: readonly S[],
  key: (state: S) => string,
): Coverage<S> {
  const reached = new Map(reachedStates.map((state) => [key(state), state]));
  const keys = new Set(enumerated.map(key));
  return {
    reached: reached.size,
    missing: [...reached].filter(([each]) => !keys.has(each)).map(([, state]) => state),
    unreached: [...keys].filter((each) => !reached.has(each)).length,
  };
}

function keyOf(state: NumberState): string {
  return `${classOf(state)} ${state.exact}`;
}

/** A shortest execution after which the invariant, a claim or a kernel assertion fails. */
export interface Reached<W = CountingWorld> {
  /** Id of what fails: as in an obligation. */
  readonly fails: string;
  readonly trace: Trace<W>;
}

/** Searches such an execution. @returns undefined when there is none within the bounds */
export function reachedFailure(
  functions: ExecutedFunctions,
  bounds: CountingBounds,
  invariant: Invariant,
): Reached | undefined {
  return failureIn(countingMachine(functions, bounds, invariant));
}

/** A shortest execution of a model after which one of its properties fails. */
export function failureIn<W, C, V>(model: Model<W, C, V>): Reached<W> | undefined {
  const machine = compile(model);
  const [finding] = search(machine).violations;
  return finding === undefined
    ? undefined
    : {
        fails: machine.properties[finding.property]?.id ?? "",
        trace: execute(interpret(model), finding.path.initial, callsOf(model, finding.path)),
      };
}
