/** Gate report as SARIF: a result for each finding, at the changed lines that may be its cause. */
import type { GateFindingReport, GateReport } from "../../verify/report/report.ts";
import { findingText } from "../text/diagnostic.ts";
import { placesOf } from "../text/gate-places.ts";
import { notCheckedText } from "../text/not-checked.ts";
import { callLines } from "../trace/call-lines.ts";
import { type SarifResult, sarifLog } from "./log.ts";

/** Formats a report. */
export function gateSarif(report: GateReport): string {
  const { change, findings, notChecked, verdict, provenance } = report;
  const unchecked = [
    ...(change?.overlooked ?? []).map(({ why, ...place }) => ({ place, why })),
    ...(change?.unreached ?? []).map(({ name, ...place }) => ({ place, why: `no run reached ${name}()` })),
  ];
  return sarifLog({
    results: [
      ...findings.map((finding) => resultOf(finding, report)),
      ...unchecked.map(
        ({ place, why }): SarifResult => ({
          rule: "not-checked",
          claim: "Every changed line is checked",
          level: "warning",
          message: `This is changed, and ${why}`,
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
    level: levelOf(finding),
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

function levelOf({ accepted, inBase, verdict }: GateFindingReport): SarifResult["level"] {
  if (accepted !== undefined || inBase === true) {
    return "note";
  }
  return verdict === "unproved" ? "warning" : "error";
}
