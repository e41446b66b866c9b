/** Trace files: reading what `--trace-out` wrote, on any machine. */
import * as v from "valibot";
import { REPORT_VERSION, type TraceReport } from "./report.ts";
import { UsageError } from "./usage-error.ts";

const parameters = v.record(
  v.string(),
  v.union([v.number(), v.boolean(), v.string(), v.record(v.string(), v.number())]),
);

const traceFile = v.object({
  format: v.literal("foliocheck-trace"),
  version: v.literal(REPORT_VERSION),
  machine: v.string(),
  kernel: v.string(),
  against: v.exactOptional(v.string()),
  config: v.string(),
  bounds: v.record(v.string(), v.number()),
  property: v.string(),
  claim: v.string(),
  source: v.string(),
  warning: v.exactOptional(v.string()),
  initial: v.pipe(v.number(), v.integer(), v.minValue(0)),
  state: v.unknown(),
  steps: v.array(
    v.object({
      action: v.string(),
      parameters,
      call: v.string(),
      functions: v.array(v.string()),
      state: v.unknown(),
    }),
  ),
});

/**
 * Reads a trace file.
 *
 * @param name the file's name, for messages
 * @throws UsageError when it is not JSON, not a trace, or of another version
 */
export function parseTrace(text: string, name: string): TraceReport {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new UsageError(`${name} is not JSON, or was cut short; want a file that --trace-out wrote`);
  }
  const version = typeof json === "object" && json !== null && "version" in json ? json.version : undefined;
  const result = v.safeParse(traceFile, json);
  if (result.success) {
    return result.output;
  }
  if (typeof json === "object" && json !== null && "format" in json && json.format === "foliocheck-trace") {
    if (version !== REPORT_VERSION) {
      const found = version === undefined ? "no version" : `version ${JSON.stringify(version)}`;
      throw new UsageError(`${name} is a trace of ${found}; this foliocheck reads version ${REPORT_VERSION}`);
    }
    const [issue] = result.issues;
    throw new UsageError(`${name} is a damaged trace: ${v.getDotPath(issue) ?? "the file"}: ${issue.message}`);
  }
  if (typeof json === "object" && json !== null && "format" in json && json.format === "foliocheck-report") {
    throw new UsageError(`${name} is a report, and not a trace; want what the same command writes with --trace-out`);
  }
  throw new UsageError(`${name} is not a foliocheck trace; want a JSON file that --trace-out wrote`);
}
