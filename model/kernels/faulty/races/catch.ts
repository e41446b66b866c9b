/** Where machine race catches a faulty kernel: at as few operations and MMs as it takes. */
import type { Catch } from "../../variant.ts";

const FEW: Catch["bounds"] = {
  cpus: 2,
  pages: 2,
  mms: 2,
  pmd: 0,
  writes: 0,
  gup: 0,
  references: 0,
  readers: 0,
  shrinker: 0,
};

/**
 * A property has a counterexample when two CPUs start and exit processes, fork, fault and zap.
 *
 * @param more bounds that differ from two CPUs, two MMs and two pages, or further operations
 */
export function raceViolates(property: string, more: Catch["bounds"] = {}, config: string = ""): Catch {
  return { property, machine: "race", bounds: { ...FEW, ...more }, config };
}

/**
 * A property has a counterexample when each CPU executes a few given calls: much faster found than in any sequence of any.
 *
 * @param cpus the calls, with a bar between CPUs
 * @param more calls before them, and bounds that differ from two MMs and two pages
 */
export function callsViolate(
  property: string,
  cpus: string,
  { start = "anonFault(0)", bounds = {}, config = "" }: Partial<Catch> & { start?: string } = {},
): Catch {
  return { property, machine: "race", bounds, config, calls: { start, cpus } };
}
