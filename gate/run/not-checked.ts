/** Parts that a gate does not check. */

import { distinct, type NotChecked, notChecked, skipped } from "../../invariants/not-checked.ts";
import { notInterleaved } from "../../machines/race.ts";
import { formatConfig } from "../../model/kernel/config.ts";
import type { RunReport } from "../../verify/report/report.ts";
import type { LayoutReport } from "../layout/layout-report.ts";
import { gateConfig } from "../unit/configurations.ts";
import { type GateOutcome, isComplete } from "./outcome.ts";
import { gateRuns, leftToLarger } from "./plan.ts";
import type { GateRequest } from "./request.ts";
import type { ReportedUnit } from "./unit-part.ts";

const ALWAYS: readonly NotChecked[] = [
  notChecked(
    "Overflow of a 32-bit slot mapcount by page tables",
    "machine slot-overflow calls only the functions that count",
  ),
  notChecked("Kernel code that stubs replace", "atomics, bit operations, locks, statistics, the swap cache"),
];

/** Options that restrict a gate. */
type Request = Pick<GateRequest, "profile" | "only" | "judge">;

/** Lists the unchecked parts, including claims about fields that the tree does not have. */
export function gateNotChecked(
  units: readonly ReportedUnit[],
  outcomes: readonly GateOutcome[],
  layout: LayoutReport | undefined,
  request: Request,
  imageOutcomes: readonly GateOutcome[] = [],
): NotChecked[] {
  return [
    ...leftOut(request),
    ...outsideOfFolders(units),
    ...withoutRuns(units, [...outcomes, ...imageOutcomes]),
    ...concurrency(outcomes),
    ...ALWAYS,
    ...upToSymmetry(outcomes),
    ...afterViolations(outcomes),
    ...outcomes.flatMap(beyondBounds),
    ...distinct(units.flatMap(ofUnit)),
    ...(layout === undefined ? [skipped("C21, C22, B3, B4", "layouts were not checked")] : layout.notChecked),
  ];
}

/** Reports the limits of the runs of machine race, or their absence. */
function concurrency(outcomes: readonly GateOutcome[]): NotChecked[] {
  const races = outcomes.flatMap(({ report }) => (report.interleaving === undefined ? [] : [report]));
  if (races.length === 0) {
    return [
      notChecked(
        "Concurrency",
        "every function runs alone; orders of stores, barriers and lockless readers are not checked",
      ),
    ];
  }
  const isOptimised = ({ optimisation }: RunReport): boolean => optimisation === "-O2";
  return [
    notChecked("Concurrency on machines other than race", "each of their functions runs alone"),
    weakerThan(races),
    races.some(isOptimised)
      ? notChecked(
          "Races of optimised code other than clang's at -O2; in runs at -O0 each access is one of the source text",
        )
      : notChecked("Races of optimised C code", "in these runs each access is one of the source text"),
    ...distinct(races.flatMap(({ bounds }) => notInterleaved(bounds))),
  ];
}

/** Bounds of machine race that select a memory model other than sequential consistency. */
const WEAK_MEMORY: readonly (readonly [bound: string, model: string])[] = [
  ["tso", "x86-TSO"],
  ["views", "views, without load buffering"],
];

/** Reports the memory models that the runs do not have. */
function weakerThan(races: readonly RunReport[]): NotChecked {
  const used = WEAK_MEMORY.filter(([bound]) => races.some(({ bounds }) => bounds[bound] === 1));
  const weak = used.map(([bound, model]) => `${bound} 1 (${model})`).join(" and ");
  return used.length === 0
    ? notChecked("Races under memory models weaker than sequential consistency")
    : notChecked(
        "Races under memory models weaker than that of each run",
        `sequential consistency, except in runs with ${weak}`,
      );
}

/** Reports the files that were not compared with the base. */
function outsideOfFolders([unit]: readonly ReportedUnit[]): NotChecked[] {
  const folders = unit?.change?.folders;
  return folders === undefined
    ? []
    : [notChecked(`Changes to files outside of ${folders.join(", ")}`, "they were not compared with the base")];
}

/** Reports the runs that search up to the symmetry of MMs. */
function upToSymmetry(outcomes: readonly GateOutcome[]): NotChecked[] {
  const reports = outcomes.flatMap(({ report }) =>
    // Runs with fixed calls have no symmetry, because the calls name MMs.
    (report.bounds["mms"] ?? 0) > 1 && report.calls === undefined ? [report] : [],
  );
  const reduced = [...new Set(reports.filter(({ symmetry }) => symmetry).map(({ machine }) => machine))];
  const whole = [...new Set(reports.filter(({ symmetry }) => !symmetry).map(boundsOf))];
  const withoutSymmetry = whole.length === 0 ? "" : `; those of ${whole.join(", ")} are not`;
  return reduced.length === 0
    ? []
    : [
        notChecked(
          "C code that distinguishes MMs by their ids, where only some arrangements of ids show it",
          `runs of ${reduced.join(", ")} are up to the order of MMs${withoutSymmetry}`,
        ),
      ];
}

/** Formats a run's bounds: `rmap (2 pages, 3 MMs)`. */
function boundsOf({ machine, bounds: { pages, mms } }: RunReport): string {
  return `${machine} (${pages} pages, ${mms} MMs)`;
}

/** Reports the runs that ended at a violation without a follow-up run. */
function afterViolations(outcomes: readonly GateOutcome[]): NotChecked[] {
  const ended = outcomes.filter(
    (outcome) => outcome.report.stopped === undefined && outcome.report.verdict === "violated" && !isComplete(outcome),
  );
  const machines = [...new Set(ended.map(({ report }) => report.machine))].join(", ");
  return ended.length === 0
    ? []
    : [
        skipped(
          `What comes after the violation that ended a run of ${machines}`,
          "claims and functions that are incomplete",
        ),
      ];
}

/** Reports the configurations without a run. */
function withoutRuns(units: readonly ReportedUnit[], outcomes: readonly GateOutcome[]): NotChecked[] {
  const configs = units.map(({ configuration }) => formatConfig(gateConfig(configuration)));
  const idle = configs.filter((config) => outcomes.every(({ report }) => report.config !== config));
  return idle.length === 0
    ? []
    : [skipped(`Anything in ${idle.join(" and ")}`, "no requested run has this configuration")];
}

function leftOut({ profile, only, judge }: Request): NotChecked[] {
  const { machines: larger, alone } = leftToLarger(profile);
  const machines = new Set(gateRuns({ profile }).map(({ machine }) => machine));
  machines.delete(only ?? "");
  return [
    ...(only === undefined ? [] : [skipped(`Machines other than ${only}, by --only`, [...machines].join(", "))]),
    ...(only === undefined && larger.length > 0
      ? [notChecked(`Machines that profile ${profile} leaves to larger ones`, larger.join(", "))]
      : []),
    ...(judge !== "conformance" && alone.some((machine) => only === undefined || machine === only)
      ? [
          notChecked(
            `The C code alone on machines where profile ${profile} leaves that to larger ones`,
            alone.join(", "),
          ),
        ]
      : []),
    ...(judge === "claims" ? [skipped("Whether C code and model do the same", "left out by --judge claims")] : []),
    ...(judge === "conformance"
      ? [skipped("Whether the claims hold with the C code alone", "left out by --judge conformance")]
      : []),
  ];
}

/** Reports the rest of a run that ended at a state beyond the bounds. */
function beyondBounds({ mode, report }: GateOutcome): NotChecked[] {
  const { machine, config } = report;
  return mode !== "image" && report.stopped === "beyond-bounds"
    ? report.notChecked
        .filter(({ topic }) => topic === "stopped")
        .map((each) => ({ ...each, part: { mode, machine, config } }))
    : [];
}

function ofUnit({ configuration, counts, hasPageMapcountOption }: ReportedUnit): NotChecked[] {
  const all: NotChecked[] = [];
  if (!hasPageMapcountOption) {
    all.push(
      notChecked(
        "Configurations with page-mapcount, and with them those without mm-id",
        "the tree does not know CONFIG_PAGE_MAPCOUNT",
      ),
    );
  }
  if (!counts.includes("_entire_mapcount")) {
    all.push(
      notChecked(
        "Claims about _entire_mapcount (C6.entire-mapcount; C4.fresh as to it)",
        counts.includes("_total_mapped_pages")
          ? "struct folio has _total_mapped_pages instead, which C6.total-mapped-pages checks"
          : "struct folio does not have it; a field that replaces it is part of the state, but no claim is about that field",
      ),
    );
  }
  if (configuration.pageMapcount && !counts.includes("_nr_pages_mapped")) {
    all.push(
      notChecked(
        "Claims about _nr_pages_mapped (C6.nr-pages-mapped; C4.fresh as to it)",
        "struct folio does not have it",
      ),
    );
  }
  return all;
}
