/**
 * Logs in SARIF, the format of results of static analysis that code review tools read.
 *
 * @source OASIS, Static Analysis Results Interchange Format (SARIF) Version 2.1.0
 */
import type { Log, PhysicalLocation, Result } from "sarif";
import type { Provenance } from "../../verify/report/report.ts";

/** Lines of a file, relative to the root of the tree. */
export interface SarifPlace {
  readonly file: string;
  readonly line: number;
  readonly endLine?: number;
}

/** One result. */
export interface SarifResult {
  /** Id of the violated property. */
  readonly rule: string;
  /** The claim as one sentence: the description of the rule. */
  readonly claim: string;
  /** `error`: violated. `warning`: not proved, or not checked. `note`: accepted, or in the base as well. */
  readonly level: "error" | "warning" | "note";
  readonly message: string;
  readonly places: readonly SarifPlace[];
  /** The steps of a counterexample, in lines. */
  readonly steps: readonly string[];
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

/** Formats a log. */
export function sarifLog({ results, notifications, isComplete, provenance }: SarifContent): string {
  const rules = [...new Map(results.map(({ rule, claim }) => [rule, claim]))];
  const indices = new Map(rules.map(([id], index) => [id, index]));
  const log: Log = {
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: {
          driver: {
            name: "foliocheck",
            ...(provenance === undefined ? {} : { semanticVersion: provenance.foliocheck }),
            rules: rules.map(([id, claim]) => ({ id, shortDescription: { text: claim } })),
          },
        },
        invocations: [
          {
            executionSuccessful: isComplete,
            toolExecutionNotifications: notifications.map((text) => ({ level: "note", message: { text } })),
          },
        ],
        results: results.map((result) => ({ ...resultObject(result), ruleIndex: indices.get(result.rule) ?? -1 })),
      },
    ],
  };
  return `${JSON.stringify(log, null, 2)}\n`;
}

function resultObject({ rule, level, message, places, steps, fingerprint }: SarifResult): Result {
  const flow = steps.map((text) => ({ location: { message: { text } } }));
  return {
    ruleId: rule,
    level,
    message: { text: message },
    locations: places.map((place) => ({ physicalLocation: physicalLocation(place) })),
    ...(flow.length === 0 ? {} : { codeFlows: [{ threadFlows: [{ locations: flow }] }] }),
    ...(fingerprint === undefined ? {} : { partialFingerprints: { "foliocheckSignature/v2": fingerprint } }),
  };
}

function physicalLocation({ file, line, endLine = line }: SarifPlace): PhysicalLocation {
  const artifactLocation = { uri: file.split("/").map(encodeURIComponent).join("/"), uriBaseId: "%SRCROOT%" };
  // A whole file has no line.
  return line < 1 ? { artifactLocation } : { artifactLocation, region: { startLine: line, endLine } };
}
