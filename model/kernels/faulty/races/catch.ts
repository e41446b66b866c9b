/** Builders of Catch for machine race, with as few operations and MMs as needed. */
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
 * Returns the catch by a property that is violated if two CPUs start and exit processes, fork, fault and zap.
 *
 * @param more bounds other than two CPUs, two MMs and two pages, or further operations
 */
export function raceViolates(property: string, more: Catch["bounds"] = {}, config: string = ""): Catch {
  return { property, machine: "race", bounds: { ...FEW, ...more }, config };
}

/**
 * Returns the catch by a property that is violated if each CPU executes a few fixed calls: much faster to find than
 * with arbitrary calls.
 *
 * @param cpus calls, separated by a bar between CPUs
 * @param more calls before them, and bounds other than two MMs and two pages
 */
export function callsViolate(
  property: string,
  cpus: string,
  { start = "anonFault(0)", bounds = {}, config = "" }: Partial<Catch> & { start?: string } = {},
): Catch {
  return { property, machine: "race", bounds, config, calls: { start, cpus } };
}
