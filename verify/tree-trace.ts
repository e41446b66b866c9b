/** Traces of C code: the code is not in them. */
import { TREE } from "./compiled-job.ts";
import { operationOf } from "./gate-findings.ts";
import type { TraceReport } from "./report.ts";
import { UsageError } from "./usage-error.ts";

/**
 * Lets a kernel through that the model has.
 *
 * @param kernel name of the kernel that is to execute the trace
 * @throws UsageError when that is the C code of a tree
 */
export function requireModelled(trace: TraceReport, kernel: string): void {
  if (kernel === TREE) {
    throw new UsageError(
      `the trace is of the C code of a kernel tree, which is not in it: ${again(trace)}, and --variant v7.1 takes the model's kernel instead`,
    );
  }
}

/** @throws UsageError for a trace that says how C code and model differ: no kernel of the model does */
export function requireClaim(trace: TraceReport): void {
  const operation = operationOf(trace.property);
  if (operation !== undefined) {
    throw new UsageError(`the trace says how ${operation}() of a kernel tree differs from the model: ${again(trace)}`);
  }
}

function again({ config, machine }: TraceReport): string {
  return `foliocheck gate --tree TREE --config ${config} --only ${machine} finds it again`;
}

/** Names of the functions of a tree that lines of a trace tell of, each once, in their order. */
export function treeFunctionsIn(lines: readonly string[]): readonly string[] {
  return [...new Set(lines.flatMap((line) => /^\s*C (\w+)\(/.exec(line)?.[1] ?? []))];
}
