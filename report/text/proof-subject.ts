/** Subjects of proofs as text. */
import type { SubjectResult } from "../../proof/proof-result.ts";

/** Formats the subject of a proof. */
export function subjectText({ subject }: SubjectResult): string {
  return subject.kind === "model"
    ? `${subject.kernel}, ${subject.config}`
    : [subject.config, ...subject.also].join(" and ");
}
