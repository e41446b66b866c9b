// The type of `process`, also where the file is part of a program for browsers.
/// <reference types="node" />

/**
 * V8's limits on inlining, raised for recipes that call kernel functions whose field accesses are accessor calls. In
 * this order: bytecode size of one function, of all functions inlined into one, of a function that is inlined at every
 * call site (accessors, with this limit), and in total.
 */
const FLAGS = [
  "--max-inlined-bytecode-size=3000",
  "--max-inlined-bytecode-size-cumulative=8000",
  "--max-inlined-bytecode-size-small=100",
  "--max-inlined-bytecode-size-absolute=20000",
];

let allowed = false;

/**
 * Raises the limits, once per process. Recipes then run up to twice as fast; results do not depend on it. Browsers do
 * not let scripts set flags: there it does nothing.
 */
export function allowDeepInlining(): void {
  if (allowed || typeof process === "undefined") {
    return;
  }
  allowed = true;
  // No import: bundles for browsers contain this module.
  const { setFlagsFromString } = process.getBuiltinModule("node:v8");
  for (const flag of FLAGS) {
    setFlagsFromString(flag);
  }
}
