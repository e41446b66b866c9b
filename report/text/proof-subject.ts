/** The subject of a proof in words. */
import type { SubjectResult } from "../../proof/proof-result.ts";

/** The subject in words. */
export function subjectText({ subject }: SubjectResult): string {
  return subject.kind === "model"
    ? `${subject.kernel}, ${subject.config}`
    : [subject.config, ...subject.also].join(" and ");
}
