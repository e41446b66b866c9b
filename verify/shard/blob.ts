/** Blobs: the results of a shard as a file, which `foliocheck merge` puts together with those of the others. */
import type { Provenance } from "../report/report.ts";
import { UsageError } from "../request/usage-error.ts";
import { formatShard, type Shard } from "./shard.ts";

/** Version of the blobs of every command. Blobs of another version are refused. */
export const BLOB_VERSION = 1;

/** Results of a shard. @typeParam C results of the command, as JSON values */
export interface Blob<C = unknown> {
  readonly format: "foliocheck-blob";
  readonly version: number;
  readonly command: BlobCommand;
  readonly shard: Shard;
  /** Of the shard; its option `shard` is the only one that differs between shards. */
  readonly provenance: Provenance;
  readonly seconds: number;
  readonly peakMemoryBytes: number;
  readonly content: C;
}

/** Commands with shards. */
export type BlobCommand = "verify" | "gate";

/** A blob, and the name of its file. */
export interface BlobFile {
  readonly name: string;
  readonly blob: Blob;
}

/** Reads a blob. @throws UsageError if the text is none, or of another version */
export function parseBlob(name: string, text: string): BlobFile {
  let value: Partial<Blob> | null;
  try {
    value = JSON.parse(text) as typeof value;
  } catch {
    value = null;
  }
  if (value?.format !== "foliocheck-blob") {
    throw new UsageError(`${name} is no blob; want files of --reporter blob:FILE, and no others in the folder`);
  }
  if (value.version !== BLOB_VERSION) {
    throw new UsageError(
      `${name} is a blob of version ${value.version}; this foliocheck reads version ${BLOB_VERSION}`,
    );
  }
  return { name, blob: value as Blob };
}

/**
 * Requires blobs of all shards of one run, each once, and returns them in the order of the shards.
 *
 * @param foliocheck version of the command that merges
 * @throws UsageError that names the first blob that does not fit, or the missing shards
 */
export function shardsOfOneRun(files: readonly BlobFile[], foliocheck: string): readonly Blob[] {
  const [first, ...others] = files;
  if (first === undefined) {
    throw new UsageError("there is no blob in the folder; want files of --shard I/N --reporter blob:FOLDER/FILE");
  }
  if (first.blob.provenance.foliocheck !== foliocheck) {
    const written = `${first.name} was written by foliocheck ${first.blob.provenance.foliocheck}`;
    throw new UsageError(`${written}, and this is ${foliocheck}: want the same version`);
  }
  for (const other of others) {
    const difference = differenceBetween(first, other);
    if (difference !== undefined) {
      throw new UsageError(`these blobs are not of one run: ${difference}`);
    }
  }
  const byNumber = new Map<number, BlobFile>();
  for (const file of files) {
    const { number } = file.blob.shard;
    const twin = byNumber.get(number);
    if (twin !== undefined) {
      throw new UsageError(`shard ${formatShard(file.blob.shard)} is there twice: ${twin.name} and ${file.name}`);
    }
    byNumber.set(number, file);
  }
  const { count } = first.blob.shard;
  const numbers = Array.from({ length: count }, (_, i) => i + 1);
  const missing = numbers.filter((number) => !byNumber.has(number));
  if (missing.length > 0) {
    const which = missing.length === 1 ? `shard ${missing[0]}` : `shards ${missing.join(", ")}`;
    throw new UsageError(`${which} of ${count} ${missing.length === 1 ? "is" : "are"} missing: run again what died`);
  }
  return numbers.map((number) => (byNumber.get(number) as BlobFile).blob);
}

/** Returns the provenance of the whole run. */
export function provenanceOfAll({ provenance }: Blob): Provenance {
  const { shard: _, ...options } = provenance.options;
  return { ...provenance, options };
}

/** Names the first thing by which two blobs are not of one run. */
function differenceBetween(one: BlobFile, other: BlobFile): string | undefined {
  const [first, second] = [one, other].map(({ name, blob: { command, shard, provenance } }) => ({
    name,
    facts: new Map<string, string>([
      ["version of foliocheck", provenance.foliocheck],
      ["command", [command, ...provenance.arguments.slice(1)].join(" ")],
      ["number of shards", String(shard.count)],
      ...Object.entries(provenance.inputs ?? {}).map(([input, hash]): [string, string] => [
        `content of --${input}`,
        `SHA-256 ${hash.slice(0, 12)}…`,
      ]),
      ...Object.entries(optionsOf(provenance)).map(([option, value]): [string, string] => [
        `--${option}`,
        JSON.stringify(value),
      ]),
    ]),
  })) as [{ name: string; facts: Map<string, string> }, { name: string; facts: Map<string, string> }];
  for (const fact of new Set([...first.facts.keys(), ...second.facts.keys()])) {
    const [here, there] = [first, second].map(({ facts }) => facts.get(fact) ?? "none");
    if (here !== there) {
      return `${fact} is ${here} in ${first.name} and ${there} in ${second.name}`;
    }
  }
  return undefined;
}

/** Returns the options that shards must have in common: an input may have another name on each host. */
function optionsOf({ options, inputs = {} }: Provenance): Provenance["options"] {
  return Object.fromEntries(Object.entries(options).filter(([option]) => option !== "shard" && !(option in inputs)));
}
