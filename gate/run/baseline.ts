/** The baseline of a gate: findings that are known, each with the reason why it is accepted. A gate fails on others. */
import * as v from "valibot";
import { reasonOf } from "../../files/error-reason.ts";
import { readInput } from "../../files/read-input.ts";
import type { BaselineEntry } from "../../verify/report/report.ts";
import { field, kindOfJson, parseJson } from "../../verify/request/json-file.ts";
import { UsageError } from "../../verify/request/usage-error.ts";
import type { Finding } from "./findings.ts";
import { SIGNATURE_VERSION, signatureOf } from "./signature.ts";

/** Name of the file, unless told otherwise. */
export const BASELINE_FILE = "foliocheck.baseline.json";

const WANTED = "a JSON file that --update-baseline wrote";

const ENTRY = v.strictObject({
  /** What was found: its signature. */
  finding: v.string(),
  configs: v.array(v.string()),
  reason: v.pipe(v.string(), v.regex(/\S/)),
});

const BASELINE = v.strictObject({
  format: v.literal("foliocheck-baseline"),
  version: v.literal(SIGNATURE_VERSION),
  findings: v.array(ENTRY),
});

/**
 * Reads a baseline.
 *
 * @param required whether the file must be there; else none means that nothing is accepted
 * @throws UsageError when it cannot be read, or is no baseline
 */
export async function readBaseline(file: string, required: boolean): Promise<readonly BaselineEntry[]> {
  let text: string;
  try {
    text = await readInput(file);
  } catch (error) {
    if (!required && (error as NodeJS.ErrnoException).code === "ENOENT") {
      return [];
    }
    throw new UsageError(`cannot read baseline ${file}: ${reasonOf(error)}`);
  }
  const json = parseJson(text, file, WANTED);
  const result = v.safeParse(BASELINE, json);
  if (result.success) {
    return result.output.findings;
  }
  const kind = kindOfJson(json);
  if (kind !== "a baseline") {
    throw new UsageError(`${file} is ${kind === undefined ? "" : `${kind}, and `}not a baseline; want ${WANTED}`);
  }
  const version = field(json, "version");
  if (version === 1) {
    throw new UsageError(
      `${file} has signatures of version 1, which were made of messages; this foliocheck has version ${SIGNATURE_VERSION}: rename ` +
        "the file, run the same gate with --update-baseline and --reason, and copy the reasons from the old file",
    );
  }
  if (version !== SIGNATURE_VERSION) {
    const found = version === undefined ? "no version" : `version ${JSON.stringify(version)}`;
    throw new UsageError(`${file} is a baseline of ${found}; this foliocheck reads version ${SIGNATURE_VERSION}`);
  }
  const [issue] = result.issues;
  throw new UsageError(`${file} is a damaged baseline: ${v.getDotPath(issue) ?? "the file"}: ${issue.message}`);
}

/** The entry that accepts a finding. */
export function acceptedBy(finding: Finding, baseline: readonly BaselineEntry[]): BaselineEntry | undefined {
  const signature = signatureOf(finding);
  return baseline.find((entry) => entry.finding === signature && entry.configs.includes(finding.config));
}

/** Entries that accept none of these findings, each with those of its configurations in which it does not. */
export function unmatchedEntries(
  baseline: readonly BaselineEntry[],
  findings: readonly Finding[],
  wasChecked: (config: string, finding: string) => boolean,
): BaselineEntry[] {
  const found = new Set(findings.map((each) => JSON.stringify([signatureOf(each), each.config])));
  return baseline.flatMap((entry) => {
    const configs = entry.configs.filter(
      (config) => wasChecked(config, entry.finding) && !found.has(JSON.stringify([entry.finding, config])),
    );
    return configs.length === 0 ? [] : [{ ...entry, configs }];
  });
}

/**
 * The baseline that accepts these findings. Reasons that were given stay.
 *
 * @param reason for findings that are new; when there are any, it must be given
 * @param wasChecked whether a finding in a configuration would have been found; where it would not, what is known stays
 * @throws UsageError when there are new findings and no reason
 */
export function updatedBaseline(
  findings: readonly Finding[],
  baseline: readonly BaselineEntry[],
  reason: string | undefined,
  wasChecked: (config: string, finding: string) => boolean,
): { readonly text: string; readonly entries: readonly BaselineEntry[] } {
  const entries = new Map<string, { finding: string; configs: string[]; reason: string }>();
  for (const entry of baseline) {
    const configs = entry.configs.filter((config) => !wasChecked(config, entry.finding));
    if (configs.length > 0) {
      entries.set(entry.finding, { ...entry, configs });
    }
  }
  for (const finding of findings) {
    const signature = signatureOf(finding);
    const known = baseline.find((each) => each.finding === signature)?.reason ?? reason;
    if (known === undefined) {
      throw new UsageError(`${signature} is a new finding: say with --reason why it is accepted`);
    }
    const entry = entries.get(signature) ?? { finding: signature, configs: [], reason: known };
    entry.configs = [...new Set([...entry.configs, finding.config])];
    entries.set(signature, entry);
  }
  const accepted = [...entries.values()];
  const content = { format: "foliocheck-baseline", version: SIGNATURE_VERSION, findings: accepted };
  return { text: `${JSON.stringify(content, null, 2)}\n`, entries: accepted };
}
