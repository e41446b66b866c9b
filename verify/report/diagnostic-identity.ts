/**
 * Identity of a diagnostic: the part that is the same in another tree and at other bounds. It consists of names,
 * indices and directions, without line numbers, compared values and message texts.
 */
import type { CallFault, FunctionPlace, ImpossibleValue } from "../../gate/adapter/call-fault.ts";
import type { LockstepField } from "../../gate/image/lockstep/named-differences.ts";
import type { ImageReport } from "../../gate/image/module/image-report.ts";
import type { DataRace } from "../../races/data-races.ts";
import type { Diagnostic } from "./diagnostic.ts";

/** Returns the identity as text, built from the diagnostic's data. */
export function identityOf(diagnostic: Diagnostic): string {
  switch (diagnostic.kind) {
    case "kernel-warning":
      return diagnostic.name;
    case "one-sided":
      return `${diagnostic.what} under ${diagnostic.under} alone`;
    case "data-race":
      return raceIdentity(diagnostic);
    case "call":
      return diagnostic.faults.map(faultIdentity).join("; ");
    case "query":
      return `${nameOf(diagnostic.function)}query ${diagnostic.faults.map(faultIdentity).join("; ")}`;
    case "image":
      return reportIdentity(diagnostic.report);
    case "lockstep":
      return [...new Set(diagnostic.differences.map(lockstepIdentity))].sort().join("; ");
    case "layout":
      return wordsOf(diagnostic.fault).join(" ");
    case "impossible":
      return valueIdentity(diagnostic.value);
    case "induction":
      // Who accepts that an obligation is not proved does not accept that it fails.
      return `${diagnostic.kind} ${diagnostic.obligation.from} ${diagnostic.obligation.to}${diagnostic.reached ? "" : ", not reached"}`;
    case "not-repeatable":
      return diagnostic.kind;
    case "text":
      return diagnostic.text;
  }
}

function nameOf(place: FunctionPlace | undefined): string {
  return place === undefined ? "" : `${place.name} `;
}

function raceIdentity({ one, other }: DataRace): string {
  const sides = [one, other].map(
    ({ functions, marked, isWrite, object }) =>
      `${functions.at(-1) ?? ""} ${marked ? "marked" : "plain"} ${isWrite ? "write" : "read"} ${object}`,
  );
  return `data-race ${sides.join(" / ")}`;
}

function faultIdentity(fault: CallFault): string {
  switch (fault.kind) {
    case "field": {
      const at = fault.index === undefined ? "" : `[${fault.index}]`;
      return `${fault.field}${at} ${direction(fault.compiled, fault.model)}`;
    }
    case "statistic":
      return valueIdentity(fault);
    case "result":
      return `result ${direction(fault.compiled, fault.model)}`;
    case "warning":
      return [fault.compiled ? "warns" : "does-not-warn", ...(fault.warning === undefined ? [] : [fault.warning])].join(
        " ",
      );
    case "tree-warning":
      return `warns ${fault.place.file} ${fault.condition}`;
    case "unknown-warning":
      return `unknown-warning ${fault.id}`;
    case "not-ended":
      return ["not-ended", fault.reason, ...(fault.in === undefined ? [] : [fault.in.name])].join(" ");
    case "unexpected-write":
      return `unexpected-write ${fault.by} ${fault.word}`;
    case "outside":
      return `outside ${fault.object}`;
    case "unknown-statistic":
      return `unknown-statistic ${fault.item}`;
    case "free-verdict":
      return `${fault.isBad ? "bad" : "good"} ${fault.warned ? "warns" : "does-not-warn"}`;
    case "impossible":
      return fault.values.map(valueIdentity).join("; ");
    case "impossible-store":
      return `impossible-store ${fault.field}`;
    case "lock-left":
    case "tail-left":
    case "lock-bit-overwritten":
    case "lock-not-held":
      return fault.kind;
  }
}

function valueIdentity(value: ImpossibleValue): string {
  switch (value.kind) {
    case "out-of-range":
      return `${value.field} ${Number(value.value) < value.least ? "too-small" : "too-large"}`;
    case "statistic":
      return `${value.field} ${direction(value.compiled, value.model)}`;
    case "folio-index":
      return value.kind;
    case "total-mapped-pages":
      return `_total_mapped_pages ${direction(value.value, value.pages)}`;
  }
}

/** Returns the direction in which a value differs from the correct one. */
function direction(value: number | boolean, correct: number | boolean): string {
  return typeof value === "boolean" || typeof correct === "boolean"
    ? String(value)
    : value > correct
      ? "too-much"
      : "too-little";
}

function reportIdentity(report: ImageReport): string {
  switch (report.kind) {
    case "assertion":
      return `${report.severity} ${report.place.file} ${report.function}`;
    case "harness":
      return report.report;
    case "atomic-sleep":
      return `${report.kind} ${report.function}`;
    case "lock-order":
      return `${report.kind} ${report.function} ${report.opposite}`;
    case "would-wait":
      return `would-wait ${report.for}`;
    case "not-ended":
      return `not-ended ${report.reason}`;
    case "stray-write":
      return `stray-write ${report.through}`;
  }
}

/** Without process, page and folio numbers, which are not stable. */
function lockstepIdentity({ place, field, model, image }: LockstepField): string {
  const values =
    typeof image === "number" && typeof model === "number"
      ? direction(image, model)
      : wordsOf([image, model]).join(" ");
  return `${place.kind} ${field} ${values}`;
}

/** Returns the strings and booleans of data, in its order, without numbers. */
function wordsOf(data: unknown): readonly string[] {
  if (typeof data === "string" || typeof data === "boolean") {
    return [String(data)];
  }
  return typeof data === "object" && data !== null ? Object.values(data).flatMap(wordsOf) : [];
}
