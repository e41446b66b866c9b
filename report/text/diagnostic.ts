/** Diagnostics as text. */
import type { OneSidedStep } from "../../explore/model/product.ts";
import type { DataRace, RacingAccess } from "../../races/data-races.ts";
import type { Diagnostic } from "../../verify/report/diagnostic.ts";
import type { GateFindingReport } from "../../verify/report/report.ts";
import { callFaultsText, outOfRangeText, queryFaultsText } from "./call-fault.ts";
import { imageReportText } from "./image-warning.ts";
import { kernelWarningText } from "./kernel-warning.ts";
import { layoutFaultText } from "./layout-fault.ts";
import { lockstepSentence } from "./lockstep.ts";
import { obligationText } from "./obligation.ts";
import { placeText } from "./place.ts";

/** Formats the cause of a finding; if it has none, its claim. */
export function findingText({ claim, cause, verdict }: Pick<GateFindingReport, "claim" | "cause" | "verdict">): string {
  return cause !== undefined ? diagnosticText(cause) : verdict === "unreached" ? `unreached: ${claim}` : claim;
}

/** Formats a diagnostic as a main clause. */
export function diagnosticText(diagnostic: Diagnostic): string {
  switch (diagnostic.kind) {
    case "kernel-warning":
      return kernelWarningText(diagnostic);
    case "one-sided":
      return oneSidedText(diagnostic);
    case "data-race":
      return dataRaceText(diagnostic);
    case "call":
      return callFaultsText(diagnostic);
    case "query":
      return queryFaultsText(diagnostic);
    case "image":
      return imageReportText(diagnostic.report);
    case "lockstep":
      return lockstepSentence(diagnostic.differences);
    case "layout":
      return layoutFaultText(diagnostic.fault);
    case "impossible":
      return `it leaves an impossible value: ${outOfRangeText(diagnostic.value)}`;
    case "induction":
      return inductionText(diagnostic);
    case "not-repeatable":
      return "the same calls have another outcome when repeated: the C code has static state, outside of the struct pages";
    case "text":
      return diagnostic.text;
  }
}

function inductionText({ obligation, reached }: Extract<Diagnostic, { kind: "induction" }>): string {
  const { sentence } = obligation;
  const where = reached
    ? "an execution reaches a failure"
    : "no explored execution reaches one: the invariant is too weak for this code";
  return `${obligationText(obligation)}: ${sentence}; ${where}`;
}

function oneSidedText({ what, under, notUnder }: OneSidedStep): string {
  switch (what) {
    case "enabled":
      return `the action is enabled under ${under} and not under ${notUnder}`;
    case "warning":
      return `the action raises a warning under ${under} and none under ${notUnder}`;
  }
}

/** Formats a data race in the words of KCSAN. */
function dataRaceText({ one, other }: DataRace): string {
  return `data race between ${racingAccessText(one)} and ${racingAccessText(other)}`;
}

/** Formats an access by its C object instead of its text: the data race does not depend on the written value. */
function racingAccessText({ functions, object, marked, isWrite, place }: RacingAccess): string {
  const access = `${marked ? "marked" : "plain"} ${isWrite ? "write" : "read"}`;
  return `${functions.at(-1) ?? "the operation"}()${place === undefined ? "" : ` at ${placeText(place)}`} (${access} of ${object})`;
}
