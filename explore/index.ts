/**
 * The explorer on its own: write down a machine as a model, explore it exhaustively, and look at it step by step.
 */
export { type Budget, describeStop, type StopReason } from "./budget.ts";
export { assertHolds, type CheckResult, check, PropertyFailed } from "./check.ts";
export type { Checkpointing } from "./checkpoint.ts";
export { readCheckpointFile, writeCheckpointFile } from "./checkpoint-file.ts";
export { compile } from "./compile.ts";
export { type Claim, type Definition, defineModel, type Each, type ParametricStep, type Step } from "./define-model.ts";
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
} from "./errors.ts";
export { type Interpreter, interpret, type StepOutcome } from "./interpreter.ts";
export { assign, initialValue, plainCopy, validate } from "./json.ts";
export type { ActionTable, Learned, Machine, PropertyCheck, PropertyKind, Repetition, WarningLog } from "./machine.ts";
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
} from "./model.ts";
export { OneSided, type Pair, product } from "./product.ts";
export { type Revised, revised, searchRevised } from "./revised.ts";
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
} from "./schema.ts";
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
} from "./search.ts";
export { type SimulationOptions, simulate } from "./simulate.ts";
export { type GraphEdge, type GraphNode, GraphTooLarge, type StateGraph, stateGraph } from "./state-graph.ts";
export { callsOf, execute, type Trace, type TraceStep } from "./trace.ts";
export { changesBetween, type FieldChange, formatExecution } from "./trace-text.ts";
