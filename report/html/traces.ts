/** Collection of the traces of a report: each execution once, with all properties that it decides. */
import type { TraceReport } from "../../verify/report/report.ts";
import { executionOf } from "../text/printed-traces.ts";
import type { ContentFact, TraceContent } from "./content.ts";
import { traceContent } from "./trace-content.ts";

/** Traces in the order of their first mention. */
export class Traces {
  private readonly byExecution = new Map<string, Collected>();

  /** Adds a trace, and returns its position. */
  add(trace: TraceReport, shows: TraceContent["shows"], commands: readonly ContentFact[]): number {
    const key = `${shows} ${executionOf(trace)}`;
    const known = this.byExecution.get(key);
    if (known !== undefined) {
      if (known.trace.property !== trace.property && known.also.every(({ property }) => property !== trace.property)) {
        known.also.push(trace);
      }
      return known.position;
    }
    const position = this.byExecution.size;
    this.byExecution.set(key, { position, trace, shows, commands, also: [] });
    return position;
  }

  /** Converts all traces. */
  contents(): TraceContent[] {
    return [...this.byExecution.values()].map(({ trace, ...setting }) => traceContent(trace, setting));
  }
}

interface Collected {
  readonly position: number;
  readonly trace: TraceReport;
  readonly shows: TraceContent["shows"];
  readonly commands: readonly ContentFact[];
  readonly also: TraceReport[];
}
