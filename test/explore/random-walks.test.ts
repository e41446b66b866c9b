import { describe, expect, it } from "vitest";
import { interpret } from "../../explore/model/interpreter.ts";
import { formatCall, type Model } from "../../explore/model/model.ts";
import { compile } from "../../explore/search/compile.ts";
import * as fc from "../fast-check.ts";
import { accounts } from "../toys/accounts.ts";
import { faultyToys, soundToys, type Toy, toy } from "../toys/all.ts";
import { counterGrid } from "../toys/counter-grid.ts";
import { encodingOf } from "../toys/random-schema.ts";
import { twoPhaseCommit } from "../toys/two-phase-commit.ts";

/** Checks one state: packed and immutable recipes must agree on everything. @returns the successors */
function compareAt<S, C, V>(model: Model<S, C, V>): (state: S) => S[] {
  const machine = compile(model);
  const interpreter = interpret(model);
  const { encode, decode } = encodingOf(model.schema);
  const { memory, words, warnings } = machine;
  return (state) => {
    const packed = encode(state);
    const successors: S[] = [];
    const enabled: string[] = [];
    machine.actions.forEach((table, a) => {
      for (let instance = 0; instance < table.instances; instance++) {
        const { name, choices } = model.actions[a] as (typeof model.actions)[number];
        const call = { action: name, parameters: choices[instance] ?? {} };
        expect(table.call(instance)).toEqual(call);
        memory.set(packed);
        memory.set(packed, words);
        warnings.first = 0;
        const isEnabled = table.apply(instance);
        const warning = warnings.first;
        const outcome = interpreter.attempt(state, call);
        expect(isEnabled, formatCall(call)).toBe(outcome.enabled);
        if (!outcome.enabled) {
          expect(memory.subarray(0, words)).toEqual(packed);
          continue;
        }
        enabled.push(formatCall(call));
        successors.push(outcome.state);
        expect(decode(memory), formatCall(call)).toEqual(outcome.state);
        // Equal states must have equal words: no bit outside the fields is ever set.
        expect(memory.subarray(0, words)).toEqual(encode(outcome.state));
        expect(warning).toBe(outcome.warning ?? 0);
        machine.refresh();
        machine.refreshBefore();
        machine.properties.forEach((property, p) => {
          if (property.kind !== "warning") {
            const isWitness = property.kind === "sometimes" || property.kind === "sometimes-step";
            const decided = property.evaluate() === isWitness;
            expect(decided, property.id).toBe(interpreter.decides(p, state, outcome.state));
          }
        });
      }
    });
    expect(interpreter.enabledActions(state).map(formatCall)).toEqual(enabled);
    return successors;
  };
}

const larger: readonly Toy[] = [toy(twoPhaseCommit(7)), toy(accounts(9)), toy(counterGrid(12, 200))];

describe("Packed and immutable states", () => {
  it.each([...soundToys, ...faultyToys, ...larger])(
    "packed and immutable states agree on random walks of $name",
    (each) => {
      each.with((model) => {
        const compare = compareAt(model);
        const { initialStates } = interpret(model);
        fc.assert(
          fc.property(fc.nat(), fc.array(fc.nat(), { maxLength: 12 }), (start, choices) => {
            let state = initialStates[start % initialStates.length] as (typeof initialStates)[number];
            for (const choice of choices) {
              const successors = compare(state);
              if (successors.length === 0) {
                return;
              }
              state = successors[choice % successors.length] as typeof state;
            }
          }),
          { numRuns: 12 },
        );
      });
    },
  );

  it.each([...soundToys, ...faultyToys])("packed and immutable initial states of $name are equal", (each) => {
    each.with((model) => {
      const machine = compile(model);
      const { encode } = encodingOf(model.schema);
      const { initialStates } = interpret(model);
      expect(machine.initialStates).toBe(initialStates.length);
      initialStates.forEach((state, i) => {
        machine.memory.fill(-1, 0, machine.words);
        machine.loadInitial(i);
        expect(machine.memory.subarray(0, machine.words)).toEqual(encode(state));
      });
    });
  });
});
