/** Rmap accounting of a kernel of the model in terms: its functions executed on symbols by their own text. */
import type { Kernel } from "../../model/kernel/kernel.ts";
import type { AccountedFolio, Contribution } from "../accounting/accounted-state.ts";
import {
  type RmapCall,
  type RmapOperation,
  rmapTruthAfter,
  stepsOf,
  trackingOf,
} from "../accounting/rmap-operations.ts";
import {
  ACCOUNTED_SYMBOLS,
  anyAccountedTruth,
  anyAccounting,
  flag,
  noContribution,
  unmappedAccountedTruth,
} from "../symbolic/accounted-terms.ts";
import { equal, FALSE, lessSigned, type Term } from "../symbolic/term.ts";
import type { TermFunctions, TermState, TermStep } from "../symbolic/term-functions.ts";
import { TERMS } from "../symbolic/terms-logic.ts";
import { asInteger, int, isNotZero, SYMBOLS } from "../symbolic/tracked-terms.ts";
import { type ExecutedPaths, executedPaths, type Start, truthOf } from "./executed-paths.ts";
import { actingMm, folioAfter, modelTerms } from "./model-terms.ts";
import { type SymbolicFolio, storedTerms, symbolicFolio } from "./symbolic-folio.ts";
import { asNumber, symbolicInt, symbolicTruth } from "./symbolic-value.ts";

/** The fields of a folio that the rmap functions use. */
interface RmapFolio extends SymbolicFolio {
  readonly entireMapcount: unknown;
  /** Not counted without page mapcounts: any value. */
  readonly nrPagesMapped: unknown;
  readonly partiallyMapped: unknown;
  readonly onDeferredList: unknown;
  readonly anon: unknown;
  readonly swapcache: unknown;
}

/** The folio and its statistics after a function. */
interface Returned {
  readonly folio: AccountedFolio<Term, Term>;
  readonly anon: Term;
  readonly swapcache: Term;
}

/**
 * Executes the functions, those of owner tracking included. Terms of an earlier execution must not be used any more.
 *
 * @throws NotExecutable when one of them does what cannot be executed with symbols
 */
export function modelAccountingTerms(kernel: Kernel): TermFunctions<"accounting"> {
  const started = performance.now();
  const tracking = modelTerms(kernel);
  const { limits, order, nrPages } = tracking;
  const { slots, largeMapcount, shared, locked } = tracking.before;
  const stored = { slots, largeMapcount, shared, locked };
  const actorId = asInteger(int(SYMBOLS.actorId));
  const diff = asInteger(int(SYMBOLS.diff));
  const page = asInteger(int(ACCOUNTED_SYMBOLS.page));
  const accounting = anyAccounting();
  const kind = {
    nrPages,
    pmdSized: equal(order, int(ACCOUNTED_SYMBOLS.pmdOrder)),
    anon: flag(ACCOUNTED_SYMBOLS.anon),
    swapcache: flag(ACCOUNTED_SYMBOLS.swapcache),
    shmem: flag(ACCOUNTED_SYMBOLS.shmem),
  };
  const before: TermState<"accounting"> = {
    ...stored,
    ...accounting,
    ...kind,
    ...anyAccountedTruth(stored, actorId),
  };
  // The accounting of small folios is another one.
  const isLarge = lessSigned(TERMS.constant(1), nrPages);
  const executed = (operation: RmapOperation): ExecutedPaths<Returned> => {
    const { name, range } = KERNEL_FUNCTION[operation];
    const start = (): Start<Returned> => {
      const folio: RmapFolio = {
        ...symbolicFolio(stored, nrPages),
        entireMapcount: symbolicInt(accounting.entireMapcount),
        nrPagesMapped: symbolicInt(asInteger(int(ACCOUNTED_SYMBOLS.nrPagesMapped))),
        partiallyMapped: symbolicTruth(accounting.partiallyMapped),
        onDeferredList: symbolicTruth(accounting.queued),
        anon: symbolicTruth(kind.anon),
        swapcache: symbolicTruth(kind.swapcache),
      };
      const stats = symbolicStatistics(accounting.statistics);
      const mm = actingMm(actorId);
      return {
        parameters: [stats, folio, ...range(symbolicInt(page), symbolicInt(diff), folio.nrPages, mm)],
        read: () => returned(folio, stats),
      };
    };
    return executedPaths(kernel, name, start, [isLarge]);
  };
  const stepOf = (operation: RmapOperation): TermStep<"accounting"> => {
    const paths = executed(operation);
    const call: RmapCall<Term, Term> = { operation, before, diff, page, nrPages };
    const { site } = paths;
    return {
      ...call,
      after: { ...kind, ...accountedAfter(paths), ...rmapTruthAfter(TERMS, call, limits) },
      tracked: tracking.steps[trackingOf(operation)].after,
      changesOthers: FALSE,
      warned: isNotZero(site),
      site,
      trapped: paths.threw,
    };
  };
  const made = executedPaths(kernel, "prepCompoundHead", () => {
    const folio = { ...symbolicFolio(stored, nrPages), entireMapcount: symbolicInt(accounting.entireMapcount) };
    return { parameters: [folio], read: () => asNumber(folio.entireMapcount).term };
  });
  return {
    ...tracking,
    before,
    steps: stepsOf(stepOf),
    fresh: {
      state: {
        ...tracking.fresh.state,
        ...kind,
        ...unmappedAccountedTruth(),
        entireMapcount: made.chosen((term) => term),
        partiallyMapped: FALSE,
        queued: FALSE,
        statistics: noContribution(),
      },
      warned: tracking.fresh.warned,
    },
    milliseconds: performance.now() - started,
  };
}

/** The functions of the kernel, and their parameters after the folio. */
const KERNEL_FUNCTION: {
  readonly [operation in RmapOperation]: {
    readonly name: keyof Kernel;
    readonly range: (page: unknown, diff: unknown, nrPages: unknown, mm: object) => readonly unknown[];
  };
} = {
  "add-ptes": { name: "folioAddRmap", range: (page, diff, _, mm) => [page, diff, mm, "pte"] },
  "add-pmd": { name: "folioAddRmap", range: (_page, _diff, nrPages, mm) => [0, nrPages, mm, "pmd"] },
  "remove-ptes": { name: "folioRemoveRmapPtes", range: (page, diff, _, mm) => [page, diff, mm] },
  "remove-pmd": { name: "folioRemoveRmapPmd", range: (_page, _diff, _nrPages, mm) => [mm] },
};

type SymbolicStatistics = { -readonly [name in keyof Contribution<unknown>]: unknown };

function symbolicStatistics(statistics: Contribution<Term>): SymbolicStatistics {
  const { nrAnonMapped, nrFileMapped, nrAnonThps, nrFilePmdmapped } = statistics;
  return {
    nrAnonMapped: symbolicInt(nrAnonMapped),
    nrFileMapped: symbolicInt(nrFileMapped),
    nrAnonThps: symbolicInt(nrAnonThps),
    nrFilePmdmapped: symbolicInt(nrFilePmdmapped),
  };
}

function returned(folio: RmapFolio, stats: SymbolicStatistics): Returned {
  return {
    folio: {
      ...storedTerms(folio),
      entireMapcount: asNumber(folio.entireMapcount).term,
      partiallyMapped: truthOf(folio.partiallyMapped),
      queued: truthOf(folio.onDeferredList),
      statistics: {
        nrAnonMapped: asNumber(stats.nrAnonMapped).term,
        nrFileMapped: asNumber(stats.nrFileMapped).term,
        nrAnonThps: asNumber(stats.nrAnonThps).term,
        nrFilePmdmapped: asNumber(stats.nrFilePmdmapped).term,
      },
    },
    anon: truthOf(folio.anon),
    swapcache: truthOf(folio.swapcache),
  };
}

function accountedAfter(
  paths: ExecutedPaths<Returned>,
): AccountedFolio<Term, Term> & { readonly anon: Term; readonly swapcache: Term } {
  const number = (name: keyof Contribution<Term>): Term => paths.chosen(({ folio }) => folio.statistics[name]);
  return {
    ...folioAfter(paths),
    entireMapcount: paths.chosen(({ folio }) => folio.entireMapcount),
    partiallyMapped: paths.when(({ folio }) => folio.partiallyMapped),
    queued: paths.when(({ folio }) => folio.queued),
    statistics: {
      nrAnonMapped: number("nrAnonMapped"),
      nrFileMapped: number("nrFileMapped"),
      nrAnonThps: number("nrAnonThps"),
      nrFilePmdmapped: number("nrFilePmdmapped"),
    },
    anon: paths.when(({ anon }) => anon),
    swapcache: paths.when(({ swapcache }) => swapcache),
  };
}
