/** A tree, a patch or a base that the gate cannot work with. The message is one line that says what, and what to do. */
export class TreeError extends Error {
  /** The message without what it says of a gate that ends here: for a gate that goes on without a base. */
  readonly reason: string;

  constructor(message: string, reason: string = message) {
    super(message);
    this.reason = reason;
  }
}

/** The error of a tree that cannot be gated. @param advice sentences that say what to do */
export function nothingChecked(reason: string, advice?: string): TreeError {
  const whatToDo = advice === undefined ? "" : `. ${advice}`;
  return new TreeError(`${reason}; nothing was checked${whatToDo}`, `${reason}${whatToDo}`);
}
