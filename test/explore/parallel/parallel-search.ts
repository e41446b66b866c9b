/** Searches with several workers, which get all states that they can: the models are too small for the usual schedule. */
import type { Machine } from "../../../explore/model/machine.ts";
import type { Schedule } from "../../../explore/search/parallel/schedule.ts";
import type { TeamOptions, Workers } from "../../../explore/search/parallel/team.ts";
import type { SearchOptions, SearchResult } from "../../../explore/search/search.ts";
import { compile, search, toyModule, toys, workersOf } from "./built-search.ts";

/** Hands out states from the first one on, in small chunks. */
export const EAGER: Schedule = { after: 0, waits: true, least: 1, most: 16 };

/** A model of toy-models.ts. */
export interface Subject {
  readonly name: "toyNumbered" | "machineOf" | "faultyCounter";
  readonly argument: unknown;
}

/** Compiles a model. */
export function machineOf({ name, argument }: Subject): Machine {
  return compile((toys[name] as (argument: unknown) => Parameters<typeof compile>[0])(argument));
}

/** The option for some workers: their number, or those of a pool that are idle. */
export function workersOn(
  subject: Subject,
  threads: TeamOptions["threads"],
  schedule: Schedule = EAGER,
): { readonly workers: Workers } {
  return { workers: workersOf({ threads, source: { module: toyModule, ...subject }, schedule }) };
}

/** The result of a search without times, or the error that it raises. */
export function outcomeOf(machine: Machine, options: SearchOptions): unknown {
  try {
    return withoutTimes(search(machine, options));
  } catch (error) {
    return { thrown: String(error), ...(error as object) };
  }
}

/** The part of a result that must not depend on workers or interruptions. */
export function withoutTimes({ seconds, resumedAt, ...rest }: SearchResult): unknown {
  return rest;
}

/** The part of a result that must not depend on moving states to disk, either. */
export function withoutSizes({ seconds, resumedAt, tableBytes, ...rest }: SearchResult): unknown {
  return rest;
}
