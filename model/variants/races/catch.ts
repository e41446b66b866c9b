/** Where machine race catches a faulty kernel: at as few operations and MMs as it takes. */
import type { Catch } from "../variant.ts";

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
