/** C text of our own, which lies in files beside the modules that use it. */
import { readFileSync } from "node:fs";

/**
 * The text of a C file.
 *
 * @param path relative to the module
 * @param module `import.meta.url` of the module
 */
export function cSource(path: string, module: string): string {
  return readFileSync(new URL(path, module), "utf8");
}
