/** Replays as text: the verdict, and remarks. */
import type { ReplayReport } from "../../verify/trace/replay.ts";
import { describeDifference } from "../../verify/trace/state-difference.ts";
import type { Role } from "./styled-text.ts";

/** Verdict with its mark and colour. */
export interface ReplayVerdict {
  readonly mark: "✓" | "✗" | "…";
  readonly role: Role;
  readonly text: string;
}

/** Returns the step that violates or reaches the property of the trace. */
export function decidingStep({ findings, property }: ReplayReport): number | undefined {
  return findings.find(({ id }) => id === property)?.step;
}

/** Returns remarks on differences between the execution and the file. */
export function replayRemarks({ kernel, confirmed, divergence, trace }: ReplayReport): string[] {
  if (!confirmed) {
    return [
      "not executed under its own kernel, which the model does not have: the file's steps and states are not verified",
    ];
  }
  if (divergence === undefined || trace.steps.length === 0) {
    return [];
  }
  const { step } = divergence;
  const from = step === 0 ? "from the initial state on" : `from step ${step} on`;
  return [`the states under ${kernel} differ from those in the file ${from}: ${describeDifference(divergence)}`];
}

/** Formats the verdict. It is good only if every step was taken and no property is violated. */
export function replayVerdict(report: ReplayReport): ReplayVerdict {
  const { property, outcome } = report;
  const kernel = report.memory === undefined ? report.kernel : `${report.kernel} and memory model ${report.memory}`;
  const bad = (text: string): ReplayVerdict => ({ mark: "✗", role: "bad", text });
  const good = (text: string): ReplayVerdict => ({ mark: "✓", role: "good", text });
  switch (outcome.kind) {
    case "violated":
      return bad(`still fails: ${property} is violated under ${kernel}, at step ${outcome.step}`);
    case "fails-otherwise":
      return bad(`fails otherwise under ${kernel}: ${outcome.violated.join(", ")}${besides(report)}`);
    case "cured":
      return good(`cured: ${property} no longer fails under ${kernel}`);
    case "reached":
      return good(`${property} is reached again under ${kernel}, at step ${outcome.step}`);
    case "unreached":
      return bad(`${property} is no longer reached under ${kernel}`);
    case "not-applicable": {
      const { step, message } = outcome.obstacle;
      const unknown = report.witness ? `it reaches ${property}` : "it has the fault";
      return {
        mark: "…",
        role: "warn",
        text: `not applicable under ${kernel} from step ${step} on: ${message}; whether ${unknown} is not known`,
      };
    }
  }
}

/** Returns the outcome of the trace's property in an execution that violates other properties. */
function besides(report: ReplayReport): string {
  const { property, witness, obstacle } = report;
  const step = decidingStep(report);
  if (step !== undefined) {
    return `; ${property} is reached at step ${step}`;
  }
  return obstacle === undefined
    ? `; ${property} is ${witness ? "not reached" : "not violated"}`
    : `; the execution ends before step ${obstacle.step}: ${obstacle.message}`;
}
