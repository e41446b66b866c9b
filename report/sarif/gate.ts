/** Gate report as SARIF: a result for each finding, at the changed lines that may be its cause. */
import { type FindingStatus, statusOf } from "../../gate/run/finding-status.ts";
import type { GateFindingReport, GateReport } from "../../verify/report/report.ts";
import { findingText } from "../text/diagnostic.ts";
import { placesOf, uncheckedPlaces } from "../text/gate-places.ts";
import { notCheckedText } from "../text/not-checked.ts";
import { callLines } from "../trace/call-lines.ts";
import { type SarifResult, sarifLog } from "./log.ts";

const LEVELS: { readonly [S in FindingStatus]: SarifResult["level"] } = {
  new: "error",
  unproved: "warning",
  accepted: "note",
  "in base": "note",
};

/** Formats a report. */
export function gateSarif(report: GateReport): string {
  const { findings, notChecked, verdict, provenance } = report;
  return sarifLog({
    results: [
      ...findings.map((finding) => resultOf(finding, report)),
      ...uncheckedPlaces(report).map(
        ({ place, sentence }): SarifResult => ({
          rule: "not-checked",
          claim: "Every changed line is checked",
          level: "warning",
          message: sentence,
          places: [place],
          steps: [],
        }),
      ),
    ],
    notifications: notChecked.map(notCheckedText),
    isComplete: verdict !== "incomplete",
    ...(provenance === undefined ? {} : { provenance }),
  });
}

function resultOf(finding: GateFindingReport, report: GateReport): SarifResult {
  const { property, claim, configs, accepted, trace, signatures } = finding;
  const [fingerprint] = signatures;
  return {
    rule: property,
    claim,
    level: LEVELS[statusOf(finding)],
    message: [
      findingText(finding),
      `Configurations: ${configs.join("; ")}`,
      ...(accepted === undefined ? [] : [`Accepted: ${accepted}`]),
    ].join("\n"),
    places: placesOf(finding, report),
    steps: trace === null ? [] : callLines(trace),
    ...(fingerprint === undefined ? {} : { fingerprint }),
  };
}
