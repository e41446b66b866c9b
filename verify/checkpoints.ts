/**
 * Runs that can be taken up again: a folder keeps a checkpoint of each run that is under way, and the report of each that
 * is done. A run finds its own files there by what it explores.
 */
import { createHash } from "node:crypto";
import { accessSync, constants, existsSync, mkdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Checkpointing } from "../explore/checkpoint/checkpoint.ts";
import { readCheckpointFile, writeCheckpointFile } from "../explore/checkpoint/checkpoint-file.ts";
import { CacheEntry } from "../files/cache-entry.ts";
import { reasonOf } from "../files/error-reason.ts";
import type { AnyModel } from "../machines/machine.ts";
import type { ResolvedJob } from "./job/job.ts";
import { REPORT_VERSION, type RunReport, type UnwrittenFile } from "./report/report.ts";
import { UsageError } from "./request/usage-error.ts";

/** How often a run that is under way writes a checkpoint. */
const EVERY_SECONDS = 300;

/** The files of one run. */
export interface RunFiles {
  readonly checkpoint: string;
  readonly report: CacheEntry;
  /** What the run explores, and with which code. */
  readonly subject: string;
}

/** @throws UsageError when there can be no files in the folder */
export function prepareFolder(folder: string): void {
  try {
    if (!existsSync(folder)) {
      mkdirSync(folder);
    } else if (!statSync(folder).isDirectory()) {
      throw new Error("it is not a folder");
    }
    accessSync(folder, constants.R_OK | constants.W_OK);
  } catch (error) {
    throw new UsageError(`cannot keep checkpoints in ${folder}: ${reasonOf(error)}`);
  }
}

/** The files of a job in a folder. Another job, or the same with other code, has others. */
export function filesOf(folder: string, resolved: ResolvedJob, model: AnyModel): RunFiles {
  const { machine, kernel, against, config, bounds, symmetry, claims, allViolations, calls } = resolved.job;
  // The recipes of two kernels in lockstep do not show those that they take.
  const models = against === undefined ? [model] : [model, resolved.definition.build(bounds, resolved.kernel, calls)];
  const code = models.map(codeOf);
  const subject = JSON.stringify({
    machine,
    kernel,
    against,
    config,
    bounds,
    symmetry,
    claims,
    allViolations,
    calls,
    code,
  });
  return {
    checkpoint: join(folder, `${machine}-${digest(subject).slice(0, 12)}.checkpoint`),
    report: new CacheEntry(folder, `${machine}-report`, [String(REPORT_VERSION), subject]),
    subject,
  };
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** What recipes, kernel functions and properties say, so that a checkpoint is not taken up by other ones. */
function codeOf({ actions, properties, context, schema }: AnyModel): string {
  return digest(JSON.stringify([[context, actions, properties].map(functionsIn), schema]));
}

/** The source texts of all functions in a tree of objects. */
function functionsIn(value: unknown): string[] {
  if (typeof value === "function") {
    return [String(value)];
  }
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(functionsIn) : [];
}

/** The report of a run that is done already, if it is: a damaged one reads as absent, and the run is done again. */
export function finishedReport({ report }: RunFiles): RunReport | undefined {
  const bytes = report.read();
  return bytes && (JSON.parse(Buffer.from(bytes).toString("utf8")) as RunReport);
}

/**
 * How the run's search leaves checkpoints, and where it resumes. A checkpoint that cannot be written does not end the search.
 *
 * @param saved called after each attempt, with the failure if it failed
 */
export function checkpointing(
  { checkpoint, subject }: RunFiles,
  saved: (failure: UnwrittenFile | undefined) => void,
): Checkpointing {
  return {
    subject,
    everySeconds: EVERY_SECONDS,
    save: (chunks) => saved(failureOf(checkpoint, () => writeCheckpointFile(checkpoint, chunks))),
    ...(existsSync(checkpoint) && { resume: readCheckpointFile(checkpoint) }),
  };
}

/**
 * Stores the report of a run that is done, and removes its checkpoint.
 *
 * @returns the failure when it cannot be stored: then the checkpoint stays
 */
export function keepReport({ checkpoint, report }: RunFiles, run: RunReport): UnwrittenFile | undefined {
  return failureOf(report.path, () => {
    report.write(Buffer.from(JSON.stringify(run)));
    rmSync(checkpoint, { force: true });
  });
}

/** @throws whatever is not an error of the system */
function failureOf(file: string, write: () => void): UnwrittenFile | undefined {
  try {
    write();
    return undefined;
  } catch (error) {
    if (error instanceof Error && "syscall" in error) {
      return { file, reason: reasonOf(error) };
    }
    throw error;
  }
}
