/**
 * Logs in SARIF, the format of results of static analysis that code review tools read, within GitHub's limits.
 *
 * @source OASIS, Static Analysis Results Interchange Format (SARIF) Version 2.1.0; GitHub's documentation, “SARIF
 * support for code scanning” and “SARIF results exceed one or more limits”
 */
import type { CodeFlow, Log, PhysicalLocation, ReportingDescriptor, Result, ThreadFlowLocation } from "sarif";
import type { Provenance } from "../../verify/report/report.ts";
import { formatCount } from "../text/numbers.ts";
import type { Flow, FlowStep } from "./thread-flows.ts";

/** Lines of a file, relative to the root of the tree. */
export interface SarifPlace {
  readonly file: string;
  readonly line: number;
  readonly endLine?: number;
}

/** Rule: the property that results violate. */
export interface SarifRule {
  readonly id: string;
  /** The claim as one sentence. */
  readonly claim: string;
  /** Source of the claim; absent where there is none. */
  readonly source?: string;
  /** Meaning of a result of this rule, in sentences. */
  readonly help: string;
}

/** One result. */
export interface SarifResult {
  readonly rule: SarifRule;
  /** `error`: violated. `warning`: not proved, or not checked. `note`: accepted, or in the base as well. */
  readonly level: "error" | "warning" | "note";
  readonly message: string;
  readonly places: readonly SarifPlace[];
  /** The counterexample. */
  readonly flow: Flow;
  /** Identifies the result in other trees and at other bounds. */
  readonly fingerprint?: string;
}

/** A log of one run of foliocheck. */
export interface SarifContent {
  readonly results: readonly SarifResult[];
  /** Sentences about what was not checked. */
  readonly notifications: readonly string[];
  readonly isComplete: boolean;
  readonly provenance?: Provenance;
}

/** Largest numbers that GitHub shows: of the results of a log, and of the places of a result. */
const MOST_RESULTS = 5000;
const MOST_PLACES = 100;

/** Largest number of characters of a description. */
const MOST_CHARACTERS = 1024;

const WORST_FIRST: readonly SarifResult["level"][] = ["error", "warning", "note"];

/** Formats a log. Of more results than GitHub shows, the worst ones; a notification has the number of the others. */
export function sarifLog({ results, notifications, isComplete, provenance }: SarifContent): string {
  const kept = WORST_FIRST.flatMap((level) => results.filter((each) => each.level === level)).slice(0, MOST_RESULTS);
  const leftOut = results.length - kept.length;
  const rules = [...new Map(kept.map(({ rule }) => [rule.id, rule])).values()];
  const indices = new Map(rules.map(({ id }, index) => [id, index]));
  const log: Log = {
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: {
          driver: {
            name: "foliocheck",
            ...(provenance === undefined ? {} : { semanticVersion: provenance.foliocheck }),
            rules: rules.map(descriptorOf),
          },
        },
        invocations: [
          {
            executionSuccessful: isComplete,
            toolExecutionNotifications: [
              ...(leftOut === 0
                ? []
                : [`${formatCount(leftOut)} results are left out: GitHub shows ${formatCount(MOST_RESULTS)}`]),
              ...notifications,
            ].map((text) => ({ level: "note", message: { text } })),
          },
        ],
        results: kept.map((result) => ({ ...resultObject(result), ruleIndex: indices.get(result.rule.id) ?? -1 })),
      },
    ],
  };
  return `${JSON.stringify(log, null, 2)}\n`;
}

function descriptorOf({ id, claim, source, help }: SarifRule): ReportingDescriptor {
  const from = source === undefined ? [] : [`Source: ${source}`];
  return {
    id,
    shortDescription: { text: shortened(claim) },
    fullDescription: { text: shortened([claim, ...from].join(". ")) },
    help: { text: [claim, help, ...from].join("\n\n"), markdown: [`**${claim}**`, help, ...from].join("\n\n") },
    properties: { tags: ["linux", "mm"], precision: "very-high" },
  };
}

function shortened(text: string): string {
  return text.length <= MOST_CHARACTERS ? text : `${text.slice(0, MOST_CHARACTERS - 1)}…`;
}

function resultObject({ rule, level, message, places, flow, fingerprint }: SarifResult): Result {
  return {
    ruleId: rule.id,
    level,
    message: { text: message },
    locations: places.slice(0, MOST_PLACES).map((place) => ({ physicalLocation: physicalLocation(place) })),
    ...(flow.threads.length === 0 ? {} : { codeFlows: [codeFlow(flow)] }),
    ...(fingerprint === undefined ? {} : { partialFingerprints: { "foliocheckSignature/v2": fingerprint } }),
  };
}

/** Formats a counterexample: a thread for each CPU, which are numbered only if there are several. */
function codeFlow({ summary, threads }: Flow): CodeFlow {
  return {
    ...(summary === undefined ? {} : { message: { text: summary } }),
    threadFlows: threads.map(({ cpu, steps }) => ({
      ...(threads.length === 1 ? {} : { id: `CPU ${cpu}` }),
      locations: steps.map(flowLocation),
    })),
  };
}

function flowLocation({ text, place, depth, order }: FlowStep): ThreadFlowLocation {
  return {
    location: {
      ...(place === undefined ? {} : { physicalLocation: physicalLocation(place) }),
      message: { text },
    },
    nestingLevel: depth,
    executionOrder: order,
    importance: depth === 0 ? "essential" : "important",
  };
}

function physicalLocation({ file, line, endLine = line }: SarifPlace): PhysicalLocation {
  const artifactLocation = { uri: file.split("/").map(encodeURIComponent).join("/"), uriBaseId: "%SRCROOT%" };
  // A whole file has no line.
  return line < 1 ? { artifactLocation } : { artifactLocation, region: { startLine: line, endLine } };
}
