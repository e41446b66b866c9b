/** The same counterexample for any number of workers, under every faulty kernel. */
import { expect, test } from "vitest";
import { VARIANTS } from "../../model/kernels/index.ts";
import { expectEqualResults } from "./parallel-search.ts";

const catches = VARIANTS.flatMap(({ name, caught, alsoCaught = [] }) =>
  [...(caught === undefined ? [] : [caught]), ...alsoCaught]
    .filter(({ machine }) => machine !== "race")
    .map(({ machine, bounds, config }) => ({ kernel: name, machine, bounds, config })),
);

test.each(catches)("two workers find what one finds in $machine under $kernel", (request) => {
  expect(expectEqualResults(request, 2).symmetry).toBe(true);
  expectEqualResults({ ...request, allViolations: true, budget: { maxStates: 20_000 } }, 3);
});
