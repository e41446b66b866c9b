/** What a report says nothing about: first what is absent or was left out, then the properties by reason. */
import { type Line, labelled, span } from "./text.ts";

/** A sentence about one property or claim: `C12: it is about CONFIG_NO_PAGE_MAPCOUNT`. */
const ABOUT_PROPERTY = /^([A-Z]+\d*(?:\.[\w-]+)?): (.+)$/;

/** The section of a report. */
export function notCheckedLines(sentences: readonly string[]): Line[] {
  const others = sentences.filter((sentence) => !ABOUT_PROPERTY.test(sentence));
  const idsByReason = new Map<string, string[]>();
  for (const sentence of sentences) {
    const [, id, reason] = ABOUT_PROPERTY.exec(sentence) ?? [];
    if (id !== undefined && reason !== undefined) {
      idsByReason.set(reason, [...(idsByReason.get(reason) ?? []), id]);
    }
  }
  const reasons = [...idsByReason].map(([reason, ids]) => `${reason}: ${ids.join(", ")}`);
  return sentences.length === 0
    ? []
    : [
        [span("Not checked", "strong")],
        ...others.flatMap((sentence) => labelled(span("  -", "dim"), sentence, 4)),
        ...(reasons.length === 0 ? [] : labelled(span("  -", "dim"), "Properties that say nothing here, by reason", 4)),
        ...reasons.flatMap((reason) => labelled(span("    -", "dim"), reason, 6)),
      ];
}
