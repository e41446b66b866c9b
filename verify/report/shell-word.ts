/** Quoting for commands that users paste into a shell. */

/** Quotes a file name as one word of a shell command. */
export function shellWord(name: string): string {
  const safe = name.startsWith("-") ? `./${name}` : name;
  return /^[\w./+:@%=,-]+$/.test(safe) ? safe : `'${safe.replaceAll("'", "'\\''")}'`;
}
