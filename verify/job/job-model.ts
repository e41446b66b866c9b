/** Models of jobs in the worker threads of a search. */
import type { ModelSource } from "../../explore/search/parallel/model-source.ts";
import type { AnyModel } from "../../machines/machine.ts";
import { type Job, modelOf, resolve } from "./job.ts";

/** Builds the model of a job whose kernel is in the catalogue. */
export function jobModel(job: Job): AnyModel {
  return modelOf(resolve(job));
}

/** Returns the source of a job's model. */
export function sourceOf(job: Job): ModelSource {
  return { module: new URL("./job-model.js", import.meta.url).href, name: jobModel.name, argument: job };
}
