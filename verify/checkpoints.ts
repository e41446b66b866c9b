/**
 * Resumable runs: a folder holds a checkpoint of each unfinished run, and the report of each finished one. The names of
 * a run's files contain a digest of what it explores.
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

/** Interval between the checkpoints of a run. */
const EVERY_SECONDS = 300;

/** The files of one run. */
export interface RunFiles {
  readonly checkpoint: string;
  readonly report: CacheEntry;
  /** Identity of the run: its job, and digests of the model's code. */
  readonly subject: string;
}

/**
 * Creates a folder unless it exists.
 *
 * @param purpose begins the message
 * @throws UsageError when it cannot be created, is no folder, or is not readable and writable
 */
export function prepareFolder(folder: string, purpose: string): void {
  try {
    if (!existsSync(folder)) {
      mkdirSync(folder);
    } else if (!statSync(folder).isDirectory()) {
      throw new Error("it is not a folder");
    }
    accessSync(folder, constants.R_OK | constants.W_OK);
  } catch (error) {
    throw new UsageError(`cannot ${purpose} ${folder}: ${reasonOf(error)}`);
  }
}

/** Returns the files of a job in a folder. Their names differ for another job, and for the same job with other code. */
export function filesOf(folder: string, resolved: ResolvedJob, model: AnyModel): RunFiles {
  const { machine, kernel, against, config, bounds, symmetry, claims, allViolations, calls } = resolved.job;
  // The source text of a lockstep model's recipes does not contain the recipes of its two models.
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

/**
 * Digests the source text of recipes, kernel functions and properties: other code does not resume from the checkpoint.
 */
function codeOf({ actions, properties, context, schema }: AnyModel): string {
  return digest(JSON.stringify([[context, actions, properties].map(functionsIn), schema]));
}

/** Returns the source texts of all functions in a tree of objects. */
function functionsIn(value: unknown): string[] {
  if (typeof value === "function") {
    return [String(value)];
  }
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(functionsIn) : [];
}

/** Reads the report of a finished run. A damaged report counts as absent, so that the run is repeated. */
export function finishedReport({ report }: RunFiles): RunReport | undefined {
  const bytes = report.read();
  return bytes && (JSON.parse(Buffer.from(bytes).toString("utf8")) as RunReport);
}

/**
 * Returns the checkpoint options of a run's search: it writes to the run's file, and resumes from the file if it
 * exists. A failed write does not end the search.
 *
 * @param onSave called after each attempt to write, with the failure if there was one
 */
export function checkpointing(
  { checkpoint, subject }: RunFiles,
  onSave: (failure: UnwrittenFile | undefined) => void,
): Checkpointing {
  return {
    subject,
    everySeconds: EVERY_SECONDS,
    save: (chunks) => onSave(failureOf(checkpoint, () => writeCheckpointFile(checkpoint, chunks))),
    ...(existsSync(checkpoint) && { resume: readCheckpointFile(checkpoint) }),
  };
}

/**
 * Writes the report of a finished run, and removes its checkpoint.
 *
 * @returns the failure when the report cannot be written: then the checkpoint remains
 */
export function storeReport({ checkpoint, report }: RunFiles, run: RunReport): UnwrittenFile | undefined {
  return failureOf(report.path, () => {
    report.write(Buffer.from(JSON.stringify(run)));
    rmSync(checkpoint, { force: true });
  });
}

/**
 * Runs `write` and returns its system error, if it raises one.
 *
 * @throws any other error of `write`
 */
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
