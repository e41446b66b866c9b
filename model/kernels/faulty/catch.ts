/** Builders of Catch for faulty kernels. */
import type { Catch } from "../variant.ts";

/** Returns the catch by a property with a shortest counterexample of `steps` steps. */
export function violates(
  property: string,
  steps: number,
  machine: string,
  bounds: Catch["bounds"],
  config: string = "",
): Catch {
  return { property, steps, machine, bounds, config };
}

/** Returns the catch by a witness that is unreachable: the kernel lacks required behaviour. */
export function neverShows(property: string, machine: string, bounds: Catch["bounds"], config: string = ""): Catch {
  return { property, machine, bounds, config };
}
