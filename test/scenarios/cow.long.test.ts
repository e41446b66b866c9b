import { describe, expect, it } from "vitest";
import { KERNELS, kernelIn, MATRIX } from "./matrix.ts";

describe.each(KERNELS)("Copy-on-write in $name, $config:", ({ name, config }) => {
  const kernel = kernelIn(name, config);

  it.each(MATRIX.map((scenario) => [scenario.name, scenario] as const))("%s", (_, scenario) => {
    const { expected } = scenario;
    expect(scenario.play(kernel)).toEqual([expected, expected]);
  });
});
