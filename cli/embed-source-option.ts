/** Option `--embed-source`: lines of the tree in HTML reports, which are under the kernel's licence then. */
import { Option } from "commander";
import { STANDARD_INPUT } from "../files/read-input.ts";
import { patched, readPatch } from "../gate/change/patch.ts";
import { kernelTree } from "../gate/tree/kernel-tree.ts";
import { UsageError } from "../verify/request/usage-error.ts";
import { type ReporterOptionValues, requestedReports } from "./reporter-option.ts";

/** Returns the text of a file of the tree; undefined if the tree does not have it. */
export type ReadSource = (file: string) => string | undefined;

/** Values of the options that determine the lines. */
interface SourceOptions extends ReporterOptionValues {
  readonly tree: string;
  readonly patch?: string;
  readonly embedSource?: true;
}

/** Creates option `--embed-source`. */
export function embedSourceOption(): Option {
  return new Option(
    "--embed-source",
    "with --reporter html: put the lines of the functions in traces into the report, which is under the GPL then",
  );
}

/** @throws UsageError if the option is given without an HTML report, or with a patch that cannot be read twice */
export function requireEmbeddable({ embedSource, patch, ...options }: SourceOptions): void {
  if (embedSource !== true) {
    return;
  }
  if (requestedReports(options).every(({ format }) => format !== "html")) {
    throw new UsageError("--embed-source is for HTML reports: want --reporter html, or --reporter html:FILE");
  }
  if (patch === STANDARD_INPUT) {
    throw new UsageError("--embed-source reads the patch a second time: want a file instead of standard input");
  }
}

/** Returns the reader of the tree, with the patch applied; undefined without the option. */
export async function sourceReader({ embedSource, tree, patch }: SourceOptions): Promise<ReadSource | undefined> {
  if (embedSource !== true) {
    return undefined;
  }
  const original = kernelTree(tree);
  const { read } = patch === undefined ? original : patched(original, await readPatch(patch));
  return read;
}
