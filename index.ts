/**
 * foliocheck as a library: the machines of the kernel's MM owner tracking on immutable states, jobs and suites to
 * explore them, and reports as plain data. The explorer for machines of your own is `foliocheck/explore`.
 *
 * @module foliocheck
 */
export { type Interpreter, interpret } from "./explore/interpreter.ts";
export type { ActionCall } from "./explore/model.ts";
export { type AnyModel, type Bounds, MACHINES, type MachineDefinition } from "./invariants/machines.ts";
export { DEFAULT_CONFIG, formatConfig, type KernelConfig, parseConfig } from "./model/config.ts";
export type { Kernel } from "./model/kernel/kernel.ts";
export { rfc_2026_04 } from "./model/kernels/rfc-2026-04.ts";
export { v6_15 } from "./model/kernels/v6-15.ts";
export { v6_18 } from "./model/kernels/v6-18.ts";
export { v7_1 } from "./model/kernels/v7-1.ts";
export type { CountsWorld } from "./model/owner-tracking.ts";
export { kernelNamed, VARIANTS } from "./model/variants/index.ts";
export { type Catch, faultFree, faulty, patched, type Variant } from "./model/variants/variant.ts";
export type { World } from "./model/world.ts";
export { REPORTERS, type Reporter } from "./report/reporters.ts";
export { formatTrace } from "./report/trace.ts";
export { catalogue } from "./verify/catalogue.ts";
export { type Job, type JobRequest, type KernelRequest, modelOf, resolve } from "./verify/job.ts";
export { type LiveReport, type LiveRequest, planLive, reproducerOfTrace, runLive } from "./verify/live-report.ts";
export { type PoolOptions, runJobs } from "./verify/pool.ts";
export { type ReplayOutcome, type ReplayReport, replay } from "./verify/replay.ts";
export type { PropertyReport, Report, RunReport, SuiteReport, TraceReport } from "./verify/report.ts";
export { type RunHooks, runJob, runRequest } from "./verify/run.ts";
export { planSuite, type SuiteRequest, suiteReport } from "./verify/suite.ts";
export { parseTrace } from "./verify/trace-file.ts";
export { UsageError } from "./verify/usage-error.ts";
