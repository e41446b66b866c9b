/** Compares searches of real machines with several workers with those of one worker. */
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect } from "vitest";
import type { SearchOptions, SearchResult } from "../../explore/search/search.ts";
import type { JobRequest } from "../../verify/job/job.ts";
import { projectFolder } from "../build-once.ts";
import { resolve } from "./built.ts";

const built = (file: string): Promise<unknown> => import(pathToFileURL(join(projectFolder, "dist", file)).href);
const { compile, search, workersOf } = (await built("explore/index.js")) as typeof import("../../explore/index.ts");
const { jobModel, sourceOf } = (await built(
  "verify/job/job-model.js",
)) as typeof import("../../verify/job/job-model.ts");

/** Hands out states from the first one on. */
const SCHEDULE = { after: 0, waits: true, least: 1, most: 64 };

/** A result without the time, or the error that a search raises. */
type Outcome = Omit<SearchResult, "seconds"> | { readonly thrown: string };

/** Searches a job's model, and expects the same outcome of several workers. Returns it. */
export function expectEqualOutcomes(request: JobRequest, workers: number): Outcome {
  const { job } = resolve(request);
  const { symmetry, allViolations = false, budget } = job;
  const run = (more: Pick<SearchOptions, "workers">): Outcome => {
    try {
      const { seconds, ...result } = search(compile(jobModel(job)), { symmetry, allViolations, budget, ...more });
      return result;
    } catch (error) {
      return { thrown: String(error), ...(error as object) };
    }
  };
  const alone = run({});
  expect(run({ workers: workersOf({ threads: workers, source: sourceOf(job), schedule: SCHEDULE }) })).toEqual(alone);
  return alone;
}
