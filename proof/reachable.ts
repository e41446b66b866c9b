/** Which states of an enumeration are reached by a given number of MMs, and whether a counterexample to induction is. */

import { interpret } from "../explore/model/interpreter.ts";
import { compile } from "../explore/search/compile.ts";
import { search } from "../explore/search/search.ts";
import { stateGraph } from "../explore/search/state-graph.ts";
import { callsOf, execute, type Trace } from "../explore/search/trace.ts";
import { type CountingBounds, type CountingWorld, countingMachine, inRoles } from "./counting-machine.ts";
import { classOf, type EnumerationBounds, type NumberState } from "./enumerate.ts";
import type { ExecutedFunctions } from "./executed-functions.ts";
import type { Invariant } from "./invariant.ts";

/** More states than any machine here has within bounds for which a proof enumerates states. */
const MOST_STATES = 1_000_000;

/** Comparison of the reachable states of a machine with the states of an enumeration. */
export interface Coverage {
  readonly bounds: CountingBounds;
  /** Reachable states within the bounds of the enumeration, each with every MM as the one that acts, in roles. */
  readonly reached: number;
  /** Of these, the ones that the enumeration does not have. */
  readonly missing: readonly NumberState[];
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
  const bounds = { pages, mms, mappings };
  const { nodes } = stateGraph(countingMachine(functions, bounds, invariant), { maxStates: MOST_STATES });
  const reached = new Map<string, NumberState>();
  for (const { state } of nodes) {
    for (let actor = 0; actor < mms; actor++) {
      const each = inRoles(state, actor);
      if (each.others.mappings <= others) {
        reached.set(keyOf(each), each);
      }
    }
  }
  const keys = new Set(enumerated.map(keyOf));
  return {
    bounds,
    reached: reached.size,
    missing: [...reached].filter(([key]) => !keys.has(key)).map(([, state]) => state),
    unreached: [...keys].filter((key) => !reached.has(key)).length,
  };
}

function keyOf(state: NumberState): string {
  return `${classOf(state)} ${state.exact}`;
}

/** A shortest execution after which the invariant, a claim or a kernel assertion fails. */
export interface Reached {
  readonly bounds: CountingBounds;
  /** Id of what fails: as in an obligation. */
  readonly fails: string;
  readonly trace: Trace<CountingWorld>;
}

/** Searches such an execution. @returns undefined when there is none within the bounds */
export function reachedFailure(
  functions: ExecutedFunctions,
  bounds: CountingBounds,
  invariant: Invariant,
): Reached | undefined {
  const model = countingMachine(functions, bounds, invariant);
  const machine = compile(model);
  const [finding] = search(machine).violations;
  return finding === undefined
    ? undefined
    : {
        bounds,
        fails: machine.properties[finding.property]?.id ?? "",
        trace: execute(interpret(model), finding.path.initial, callsOf(model, finding.path)),
      };
}
