/** Where faulty kernels are caught, in words. */
import type { Catch } from "../variant.ts";

/** A property has a counterexample of so many steps. */
export function violates(
  property: string,
  steps: number,
  machine: string,
  bounds: Catch["bounds"],
  config: string = "",
): Catch {
  return { property, steps, machine, bounds, config };
}

/** A witness can no longer be reached: the kernel has lost behaviour that it must have. */
export function neverShows(property: string, machine: string, bounds: Catch["bounds"], config: string = ""): Catch {
  return { property, machine, bounds, config };
}
