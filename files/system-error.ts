/** The reason in an error of the system: `no such file or directory` of `ENOENT: no such file or directory, open '…'`. */
export function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return /^[A-Z]+: ([^,]+),/.exec(message)?.[1] ?? message;
}

/** The code of an error of the system, such as `ENOENT`; undefined of other errors. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
}
