/** Gate report as SARIF: a result for each finding, at the changed lines that may be its cause. */
import { findingCommand } from "../../gate/run/command.ts";
import { type FindingStatus, statusOf } from "../../gate/run/finding-status.ts";
import { CLAIMS, claimOf } from "../../invariants/catalogue.ts";
import type { GateFindingReport, GateReport } from "../../verify/report/report.ts";
import { findingText } from "../text/diagnostic.ts";
import { type Place, placesOf, STRUCTS, uncheckedPlaces } from "../text/gate-places.ts";
import { notCheckedText } from "../text/not-checked.ts";
import { type SarifResult, type SarifRule, sarifLog } from "./log.ts";
import { type Flow, flowOf } from "./thread-flows.ts";

const LEVELS: { readonly [S in FindingStatus]: SarifResult["level"] } = {
  new: "error",
  unproved: "warning",
  accepted: "note",
  "in base": "note",
};

/** Meaning of a finding, by its kind. */
const HELP: { readonly [M in GateFindingReport["mode"]]: string } = {
  conformance:
    "The C function and that of the model were executed in the same state, and differ in what they return, write or " +
    "warn of. Either the C code is wrong, or the change means to do something else: --judge claims then checks the " +
    "claims alone. The code flow is a shortest execution that leads to the difference.",
  claims:
    "A state that the C code reaches violates the claim, or the C code raises a warning. The code flow is a shortest " +
    "execution that leads there.",
  image:
    "Whole files of mm/, compiled unmodified, reach a state that violates the claim. The code flow is a shortest " +
    "execution that leads there: operations of processes, and the functions that they execute.",
  layout: "Fields of struct page and struct folio are not where the claim has them, or keep a value that is left over.",
  proof:
    "The proof for any number of MMs and every folio size fails: an obligation is refuted, or no solver decides it.",
};

const NOT_CHECKED: SarifRule = {
  id: "not-checked",
  claim: "Every changed line is checked",
  help: "No run reached this line, or no configuration compiled it: the verdict says nothing about it.",
};

/** Formats a report. */
export function gateSarif(report: GateReport): string {
  const { findings, notChecked, verdict, provenance } = report;
  return sarifLog({
    results: [
      ...findings.map((finding) => resultOf(finding, report)),
      ...uncheckedPlaces(report).map(
        ({ place, sentence }): SarifResult => ({
          rule: NOT_CHECKED,
          level: "warning",
          message: sentence,
          places: [place],
          flow: { threads: [] },
        }),
      ),
    ],
    notifications: notChecked.map(notCheckedText),
    isComplete: verdict !== "incomplete",
    ...(provenance === undefined ? {} : { provenance }),
  });
}

function resultOf(finding: GateFindingReport, report: GateReport): SarifResult {
  const { configs, accepted, trace, signatures } = finding;
  const [fingerprint] = signatures;
  const flow = flowOf(trace);
  const places = placesOf(finding, report);
  return {
    rule: ruleOf(finding),
    level: LEVELS[statusOf(finding)],
    message: [
      findingText(finding),
      `Configurations: ${configs.join("; ")}`,
      ...(accepted === undefined ? [] : [`Accepted: ${accepted}`]),
      `Reproduce: ${trace === null ? report.reproduce : findingCommand(report, trace)}`,
    ].join("\n"),
    places: places.length > 0 ? places : [lastPlaceIn(flow) ?? NO_OTHER_PLACE],
    flow,
    ...(fingerprint === undefined ? {} : { fingerprint }),
  };
}

function ruleOf({ property, claim, mode, trace }: GateFindingReport): SarifRule {
  const source = trace?.source ?? CLAIMS.find(({ id }) => id === claimOf(property))?.source;
  return { id: property, claim, help: HELP[mode], ...(source === undefined ? {} : { source }) };
}

/** The place of a finding that has no other, since GitHub takes no result without one. */
const NO_OTHER_PLACE: Place = { file: STRUCTS, line: 0 };

/** Returns the place of the last call or access of C code. */
function lastPlaceIn({ threads }: Flow): Place | undefined {
  const steps = threads.flatMap((each) => each.steps).sort((a, b) => a.order - b.order);
  return steps.findLast(({ place }) => place !== undefined)?.place;
}
