/** Baseline of a gate: accepted findings with reasons. A gate fails on all other findings. */
import * as v from "valibot";
import { reasonOf } from "../../files/error-reason.ts";
import { readInput } from "../../files/read-input.ts";
import type { BaselineEntry } from "../../verify/report/report.ts";
import { field, kindOfJson, parseJson } from "../../verify/request/json-file.ts";
import { UsageError } from "../../verify/request/usage-error.ts";
import type { Finding } from "./findings.ts";
import { SIGNATURE_VERSION, signatureOf } from "./signature.ts";

/** Default name of the baseline file. */
export const BASELINE_FILE = "foliocheck.baseline.json";

const EXPECTED = "a JSON file that --update-baseline wrote";

const ENTRY = v.strictObject({
  /** Signature of the finding. */
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
 * @param required whether the file must exist; if not, a missing file is an empty baseline
 * @throws UsageError if it cannot be read, or is not a baseline
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
  const json = parseJson(text, file, EXPECTED);
  const result = v.safeParse(BASELINE, json);
  if (result.success) {
    return result.output.findings;
  }
  const kind = kindOfJson(json);
  if (kind !== "a baseline") {
    throw new UsageError(`${file} is ${kind === undefined ? "" : `${kind}, and `}not a baseline; want ${EXPECTED}`);
  }
  const version = field(json, "version");
  if (version === 1) {
    throw new UsageError(
      `${file} has signatures of version 1, which were made of messages; this foliocheck has version ${SIGNATURE_VERSION}: rename ` +
        "the file, run the same gate with --update-baseline and --reason, and copy the reasons from the old file",
    );
  }
  if (version !== SIGNATURE_VERSION) {
    const versionText = version === undefined ? "no version" : `version ${JSON.stringify(version)}`;
    throw new UsageError(`${file} is a baseline of ${versionText}; this foliocheck reads version ${SIGNATURE_VERSION}`);
  }
  const [issue] = result.issues;
  throw new UsageError(`${file} is a damaged baseline: ${v.getDotPath(issue) ?? "the file"}: ${issue.message}`);
}

/** Returns the entry that accepts a finding. */
export function acceptedBy(finding: Finding, baseline: readonly BaselineEntry[]): BaselineEntry | undefined {
  const signature = signatureOf(finding);
  return baseline.find((entry) => entry.finding === signature && entry.configs.includes(finding.config));
}

/** Returns the entries that match no finding in some checked configurations, with these configurations. */
export function unmatchedEntries(
  baseline: readonly BaselineEntry[],
  findings: readonly Finding[],
  wasChecked: (config: string, finding: string) => boolean,
): BaselineEntry[] {
  const keys = new Set(findings.map((each) => JSON.stringify([signatureOf(each), each.config])));
  return baseline.flatMap((entry) => {
    const configs = entry.configs.filter(
      (config) => wasChecked(config, entry.finding) && !keys.has(JSON.stringify([entry.finding, config])),
    );
    return configs.length === 0 ? [] : [{ ...entry, configs }];
  });
}

/**
 * Returns a baseline that accepts the findings. The reasons of existing entries are retained.
 *
 * @param reason reason for new findings; required if there are any
 * @param wasChecked whether the gate would have reported a finding in a configuration; if not, existing entries are
 * retained
 * @throws UsageError if there are new findings and no reason
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
    const entryReason = baseline.find((each) => each.finding === signature)?.reason ?? reason;
    if (entryReason === undefined) {
      throw new UsageError(`${signature} is a new finding: say with --reason why it is accepted`);
    }
    const entry = entries.get(signature) ?? { finding: signature, configs: [], reason: entryReason };
    entry.configs = [...new Set([...entry.configs, finding.config])];
    entries.set(signature, entry);
  }
  const acceptedFindings = [...entries.values()];
  const content = { format: "foliocheck-baseline", version: SIGNATURE_VERSION, findings: acceptedFindings };
  return { text: `${JSON.stringify(content, null, 2)}\n`, entries: acceptedFindings };
}
