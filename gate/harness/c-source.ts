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

/** Returns a macro for each entry of a table, `PREFIX_name`, one on each line. */
export function defines(prefix: string, table: Readonly<Record<string, number>>): string {
  return Object.entries(table)
    .map(([name, value]) => `#define ${prefix}_${name} ${value}`)
    .join("\n");
}
