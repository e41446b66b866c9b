/** Traces of machine race under another memory model: the same accesses in the same order. */
import { formatCall } from "../../explore/model/model.ts";
import { memoryBounds, RACE_MACHINE } from "../../machines/race.ts";
import type { MemoryModel } from "../../races/race-model.ts";
import type { TraceReport, TraceReportStep } from "../report/report.ts";
import { UsageError } from "../request/usage-error.ts";

/**
 * The trace as steps under a memory model. Under TSO every store reaches memory at once; under views every load that
 * read the newest value reads it. A load that read an older one has no counterpart under another model: there the step
 * cannot be taken.
 *
 * @throws UsageError for a trace of another machine
 */
export function underMemoryModel(trace: TraceReport, memory: MemoryModel): TraceReport {
  if (trace.machine !== RACE_MACHINE.name) {
    throw new UsageError(`--memory is for traces of machine ${RACE_MACHINE.name}, and this one is of ${trace.machine}`);
  }
  const steps = trace.steps.flatMap((step, i): TraceReportStep[] => {
    if (step.action === "drain") {
      return [];
    }
    const taken = renamed(step, parametersUnder(step, memory));
    const cpu = Number(step.parameters["cpu"]);
    const isStore = step.action === "step" && isNextStore(i === 0 ? trace.state : trace.steps[i - 1]?.state, cpu);
    return isStore && memory === "tso" ? [taken, renamed({ ...step, action: "drain" }, { cpu })] : [taken];
  });
  return { ...trace, bounds: { ...trace.bounds, ...memoryBounds(memory) }, steps };
}

/** Whether the access that a CPU performs next in a state is a store. */
function isNextStore(state: unknown, cpu: number): boolean {
  const { cpus } = state as { readonly cpus?: readonly { readonly next?: { readonly kind?: string } }[] };
  return cpus?.[cpu]?.next?.kind === "store";
}

function parametersUnder({ action, parameters }: TraceReportStep, memory: MemoryModel): TraceReportStep["parameters"] {
  if (action !== "step") {
    return parameters;
  }
  const { ignores = 0, ...others } = parameters;
  return memory === "views" || ignores !== 0 ? { ...others, ignores } : others;
}

function renamed(step: TraceReportStep, parameters: TraceReportStep["parameters"]): TraceReportStep {
  return { ...step, parameters, call: formatCall({ action: step.action, parameters }) };
}
