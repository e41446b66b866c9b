/** Subjects of proofs as text. */
import type { SubjectResult } from "../../proof/proof-result.ts";

/** Subjects of proofs, by topic. */
const TOPICS: { readonly [topic in SubjectResult["topic"]]: string } = {
  tracking: "owner tracking",
  accounting: "rmap accounting",
};

/** Formats the subject of a proof. */
export function subjectText({ topic, subject }: Pick<SubjectResult, "topic" | "subject">): string {
  return withTopic(
    topic,
    subject.kind === "model" ? `${subject.kernel}, ${subject.config}` : [subject.config, ...subject.also].join(" and "),
  );
}

/** Appends the topic to a configuration. Most proofs are of owner tracking: there it is left out. */
export function withTopic(topic: SubjectResult["topic"], config: string): string {
  return topic === "tracking" ? config : `${config}: ${TOPICS[topic]}`;
}
