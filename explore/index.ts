/**
 * The explorer as a library: define a model, explore it exhaustively, or run it step by step.
 */

export type { Checkpointing } from "./checkpoint/checkpoint.ts";
export { readCheckpointFile, writeCheckpointFile } from "./checkpoint/checkpoint-file.ts";
export {
  type Claim,
  type Definition,
  defineModel,
  type Each,
  type ParametricStep,
  type Step,
} from "./model/define-model.ts";
export {
  AssumptionFailed,
  BeyondBounds,
  type ErrorCode,
  type ErrorPlace,
  type Execution,
  FieldRangeError,
  formatPlace,
  MachineError,
  UnknownFieldError,
} from "./model/errors.ts";
export { type Interpreter, interpret, type StepOutcome } from "./model/interpreter.ts";
export { assign, initialValue, plainCopy, validate } from "./model/json.ts";
export type {
  ActionTable,
  Learned,
  Machine,
  PropertyCheck,
  PropertyKind,
  Repetition,
  WarningLog,
} from "./model/machine.ts";
export {
  type Action,
  type ActionCall,
  action,
  always,
  alwaysStep,
  type DeepReadonly,
  formatCall,
  type Model,
  noWarning,
  type Parameters,
  type ParameterValue,
  type Property,
  sometimes,
  sometimesStep,
} from "./model/model.ts";
export { OneSided, type Pair, product } from "./model/product.ts";
export {
  array,
  at,
  bool,
  constant,
  int,
  list,
  never,
  ref,
  type StateOf,
  type StructField,
  self,
  struct,
} from "./model/schema.ts";
export { type Budget, describeStop, type StopReason } from "./search/budget.ts";
export { assertHolds, type CheckResult, check, PropertyFailed } from "./search/check.ts";
export { compile } from "./search/compile.ts";
export type { ModelSource } from "./search/parallel/model-source.ts";
export type { Schedule } from "./search/parallel/schedule.ts";
export { type TeamOptions, type Workers, workersOf } from "./search/parallel/team.ts";
export { WorkerLost } from "./search/parallel/worker-lost.ts";
export { type Revised, revised, searchRevised } from "./search/revised.ts";
export {
  type ActionCoverage,
  type Finding,
  type LeftOut,
  type Path,
  type Progress,
  type PropertyOutcome,
  type SearchOptions,
  type SearchResult,
  type SimulationOutcome,
  search,
  type Verdict,
} from "./search/search.ts";
export { type GraphEdge, type GraphNode, GraphTooLarge, type StateGraph, stateGraph } from "./search/state-graph.ts";
export { callsOf, execute, type Trace, type TraceStep } from "./search/trace.ts";
export { changesBetween, type FieldChange, formatExecution } from "./search/trace-text.ts";
export { type SimulationOptions, simulate } from "./simulation/simulate.ts";
export { spillTo } from "./visited/spill-file.ts";
export type { Spill } from "./visited/spilling-store.ts";
export { SpillFailed, type StateFile } from "./visited/state-file.ts";
