/**
 * foliocheck as a library: machines of the kernel's MM owner tracking on immutable states, jobs and suites that explore
 * them, and reports as plain data. The explorer for other models is `foliocheck/explore`.
 *
 * @module foliocheck
 */
export { type Interpreter, interpret } from "./explore/model/interpreter.ts";
export type { ActionCall } from "./explore/model/model.ts";
export { type GateHooks, type GateSettings, gate } from "./gate/index.ts";
export { type LiveHooks, live } from "./live/index.ts";
export { type LiveRequest, reproducerOfTrace } from "./live/run/live-report.ts";
export type { LiveReport } from "./live/run/report.ts";
export { MACHINES } from "./machines/index.ts";
export type { AnyModel, Bounds, MachineDefinition } from "./machines/machine.ts";
export type { CountsWorld } from "./machines/owner-tracking.ts";
export { DEFAULT_CONFIG, formatConfig, type KernelConfig, parseConfig } from "./model/kernel/config.ts";
export type { Kernel } from "./model/kernel/kernel.ts";
export { kernelNamed, VARIANTS } from "./model/kernels/index.ts";
export { rfc_2026_04 } from "./model/kernels/rfc-2026-04.ts";
export { v6_15 } from "./model/kernels/v6-15.ts";
export { v6_18 } from "./model/kernels/v6-18.ts";
export { v7_1 } from "./model/kernels/v7-1.ts";
export { type Catch, faultFree, faulty, patched, type Variant } from "./model/kernels/variant.ts";
export type { World } from "./model/state/world.ts";
export { REPORTERS, type Reporter } from "./report/reporters.ts";
export { formatTrace } from "./report/trace/format-trace.ts";
export { catalogue } from "./verify/catalogue.ts";
export { type Job, type JobRequest, type KernelRequest, modelOf, resolve } from "./verify/job/job.ts";
export { type PoolOptions, runJobs } from "./verify/pool.ts";
export { type ProveHooks, type ProveSettings, prove } from "./verify/prove.ts";
export type { PropertyReport, Report, RunReport, SuiteReport, TraceReport } from "./verify/report/report.ts";
export { UsageError } from "./verify/request/usage-error.ts";
export { type RunHooks, runJob, runRequest } from "./verify/run.ts";
export { planSuite, type SuiteRequest, suiteReport } from "./verify/suite.ts";
export { type ReplayOutcome, type ReplayReport, replay } from "./verify/trace/replay.ts";
export { parseTrace } from "./verify/trace/trace-file.ts";
