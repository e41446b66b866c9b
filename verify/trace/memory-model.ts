/** Conversion of traces of machine race to another memory model: the same accesses in the same order. */
import { formatCall } from "../../explore/model/model.ts";
import { memoryBounds, RACE_MACHINE } from "../../machines/race.ts";
import type { MemoryModel } from "../../races/race-model.ts";
import type { TraceReport, TraceReportStep } from "../report/report.ts";
import { UsageError } from "../request/usage-error.ts";

/**
 * Converts a trace to a memory model. Under TSO every store is drained to memory immediately; under views every load
 * that read the newest value still does. A load of an older value has no counterpart under another model, where its
 * step is not enabled.
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
    const converted = withParameters(step, parametersUnder(step, memory));
    const cpu = Number(step.parameters["cpu"]);
    const isStore = step.action === "step" && isNextStore(i === 0 ? trace.state : trace.steps[i - 1]?.state, cpu);
    return isStore && memory === "tso"
      ? [converted, withParameters({ ...step, action: "drain" }, { cpu })]
      : [converted];
  });
  return { ...trace, bounds: { ...trace.bounds, ...memoryBounds(memory) }, steps };
}

/** Whether the next access of a CPU is a store. */
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

function withParameters(step: TraceReportStep, parameters: TraceReportStep["parameters"]): TraceReportStep {
  return { ...step, parameters, call: formatCall({ action: step.action, parameters }) };
}
