import { mkdirSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";

/**
 * Makes a folder, and those that it is in, as far as they are not there. Unlike mkdir() of Node.js with `recursive`, it comes
 * to an end where the system says of a folder that it cannot be found, and does not let it be made: in /proc, say.
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
