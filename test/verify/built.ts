/**
 * Built modules of verify/ for tests. Their searches run at full speed, unlike modules transformed by the test runner,
 * and the pool finds the file of its worker.
 */
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { projectFolder } from "../build-once.ts";
// Imported for its check that the build exists.
import "../built-cli.ts";

const built = (file: string): Promise<unknown> =>
  import(pathToFileURL(join(projectFolder, "dist", "verify", `${file}.js`)).href);

const job = (await built("job/job")) as typeof import("../../verify/job/job.ts");
const pool = (await built("pool")) as typeof import("../../verify/pool.ts");
const raceRequest = (await built("job/race-request")) as typeof import("../../verify/job/race-request.ts");
const run = (await built("run")) as typeof import("../../verify/run.ts");
const suite = (await built("suite")) as typeof import("../../verify/suite.ts");
const replayModule = (await built("trace/replay")) as typeof import("../../verify/trace/replay.ts");

export const resolve: typeof job.resolve = job.resolve;
export const resolveCalls: typeof raceRequest.resolveCalls = raceRequest.resolveCalls;
export const runJobs: typeof pool.runJobs = pool.runJobs;
export const JobFailure: typeof pool.JobFailure = pool.JobFailure;
export const runJob: typeof run.runJob = run.runJob;
export const planSuite: typeof suite.planSuite = suite.planSuite;
export const suiteReport: typeof suite.suiteReport = suite.suiteReport;
export const replay: typeof replayModule.replay = replayModule.replay;
