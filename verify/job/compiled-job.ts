/** Jobs whose kernel is the compiled C code of a source tree. */
import { instantiateTracing, tracingRecording } from "../../gate/adapter/call-tracing.ts";
import { type CompiledFunctions, compiledFunctions } from "../../gate/adapter/compiled-functions.ts";
import { instantiate } from "../../gate/adapter/instance.ts";
import { GATE_MACHINES, gateMachine } from "../../gate/adapter/machines.ts";
import { threadFunctions } from "../../gate/races/thread-functions.ts";
import { threadMachine } from "../../gate/races/thread-machine.ts";
import { RACE_MACHINE } from "../../machines/race.ts";
import { parseConfig } from "../../model/kernel/config.ts";
import type { CompiledSubject } from "./job.ts";
import { type Job, machineNamed, type PlainJob, type ResolvedJob, type TracedJob } from "./job.ts";
/** Resolves a job with C code as its kernel. */
export function resolveCompiled(job: Job, compiled: CompiledSubject): ResolvedJob {
  const { unit, mode } = compiled;
  if (job.machine === RACE_MACHINE.name) {
    return resolveThreads(job, compiled);
  }
  const resolve = (functions: CompiledFunctions): PlainJob => ({
    job,
    definition: gateMachine(machineNamed(job.machine, GATE_MACHINES), functions, mode, compiled),
    config: parseConfig(job.config),
    kernel: functions.kernel,
  });
  const traced = (): TracedJob => {
    const tracing = instantiateTracing(unit.tracing);
    const functions = compiledFunctions(tracing.instance, mode, compiled);
    const recorded = tracingRecording(functions, tracing);
    const recordings = [{ kernel: recorded.kernel, take: () => ({ calls: recorded.take() }) }];
    return { resolved: resolve(functions), recordings, queries: recorded.queries };
  };
  const functions = compiledFunctions(instantiate(unit.fast), mode, compiled);
  const { unexpectedWrites, notices, instance } = functions;
  return { ...resolve(functions), traced, unexpectedWrites, notices, reached: instance.reached };
}

/** Resolves a job of machine race, whose threads run the C code. */
function resolveThreads(job: Job, { unit: { threads }, known = [] }: CompiledSubject): ResolvedJob {
  const module = job.optimisation && threads[job.optimisation];
  if (module === undefined) {
    throw new Error(`the unit was not compiled for races with ${job.optimisation}`);
  }
  const functions = threadFunctions(module);
  return {
    job,
    definition: threadMachine(functions, known),
    config: parseConfig(job.config),
    kernel: functions.kernel,
    reached: functions.reached,
  };
}
