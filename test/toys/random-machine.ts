/** Random machines: see described-machine.ts. */
import type { Model } from "../../explore/model/model.ts";
import * as fc from "../fast-check.ts";
import { type Description, machineOf, type RandomWorld, type Rule } from "./described-machine.ts";

export type { RandomWorld };

export const randomDescription: fc.Arbitrary<Description> = fc.record<Description>({
  shape: fc.record({
    as: fc.integer({ min: 1, max: 3 }),
    bs: fc.integer({ min: 1, max: 2 }),
    values: fc.integer({ min: 0, max: 2 }),
    own: fc.boolean(),
    wide: fc.boolean(),
  }),
  rules: fc.array(
    fc.record<Rule>({
      array: fc.constantFrom("as", "bs"),
      guard: fc.constantFrom("value", "free", "points", "counter", "chosen", "none"),
      guardValue: fc.nat(2),
      effect: fc.constantFrom("step", "reset", "own", "other", "drop", "counter", "choose", "copy"),
    }),
    { minLength: 1, maxLength: 4 },
  ),
  deadlock: fc.constantFrom("allowed", "error"),
  claim: fc.nat(6),
});

export const randomMachine: fc.Arbitrary<Model<RandomWorld, null>> = randomDescription.map(machineOf);
