/** A tree, a patch or a base that the gate cannot process. The message is one line: the reason, and what to do. */
export class TreeError extends Error {
  /** The message without "nothing was checked": for a gate that continues without a base. */
  readonly reason: string;

  constructor(message: string, reason: string = message) {
    super(message);
    this.reason = reason;
  }
}

/** Returns the error for a tree that cannot be gated. @param advice sentences about what to do */
export function nothingChecked(reason: string, advice?: string): TreeError {
  const whatToDo = advice === undefined ? "" : `. ${advice}`;
  return new TreeError(`${reason}; nothing was checked${whatToDo}`, `${reason}${whatToDo}`);
}
