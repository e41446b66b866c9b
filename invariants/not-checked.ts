/** What a run or a gate does not check, and why, as data. */

/** Something that is not checked. */
export interface NotChecked {
  readonly subject: NotCheckedSubject;
  /** The reason, as a main clause; absent where the subject says all. */
  readonly reason?: string;
  /** What reports sum up in another way. */
  readonly topic?: NotCheckedTopic;
  /** The part of a gate that it is about; absent for all of it. */
  readonly part?: NotCheckedPart;
}

/** A property or claim by its id, changed lines, a changed function, or anything else as a noun phrase. */
export type NotCheckedSubject =
  | { readonly property: string }
  | { readonly lines: { readonly file: string; readonly line: number; readonly endLine: number } }
  | { readonly function: { readonly name: string; readonly file: string; readonly line: number } }
  | string;

/**
 * `stopped`: the search ended before it had visited every state. `lines`: lines of an image that no operation reached.
 * `length`: executions that are longer than the bounds allow.
 */
export type NotCheckedTopic = "stopped" | "lines" | "length";

/** All mm images, or one run. */
export type NotCheckedPart =
  | "images"
  | { readonly mode: "conformance" | "claims"; readonly machine: string; readonly config: string };

/** @param subject a noun phrase @param reason a main clause */
export function notChecked(subject: NotCheckedSubject, reason?: string): NotChecked {
  return { subject, ...(reason === undefined ? {} : { reason }) };
}

/** Each once, in the order of their first occurrence. */
export function distinct(all: readonly NotChecked[]): NotChecked[] {
  return [...new Map(all.map((each) => [JSON.stringify(each), each])).values()];
}
