/** Trace files: reading what `--trace-out` wrote, on any machine. */
import * as v from "valibot";
import { field, kindOfJson, parseJson } from "./json-file.ts";
import { TRACE_VERSION, type TraceReport } from "./report.ts";
import { UsageError } from "./usage-error.ts";

const parameters = v.record(
  v.string(),
  v.union([v.number(), v.boolean(), v.string(), v.record(v.string(), v.number())]),
);

const operationCalls = v.array(v.object({ operation: v.string(), parameters }));

const count = v.pipe(v.number(), v.integer(), v.minValue(0));

const visibleState = v.object({
  processes: v.array(
    v.nullable(
      v.array(
        v.object({
          page: count,
          folio: count,
          index: count,
          mapcount: count,
          exclusive: v.boolean(),
          content: count,
        }),
      ),
    ),
  ),
  folios: v.array(
    v.object({ number: count, pages: count, from: v.exactOptional(v.object({ folio: count, page: count })) }),
  ),
});

const traceFile = v.object({
  format: v.literal("foliocheck-trace"),
  version: v.literal(TRACE_VERSION),
  machine: v.string(),
  kernel: v.string(),
  against: v.exactOptional(v.string()),
  config: v.string(),
  bounds: v.record(v.string(), v.number()),
  optimisation: v.exactOptional(v.picklist(["-O0", "-O2"])),
  calls: v.exactOptional(v.object({ start: operationCalls, cpus: v.array(operationCalls) })),
  property: v.string(),
  claim: v.string(),
  source: v.string(),
  warning: v.exactOptional(v.string()),
  initial: count,
  state: v.unknown(),
  visible: v.exactOptional(visibleState),
  steps: v.array(
    v.object({
      action: v.string(),
      parameters,
      call: v.string(),
      functions: v.array(v.string()),
      state: v.unknown(),
      visible: v.exactOptional(visibleState),
    }),
  ),
});

const WANTED = "a JSON file that --trace-out wrote";

/**
 * Reads a trace file.
 *
 * @param name the file's name, for messages
 * @throws UsageError when it is not JSON, not a trace, or of another version
 */
export function parseTrace(text: string, name: string): TraceReport {
  const json = parseJson(text, name, WANTED);
  const result = v.safeParse(traceFile, json);
  if (result.success) {
    return result.output;
  }
  const kind = kindOfJson(json);
  switch (kind) {
    case "a trace": {
      const version = field(json, "version");
      if (version !== TRACE_VERSION) {
        const found = version === undefined ? "no version" : `version ${JSON.stringify(version)}`;
        throw new UsageError(`${name} is a trace of ${found}; this foliocheck reads version ${TRACE_VERSION}`);
      }
      const [issue] = result.issues;
      throw new UsageError(`${name} is a damaged trace: ${v.getDotPath(issue) ?? "the file"}: ${issue.message}`);
    }
    case "a report":
      throw new UsageError(`${name} is a report, and not a trace; want what the same command writes with --trace-out`);
    case "a trace in ITF":
      throw new UsageError(
        `${name} is a trace in ITF, which is for viewers; want what --trace-out writes to a name that does not end in .itf.json`,
      );
    case undefined:
      throw new UsageError(`${name} is not a foliocheck trace; want ${WANTED}`);
    default:
      throw new UsageError(`${name} is ${kind}, and not a trace; want ${WANTED}`);
  }
}
