import { getSystemErrorMap } from "node:util";

/** Reason of an error: `no such file or directory` rather than `ENOENT: no such file or directory, open '…'`. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) {
    return String(error);
  }
  const { errno } = error as NodeJS.ErrnoException;
  return (errno !== undefined && getSystemErrorMap().get(errno)?.[1]) || error.message;
}
