import { mkdirSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";

/**
 * Makes a folder and its missing parents. Unlike Node's mkdir() with `recursive`, it terminates if the system reports a
 * folder as missing and refuses to make it, as in /proc.
 *
 * @throws Error of the system
 */
export function makeFolder(folder: string): void {
  const missing: string[] = [];
  let path = resolve(folder);
  while (statSync(path, { throwIfNoEntry: false }) === undefined) {
    missing.push(path);
    path = dirname(path);
  }
  for (const each of missing.reverse()) {
    mkdirSync(each);
  }
  if (!statSync(path).isDirectory()) {
    throw new Error(`${path} is not a folder`);
  }
}
