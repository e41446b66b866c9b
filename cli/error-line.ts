/** Error messages on standard error, one line each. */

/** Formats a message as one line: control characters are escaped, and commander's suggestion is joined to its end. */
export function oneLine(message: string): string {
  return message
    .trim()
    .replace(/\n(?=\(Did you mean)/, " ")
    .replace(/\p{Cc}/gu, (character) => JSON.stringify(character).slice(1, -1));
}

/** Prints an error message. */
export function printError(message: string): void {
  process.stderr.write(`error: ${oneLine(message)}\n`);
}
