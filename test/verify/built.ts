/**
 * The built verify/ for tests: its searches run at full speed, which they do not through the test runner, and its pool
 * finds its worker.
 */
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { projectFolder } from "../build-once.ts";
// For its check that the build is there.
import "../built-cli.ts";

const built = (file: string): Promise<unknown> =>
  import(pathToFileURL(join(projectFolder, "dist", "verify", `${file}.js`)).href);

const job = (await built("job")) as typeof import("../../verify/job/job.ts");
const pool = (await built("pool")) as typeof import("../../verify/pool.ts");
const raceRequest = (await built("race-request")) as typeof import("../../verify/job/race-request.ts");
const run = (await built("run")) as typeof import("../../verify/run.ts");
const suite = (await built("suite")) as typeof import("../../verify/suite.ts");
const replaying = (await built("replay")) as typeof import("../../verify/trace/replay.ts");

export const resolve: typeof job.resolve = job.resolve;
export const resolveCalls: typeof raceRequest.resolveCalls = raceRequest.resolveCalls;
export const runJobs: typeof pool.runJobs = pool.runJobs;
export const JobFailure: typeof pool.JobFailure = pool.JobFailure;
export const runJob: typeof run.runJob = run.runJob;
export const planSuite: typeof suite.planSuite = suite.planSuite;
export const suiteReport: typeof suite.suiteReport = suite.suiteReport;
export const replay: typeof replaying.replay = replaying.replay;
