/** Unchecked parts of a report as text. */
import type { NotChecked, NotCheckedPart } from "../../invariants/not-checked.ts";
import { type Line, labelled, span } from "./styled-text.ts";

/** Formats the section of a report: first the other subjects, then the properties by reason. */
export function notCheckedLines(all: readonly NotChecked[]): Line[] {
  const idsByReason = new Map<string, string[]>();
  const others: NotChecked[] = [];
  for (const each of all) {
    const { subject, reason, part } = each;
    if (typeof subject === "object" && "property" in subject && reason !== undefined && part === undefined) {
      idsByReason.set(reason, [...(idsByReason.get(reason) ?? []), subject.property]);
    } else {
      others.push(each);
    }
  }
  const reasons = [...idsByReason].map(([reason, ids]) => `${reason}: ${ids.join(", ")}`);
  return all.length === 0
    ? []
    : [
        [span("Not checked", "strong")],
        ...others.flatMap((each) => labelled(span("  -", "dim"), notCheckedText(each), 4)),
        ...(reasons.length === 0
          ? []
          : labelled(span("  -", "dim"), "Properties that do not apply here, by reason", 4)),
        ...reasons.flatMap((reason) => labelled(span("    -", "dim"), reason, 6)),
      ];
}

/** Formats an unchecked part: `C12: it is about CONFIG_NO_PAGE_MAPCOUNT`. */
export function notCheckedText({ subject, reason, part }: NotChecked): string {
  return `${part === undefined ? "" : `${partText(part)}: `}${subjectText(subject, reason)}`;
}

function subjectText(subject: NotChecked["subject"], reason: string | undefined): string {
  if (typeof subject === "string") {
    return reason === undefined ? subject : `${subject}: ${reason}`;
  }
  if ("property" in subject) {
    return reason === undefined ? subject.property : `${subject.property}: ${reason}`;
  }
  const why = reason === undefined ? "not checked" : reason;
  if ("lines" in subject) {
    const { file, line, endLine } = subject.lines;
    return `${file}:${line}${endLine === line ? "" : `-${endLine}`} is changed, and ${why}`;
  }
  const { name, file, line } = subject.function;
  return `${name}() at ${file}:${line} is changed, and ${why}`;
}

function partText(part: NotCheckedPart): string {
  return part === "images" ? "On mm images" : `${part.mode} on machine ${part.machine}, ${part.config}`;
}
