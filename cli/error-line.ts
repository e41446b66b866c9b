/** Errors on standard error: one line each. */

/** A message as one line, whatever a file name or a foreign file has put into it; a suggestion goes to its end. */
export function oneLine(message: string): string {
  return message
    .trim()
    .replace(/\n(?=\(Did you mean)/, " ")
    .replace(/\p{Cc}/gu, (character) => JSON.stringify(character).slice(1, -1));
}

/** Prints what is wrong. */
export function printError(message: string): void {
  process.stderr.write(`error: ${oneLine(message)}\n`);
}
