/** Items that a run or a gate does not check, with reasons, as data. */

/** Item that is not checked. */
export interface NotChecked {
  readonly subject: NotCheckedSubject;
  /** Reason as a main clause; absent if the subject is self-explanatory. */
  readonly reason?: string;
  /** Topic of items that reports summarise separately. */
  readonly topic?: NotCheckedTopic;
  /** Part of a gate that the item belongs to; absent for all parts. */
  readonly part?: NotCheckedPart;
}

/** Property or claim by its id, changed lines, a changed function, or any other subject as a noun phrase. */
export type NotCheckedSubject =
  | { readonly property: string }
  | { readonly lines: { readonly file: string; readonly line: number; readonly endLine: number } }
  | { readonly function: { readonly name: string; readonly file: string; readonly line: number } }
  | string;

/**
 * `stopped`: the search ended before it had visited every state. `skipped`: a part that this run lacks and others of
 * its kind have, because of its options, its inputs or its end. `lines`: lines of an image that no operation reached.
 * `length`: executions that are longer than the bounds allow.
 */
export type NotCheckedTopic = "stopped" | "skipped" | "lines" | "length";

/** Part of a gate: all mm images, or one run. */
export type NotCheckedPart =
  | "images"
  | { readonly mode: "conformance" | "claims"; readonly machine: string; readonly config: string };

/** Creates an item. @param subject a noun phrase @param reason a main clause */
export function notChecked(subject: NotCheckedSubject, reason?: string): NotChecked {
  return { subject, ...(reason === undefined ? {} : { reason }) };
}

/** Creates an item that this run lacks and others of its kind have. @param subject a noun phrase @param reason a main clause */
export function skipped(subject: NotCheckedSubject, reason?: string): NotChecked {
  return { ...notChecked(subject, reason), topic: "skipped" };
}

/** Removes duplicates, in the order of first occurrence. */
export function distinct(all: readonly NotChecked[]): NotChecked[] {
  return [...new Map(all.map((each) => [JSON.stringify(each), each])).values()];
}
