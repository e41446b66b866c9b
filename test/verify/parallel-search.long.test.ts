/** The same counterexample for any number of workers, under every faulty kernel. */
import { expect, test } from "vitest";
import { VARIANTS } from "../../model/kernels/index.ts";
import { expectEqualOutcomes } from "./parallel-search.ts";

const catches = VARIANTS.flatMap(({ name, caught, alsoCaught = [] }) =>
  [...(caught === undefined ? [] : [caught]), ...alsoCaught]
    .filter(({ machine }) => machine !== "race")
    .map(({ machine, bounds, config }) => ({ kernel: name, machine, bounds, config })),
);

test.each(catches)("two workers find what one finds in $machine under $kernel", (request) => {
  expect(expectEqualOutcomes(request, 2)).not.toHaveProperty("thrown");
  // Beyond violations, a faulty kernel may break the rules of the explorer: then the errors are equal.
  expectEqualOutcomes({ ...request, allViolations: true, budget: { maxStates: 5_000 } }, 3);
});
