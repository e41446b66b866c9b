/**
 * Machines that obey the rules of symmetry: two scalarsets whose elements refer to each other and to themselves, some
 * fields outside, and a handful of guarded assignments that name elements by parameter only. They are built from plain
 * data, in any thread.
 */

import { type Action, action, always, alwaysStep, type Model, sometimes } from "../../explore/model/model.ts";
import { array, at, int, ref, type StructField, self, struct } from "../../explore/model/schema.ts";

interface Element {
  readonly number: number;
  value: number;
  toOwn: number;
  toOther: number;
}

export interface RandomWorld {
  readonly as: readonly Element[];
  counter: number;
  chosen: number;
  readonly bs: readonly Element[];
}

export interface Shape {
  readonly as: number;
  readonly bs: number;
  readonly values: number;
  readonly own: boolean;
  readonly wide: boolean;
}

/** The conditions and assignments of a rule, on an element of one scalarset and a second element of either. */
export interface Rule {
  readonly array: "as" | "bs";
  readonly guard: "value" | "free" | "points" | "counter" | "chosen" | "none";
  readonly guardValue: number;
  readonly effect: "step" | "reset" | "own" | "other" | "drop" | "counter" | "choose" | "copy";
}

function schemaOf({ as, bs, values, own, wide }: Shape): StructField<RandomWorld> {
  // A wide range does not add states: recipes use its first values only.
  const value = int(0, wide ? 65_535 : values);
  const element = (mine: string, mineCount: number, other: string, otherCount: number): StructField<Element> =>
    struct({
      number: self(),
      value,
      // Elements without references to their own scalarset can be sorted instead of permuted.
      toOwn: own ? ref(mine, mineCount) : int(0, 0),
      toOther: ref(other, otherCount),
    });
  return struct({
    as: array(element("a", as, "b", bs), as, { symmetric: "a" }),
    counter: int(0, 2),
    chosen: ref("a", as),
    bs: array(element("b", bs, "a", as), bs, { symmetric: "b" }),
  });
}

function actionOf(rule: Rule, index: number, shape: Shape): Action<RandomWorld, null> {
  const isA = rule.array === "as";
  const mine = Array.from({ length: isA ? shape.as : shape.bs }, (_, i) => i);
  const others = Array.from({ length: isA ? shape.bs : shape.as }, (_, i) => i);
  return action(`rule${index}`, { i: mine, j: mine, k: others }, (world: RandomWorld, _, { i, j, k }) => {
    const element = at(world[rule.array], i);
    const own = at(world[rule.array], j);
    const other = at(world[isA ? "bs" : "as"], k);
    switch (rule.guard) {
      case "value":
        if (element.value !== rule.guardValue) {
          return false;
        }
        break;
      case "free":
        if (element.toOther !== 0) {
          return false;
        }
        break;
      case "points":
        if (element.toOther !== other.number) {
          return false;
        }
        break;
      case "counter":
        if (world.counter !== rule.guardValue) {
          return false;
        }
        break;
      case "chosen":
        if (world.chosen !== (isA ? element.number : other.number)) {
          return false;
        }
        break;
      case "none":
        break;
    }
    switch (rule.effect) {
      case "step":
        element.value = (element.value + 1) % (shape.values + 1);
        break;
      case "reset":
        element.value = 0;
        break;
      case "own":
        element.toOwn = shape.own ? own.number : 0;
        break;
      case "other":
        element.toOther = other.number;
        break;
      case "drop":
        element.toOther = 0;
        element.toOwn = 0;
        break;
      case "counter":
        world.counter = (world.counter + 1) % 3;
        break;
      case "choose":
        world.chosen = isA ? element.number : other.number;
        break;
      case "copy":
        element.value = own.value;
        break;
    }
    return true;
  });
}

/** The choices that make a random machine, as plain data. */
export interface Description {
  readonly shape: Shape;
  readonly rules: readonly Rule[];
  readonly deadlock: "allowed" | "error";
  readonly claim: number;
}

/** Builds the machine of a description. */
export function machineOf({ shape, rules, deadlock, claim }: Description): Model<RandomWorld, null> {
  return {
    name: "a random machine",
    schema: schemaOf(shape),
    context: null,
    view: (state) => state,
    deadlock,
    actions: rules.map((rule, index) => actionOf(rule, index, shape)),
    properties: [
      always({
        id: "claim",
        claim: "The sum of all values and the counter stays below a number",
        source: "chance",
        when: (world) => world.chosen !== 0 || claim < 3,
        holds: (world) =>
          world.counter + [...world.as, ...world.bs].reduce((sum, each) => sum + each.value, 0) <= claim,
      }),
      alwaysStep({
        id: "step-claim",
        claim: "A step that moves the counter on leaves it above 0",
        source: "chance",
        when: (before, after) => before.counter !== after.counter,
        holds: (_, after) => claim % 2 === 0 || after.counter !== 0,
      }),
      sometimes({
        id: "meet",
        claim: "Two elements can point at each other",
        source: "chance",
        reached: (world) =>
          world.as.some((each) => each.toOther !== 0 && at(world.bs, each.toOther - 1).toOther === each.number),
      }),
    ],
  };
}
