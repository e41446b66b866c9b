import { describe, expect, it } from "vitest";
import { interpret } from "../../explore/model/interpreter.ts";
import { isWitness, type Machine } from "../../explore/model/machine.ts";
import { type ActionCall, formatCall } from "../../explore/model/model.ts";
import { at } from "../../explore/model/schema.ts";
import { compile } from "../../explore/search/compile.ts";
import type { World } from "../../model/state/world.ts";
import type { WorldBounds } from "../../model/state/world-schema.ts";
import * as fc from "../fast-check.ts";
import { encodingOf } from "../toys/random-schema.ts";
import { type Everything, everything } from "./everything.ts";
import { kernelIn } from "./matrix.ts";

const FOUR_PAGES: WorldBounds = {
  pages: 4,
  minPages: 1,
  mms: 3,
  folios: 2,
  smallFolios: 4,
  pmd: 1,
  anon: 1,
  file: 1,
  swapSlots: 8,
  holders: 2,
};
const TWO_PAGES: WorldBounds = { ...FOUR_PAGES, pages: 2, smallFolios: 3, file: 2, swapSlots: 4 };
/** On 32-bit no PMD maps a folio of two pages, which has no entire mapcount. */
const TWO_PAGES_WITHOUT_PMD: WorldBounds = { ...TWO_PAGES, pmd: 0 };

const MACHINES: readonly { readonly kernel: string; readonly config: string; readonly bounds: WorldBounds }[] = [
  { kernel: "v7.1", config: "page-mapcount", bounds: FOUR_PAGES },
  { kernel: "v7.1", config: "no-page-mapcount", bounds: FOUR_PAGES },
  { kernel: "rfc-2026-04", config: "no-page-mapcount", bounds: FOUR_PAGES },
  { kernel: "v7.1", config: "page-mapcount", bounds: TWO_PAGES },
  { kernel: "v7.1", config: "no-page-mapcount,32bit", bounds: TWO_PAGES_WITHOUT_PMD },
  { kernel: "v7.1", config: "no-mm-id", bounds: TWO_PAGES },
];

/** Generates one number for each step of a walk, which selects the action and its instance. */
const choices = (length: number): fc.Arbitrary<number[]> =>
  fc.array(fc.nat(), { minLength: length, maxLength: length, size: "max" });

/** Whether an action instance of a packed machine is enabled; does not change the state. */
function isEnabled(machine: Machine, action: number, instance: number): boolean {
  const { memory, words } = machine;
  memory.copyWithin(words, 0, words);
  const enabled = at(machine.actions, action).apply(instance);
  memory.copyWithin(0, words, 2 * words);
  machine.warnings.first = 0;
  return enabled;
}

/**
 * Executes an enabled step of a packed machine. Actions are equally likely, independent of their number of instances.
 */
function step(machine: Machine, choice: number): string {
  const { memory, words } = machine;
  const enabled = machine.actions
    .map(({ instances }, action) =>
      Array.from({ length: instances }, (_, instance) => ({ action, instance })).filter(({ instance }) =>
        isEnabled(machine, action, instance),
      ),
    )
    .filter((instances) => instances.length > 0);
  const instances = at(enabled, choice % enabled.length);
  const { action, instance } = at(instances, Math.floor(choice / enabled.length) % instances.length);
  memory.copyWithin(words, 0, words);
  const table = at(machine.actions, action);
  table.apply(instance);
  return formatCall(table.call(instance));
}

/** Returns the properties that the last step violated. */
function violated(machine: Machine): string[] {
  const { first } = machine.warnings;
  machine.refresh();
  machine.refreshBefore();
  const byWarning = first === 0 ? [] : [at(machine.properties, machine.propertyOfWarning(first)).id];
  const byLooking = machine.properties.filter(
    ({ kind, evaluate }) => kind !== "warning" && !isWitness(kind) && evaluate() === false,
  );
  return [...byWarning, ...byLooking.map(({ id }) => id)];
}

describe.each(MACHINES)("With every action of every scope, in $kernel, $config, at $bounds.pages pages:", (each) => {
  const model = everything(each.bounds, kernelIn(each.kernel, each.config));

  it("random walks violate no property", () => {
    const machine = compile(model);
    fc.assert(
      fc.property(choices(100), (walk) => {
        machine.loadInitial(0);
        const calls: string[] = [];
        for (const choice of walk) {
          calls.push(step(machine, choice));
          expect(violated(machine), calls.join("\n")).toEqual([]);
        }
      }),
      { numRuns: 40 },
    );
  });

  it("packed and immutable states agree on enabled actions, successors, warnings and properties", () => {
    const { compare, start } = comparison(model);
    fc.assert(
      fc.property(choices(25), (walk) => {
        walk.reduce(compare, start);
      }),
      { numRuns: 1 },
    );
  });
});

/** Executes a step on packed and on immutable states, and expects equal results. */
function comparison(model: Everything) {
  const machine = compile(model);
  const interpreter = interpret(model);
  const { encode, decode } = encodingOf(model.schema);
  const { memory, words, warnings } = machine;
  const load = (state: World): void => {
    memory.set(encode(state));
    memory.set(encode(state), words);
    warnings.first = 0;
  };
  const packed = (state: World): string[] =>
    machine.actions.flatMap((table) =>
      Array.from({ length: table.instances }, (_, instance) => instance)
        .filter((instance) => {
          load(state);
          return table.apply(instance);
        })
        .map((instance) => formatCall(table.call(instance))),
    );
  const compare = (state: World, choice: number): World => {
    const calls = interpreter.enabledActions(state);
    expect(packed(state)).toEqual(calls.map(formatCall));
    const actions = [...new Set(calls.map(({ action }) => action))];
    const instances = calls.filter(({ action }) => action === actions[choice % actions.length]);
    const call = at(instances, Math.floor(choice / actions.length) % instances.length);
    load(state);
    const table = at(
      machine.actions,
      model.actions.findIndex(({ name }) => name === call.action),
    );
    table.apply(instanceOf(model, call));
    const outcome = interpreter.attempt(state, call);
    expect(outcome).toEqual({
      enabled: true,
      state: decode(memory),
      ...(warnings.first !== 0 && { warning: warnings.first }),
    });
    const next = outcome.enabled ? outcome.state : state;
    machine.refresh();
    machine.refreshBefore();
    machine.properties.forEach(({ kind, id, evaluate }, p) => {
      if (kind !== "warning") {
        expect(evaluate() === isWitness(kind), id).toBe(interpreter.decides(p, state, next));
      }
    });
    return next;
  };
  return { compare, start: at(interpreter.initialStates, 0) };
}

function instanceOf(model: Everything, call: ActionCall): number {
  const choices = model.actions.find(({ name }) => name === call.action)?.choices ?? [];
  return choices.findIndex((parameters) => formatCall({ ...call, parameters }) === formatCall(call));
}
