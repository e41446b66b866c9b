/** Reader of trace files, which `--trace-out` writes. */
import * as v from "valibot";
import type { CallNode } from "../../model/kernel/call-node.ts";
import { TRACE_VERSION, type TraceReport } from "../report/report.ts";
import { field, kindOfJson, parseJson } from "../request/json-file.ts";
import { UsageError } from "../request/usage-error.ts";

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

const place = v.object({ file: v.string(), line: count });

const callValue = v.union([
  v.number(),
  v.boolean(),
  v.string(),
  v.object({ kind: v.picklist(["mm", "from"]), mm: v.number() }),
  v.object({ kind: v.literal("folio"), folio: v.exactOptional(v.number()) }),
  v.object({ kind: v.picklist(["pages", "entries", "slots"]), first: v.number(), count: v.number() }),
  v.object({ kind: v.picklist(["order", "index", "max_ptes_shared"]), value: v.number() }),
  v.object({ kind: v.literal("swap-entry"), slot: v.number() }),
  v.object({ kind: v.literal("migration-entry"), folio: v.number(), page: v.number() }),
]);

const callNode: v.GenericSchema<CallNode> = v.object({
  kind: v.picklist(["function", "code", "warning", "cpu"]),
  name: v.string(),
  args: v.array(callValue),
  result: v.exactOptional(callValue),
  place: v.exactOptional(place),
  isContinued: v.exactOptional(v.literal(true)),
  isInterrupted: v.exactOptional(v.literal(true)),
  isStopped: v.exactOptional(v.literal(true)),
  calls: v.array(v.lazy(() => callNode)),
});

const stepCalls = v.object({
  kernel: v.exactOptional(v.string()),
  calls: v.array(callNode),
  leftOut: v.exactOptional(count),
  isCut: v.exactOptional(v.literal(true)),
});

/**
 * Calls in version 1 are text, which is dropped. A replay records them again; other commands show a trace without them.
 */
const callsAsText = v.pipe(
  v.array(v.string()),
  v.transform((): [] => []),
);

const parts = v.array(v.looseObject({ kind: v.string() }));

const functionPlace = v.exactOptional(v.object({ name: v.string(), place: v.exactOptional(place) }));

const racingAccess = v.object({
  text: v.string(),
  object: v.string(),
  isWrite: v.boolean(),
  marked: v.boolean(),
  functions: v.array(v.string()),
  place: v.exactOptional(place),
});

/** Diagnostics in trace files. Their parts are only printed, so they are validated loosely. */
const diagnostic = v.variant("kind", [
  v.object({ kind: v.literal("kernel-warning"), name: v.string(), by: v.array(v.string()) }),
  v.object({
    kind: v.literal("one-sided"),
    what: v.picklist(["enabled", "warning"]),
    under: v.string(),
    notUnder: v.string(),
  }),
  v.object({ kind: v.literal("data-race"), one: racingAccess, other: racingAccess }),
  v.object({ kind: v.literal("call"), function: functionPlace, faults: parts }),
  v.object({ kind: v.literal("query"), function: functionPlace, folio: count, faults: parts }),
  v.object({ kind: v.literal("image"), report: v.looseObject({ kind: v.string() }) }),
  v.object({
    kind: v.literal("lockstep"),
    differences: v.array(
      v.looseObject({ place: v.looseObject({ kind: v.string() }), field: v.string(), model: v.any(), image: v.any() }),
    ),
  }),
  v.object({ kind: v.literal("impossible"), value: v.looseObject({ kind: v.string() }) }),
  v.object({ kind: v.literal("not-repeatable") }),
]);

const position = v.exactOptional(count);

const faultValue = v.union([v.number(), v.boolean()]);

const fault = v.object({
  folio: position,
  page: position,
  ownerSlot: position,
  mm: position,
  vma: position,
  entry: position,
  swapSlot: position,
  holder: position,
  filePage: position,
  field: v.string(),
  actual: faultValue,
  expected: v.union([faultValue, v.object({ least: v.number() }), v.object({ most: v.number() })]),
});

/** Warnings; in version 1 a message. */
const warning = v.union([
  v.pipe(
    v.string(),
    v.transform((text) => ({ kind: "text" as const, text })),
  ),
  diagnostic,
]);

/** Renames the fields of versions 1 and 2. */
function withCurrentNames(trace: unknown): unknown {
  if (typeof trace !== "object" || trace === null || !("asked" in trace)) {
    return trace;
  }
  const { asked, ...rest } = trace;
  return { ...rest, queries: asked };
}

/** The versions that this foliocheck reads. */
const VERSIONS = [1, 2, TRACE_VERSION] as const;

const traceFile = v.object({
  format: v.literal("foliocheck-trace"),
  version: v.pipe(
    v.picklist(VERSIONS),
    v.transform(() => TRACE_VERSION),
  ),
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
  warning: v.exactOptional(warning),
  faults: v.exactOptional(v.array(fault)),
  queries: v.exactOptional(v.union([callsAsText, v.array(callNode)])),
  initial: count,
  state: v.unknown(),
  visible: v.exactOptional(visibleState),
  steps: v.array(
    v.object({
      action: v.string(),
      parameters,
      call: v.string(),
      functions: v.union([callsAsText, v.array(stepCalls)]),
      state: v.unknown(),
      visible: v.exactOptional(visibleState),
    }),
  ),
});

const EXPECTED = "a JSON file that --trace-out wrote";

/**
 * Reads a trace file.
 *
 * @param name the file's name, for messages
 * @throws UsageError when it is not JSON, not a trace, or of another version
 */
export function parseTrace(text: string, name: string): TraceReport {
  const json = parseJson(text, name, EXPECTED);
  const result = v.safeParse(traceFile, withCurrentNames(json));
  if (result.success) {
    return result.output as TraceReport;
  }
  const kind = kindOfJson(json);
  switch (kind) {
    case "a trace": {
      const version = field(json, "version");
      if (!VERSIONS.some((each) => each === version)) {
        const versionText = version === undefined ? "no version" : `version ${JSON.stringify(version)}`;
        throw new UsageError(
          `${name} is a trace of ${versionText}; this foliocheck reads versions 1 to ${TRACE_VERSION}`,
        );
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
      throw new UsageError(`${name} is not a foliocheck trace; want ${EXPECTED}`);
    default:
      throw new UsageError(`${name} is ${kind}, and not a trace; want ${EXPECTED}`);
  }
}
