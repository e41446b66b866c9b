/** Unchecked parts of a report as text. */
import type { NotChecked, NotCheckedPart } from "../../invariants/not-checked.ts";
import { type Block, labelled } from "./block.ts";
import { formatCount, plural } from "./numbers.ts";
import { span } from "./styled-text.ts";

/** Unchecked parts: the properties that do not apply, by reason, and all others. */
interface NotCheckedGroups {
  readonly idsByReason: ReadonlyMap<string, readonly string[]>;
  readonly others: readonly NotChecked[];
}

function grouped(all: readonly NotChecked[]): NotCheckedGroups {
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
  return { idsByReason, others };
}

/** Largest number of characters of the other subjects in a summary: about four lines of a terminal. */
const MOST_CHARACTERS = 360;

/** Largest number of properties that do not apply and that a summary names. */
const MOST_NAMED = 8;

/**
 * Formats the unchecked parts in short; empty if there are none. What this run skipped, and what its end left out, is
 * listed first and with reasons; of the others only as many subjects as there is room for. The rest, and properties
 * that do not apply, are counted.
 */
export function notCheckedSummary(all: readonly NotChecked[]): string {
  const { idsByReason, others } = grouped(all);
  const inapplicable = [...idsByReason.values()].flat();
  const isOfRun = ({ topic }: NotChecked): boolean => topic === "stopped" || topic === "skipped";
  const subjects = others.filter((each) => !isOfRun(each)).map((each) => subjectText(each.subject));
  let listed = 0;
  for (let length = 0; listed < subjects.length && length <= MOST_CHARACTERS; listed++) {
    length += (subjects[listed] as string).length + 2;
  }
  const more = subjects.length - listed;
  return [
    ...others.filter(isOfRun).map(notCheckedText),
    ...subjects.slice(0, listed),
    ...(more === 0 ? [] : [`${formatCount(more)} more`]),
    ...(inapplicable.length === 0 ? [] : [inapplicableText(inapplicable)]),
  ].join("; ");
}

function inapplicableText(ids: readonly string[]): string {
  return ids.length <= MOST_NAMED
    ? `not applicable here: ${ids.join(", ")}`
    : `${plural(ids.length, "property", "properties")} not applicable here`;
}

/** Formats the section of a report: first the other subjects, then the properties by reason. */
export function notCheckedLines(all: readonly NotChecked[]): Block[] {
  const { idsByReason, others } = grouped(all);
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

function subjectText(subject: NotChecked["subject"], reason?: string): string {
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
