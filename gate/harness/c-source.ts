/** Reads the C files of the gate, which are beside the modules that use them. */
import { readFileSync } from "node:fs";

/**
 * Returns the text of a C file.
 *
 * @param path path of the C file, relative to the module
 * @param module `import.meta.url` of the module
 */
export function cSource(path: string, module: string): string {
  return readFileSync(new URL(path, module), "utf8");
}
