/** Words of a command that people copy. */

/** A file name as one word of a shell command. */
export function shellWord(name: string): string {
  const safe = name.startsWith("-") ? `./${name}` : name;
  return /^[\w./+:@%=,-]+$/.test(safe) ? safe : `'${safe.replaceAll("'", "'\\''")}'`;
}
