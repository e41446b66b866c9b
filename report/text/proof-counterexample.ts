/** Counterexamples to induction as text: the roles of the MMs, and numbers before and after. */

import type { AccountedNumbers, FailedState, FailedStep, NumberState } from "../../proof/check-obligations.ts";
import type { CountingBounds } from "../../proof/counting-machine.ts";
import type { FailedAssertion } from "../../proof/executed-functions.ts";
import type { ObligationResult, Reachability } from "../../proof/proof-result.ts";
import { type Block, labelled } from "./block.ts";
import { namedWarningText } from "./kernel-warning.ts";
import { formatCount, plural } from "./numbers.ts";
import { obligationText } from "./obligation.ts";
import { type Line, type Span, span } from "./styled-text.ts";
import { table } from "./table.ts";

/** Formats the counterexample to an obligation. @param subject the kernel, if the surrounding text does not name it */
export function counterexampleLines(obligation: ObligationResult, subject?: string): Block[] {
  const { sentence, counterexample } = obligation;
  return [
    [span(obligationText(obligation), "bad"), ...(subject === undefined ? [] : [span(`  (${subject})`, "dim")])],
    ...labelled(span(""), sentence, 2),
    ...(counterexample === undefined
      ? []
      : counterexample.kind === "step"
        ? stepLines(counterexample)
        : stateLines(counterexample)),
  ];
}

function stepLines(step: FailedStep): Block[] {
  const { operation, diff, nrPages, before, after, outcome } = step;
  const actor = roleOf(before, before.mms[2].id);
  const does = REMOVALS.includes(operation) ? "removes" : "adds";
  const rows = rowsOf(before).map(([name, value], i): Span[] => {
    const [, now = ""] = rowsOf(after, before)[i] ?? [];
    return [span(name), span(value), span(now, now === value ? undefined : "changed")];
  });
  return [
    [span(`  A folio of ${plural(nrPages, "page")}: ${actor} ${does} ${mappingsText(operation, diff)}`)],
    ...table([{ title: "" }, { title: "before" }, { title: "after" }], rows, 4),
    ...(outcome.result === undefined ? [] : [[span(`    returns ${formatCount(outcome.result)}`)]]),
    ...(outcome.warning === undefined ? [] : [[span(`    warns: ${assertionText(outcome.warning)}`, "warn")]]),
  ];
}

const REMOVALS: readonly FailedStep["operation"][] = ["sub", "remove-ptes", "remove-pmd"];

/** Formats the mappings that an operation adds or removes. */
function mappingsText(operation: FailedStep["operation"], diff: number): string {
  switch (operation) {
    case "add-ptes":
    case "remove-ptes":
      return plural(diff, "PTE");
    case "add-pmd":
    case "remove-pmd":
      return "a PMD";
    default:
      return plural(diff, "mapping");
  }
}

function assertionText(failed: FailedAssertion): string {
  return failed.kind === "model" ? namedWarningText(failed.name) : `${failed.file}:${failed.line}: ${failed.condition}`;
}

function stateLines({ state, nrPages, verdict }: FailedState): Block[] {
  return [
    [span(`  A folio of ${plural(nrPages, "page")}, reported as ${verdict ? "maybe shared" : "mapped exclusively"}`)],
    ...table(
      [{ title: "" }, { title: "" }],
      rowsOf(state).map(([name, value]) => [span(name), span(value)]),
      4,
    ),
  ];
}

/** Lists the values of a state by name. @param roles the state that determines the roles of the MMs */
function rowsOf(
  state: NumberState | AccountedNumbers,
  roles: NumberState = state,
): (readonly [name: string, value: string])[] {
  const { mms, others, slots, largeMapcount, shared, locked, exact } = state;
  const [owner0, owner1, actor] = roles.mms;
  const isOwner = actor.id === owner0.id || actor.id === owner1.id;
  const roleRows: (readonly [string, string])[] = [
    ...(owner0.id === 0 ? [] : [["owner of slot 0", mapsText(mms[0].mappings)] as const]),
    ...(owner1.id === 0 || owner1.id === owner0.id ? [] : [["owner of slot 1", mapsText(mms[1].mappings)] as const]),
    ...(isOwner ? [] : [["actor", mapsText(mms[2].mappings)] as const]),
    ["all others", others.some ? `${others.many ? "two or more" : "one"}: ${mapsText(others.mappings)}` : "none"],
  ];
  const slot = (i: 0 | 1): readonly [string, string] => {
    const { id, count } = slots[i];
    return [`slot ${i}: MM, stored count`, `${id === 0 ? "free" : roleOf(roles, id)}, ${count}`];
  };
  return [
    ...roleRows,
    ["large mapcount, stored", String(largeMapcount)],
    slot(0),
    slot(1),
    ["marked as shared", shared ? "yes" : "no"],
    ...(locked ? [["lock", "held"] as const] : []),
    ["premise of C2", exact ? "holds" : "no"],
    ...("entireMapcount" in state ? accountingRows(state) : []),
  ];
}

/** Lists the values of accounting by name. */
function accountingRows(state: AccountedNumbers): (readonly [name: string, value: string])[] {
  const { anon, shmem, swapcache, pmdSized, pmdMappings, entireMapcount, partiallyMapped, queued, statistics } = state;
  const kind = anon ? "anon" : shmem ? "shmem" : "file";
  return [
    ["folio", `${kind}${swapcache ? ", in the swap cache" : ""}${pmdSized ? ", as large as a PMD maps" : ""}`],
    ["mapped by PMDs", formatCount(pmdMappings)],
    ["entire mapcount, stored", String(entireMapcount)],
    ["in NR_ANON_MAPPED", formatCount(statistics.nrAnonMapped)],
    ["in NR_FILE_MAPPED", formatCount(statistics.nrFileMapped)],
    ["in NR_ANON_THPS", formatCount(statistics.nrAnonThps)],
    [`in ${shmem ? "NR_SHMEM_PMDMAPPED" : "NR_FILE_PMDMAPPED"}`, formatCount(statistics.nrFilePmdmapped)],
    ["marked as partially mapped", partiallyMapped ? "yes" : "no"],
    ["queued for deferred split", queued ? "yes" : "no"],
  ];
}

function mapsText(mappings: number): string {
  return `maps ${formatCount(mappings)}`;
}

/** Returns the role of the MM with an id. */
function roleOf({ mms: [owner0, owner1], mms }: NumberState, id: number): string {
  return id === owner0.id
    ? "owner of slot 0"
    : id === owner1.id
      ? "owner of slot 1"
      : id === mms[2].id
        ? "actor"
        : `unknown MM ${id}`;
}

/** Formats the result of the reachability search. */
export function reachabilityLines(reachability: Reachability): Block[] {
  if (reachability.kind === "reached") {
    const { bounds, fails, calls } = reachability.execution;
    return [
      [span("Reached", "bad"), span(`: a shortest execution of ${boundsText(bounds)} ends where "${fails}" fails`)],
      ...calls.map((call, i): Line => [span(`  ${String(i + 1).padStart(2)}  ${call}`)]),
    ];
  }
  return labelled(
    span(""),
    `Not reached by ${reachability.within.map(boundsText).join(", nor by ")}: either more MMs or pages reach it, or the invariant is too weak ` +
      "for this kernel. It would need a part that excludes the state before, and that every operation preserves.",
    0,
    "warn",
  );
}

function boundsText({ pages, mms, mappings }: CountingBounds): string {
  return `${plural(mms, "MM")} with up to ${formatCount(mappings)} mappings each of a folio of ${plural(pages, "page")}`;
}
