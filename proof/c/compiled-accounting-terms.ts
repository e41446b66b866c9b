/** The rmap functions of a tree in terms: the compiled code is executed on symbols, once for each operation. */
import type { AccountedFolio, FolioKind } from "../accounting/accounted-state.ts";
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
  flag,
  noContribution,
  unmappedAccountedTruth,
} from "../symbolic/accounted-terms.ts";
import { type PageArray, SymbolicInstance } from "../symbolic/execute.ts";
import { NotExecutable } from "../symbolic/not-executable.ts";
import { constant, equal, FALSE, shiftLeft, type Term } from "../symbolic/term.ts";
import type { TermFunctions, TermState, TermStep } from "../symbolic/term-functions.ts";
import { TERMS } from "../symbolic/terms-logic.ts";
import { asInteger, int, isNotZero, SYMBOLS } from "../symbolic/tracked-terms.ts";
import type { AccountingReader } from "./accounting-harness.ts";
import { bit, compiledTerms, loadedFolio, storedIn } from "./compiled-terms.ts";
import type { ProofModule } from "./proof-module.ts";
import { change, constantOf, read } from "./symbolic-calls.ts";

/**
 * Executes the functions, those of owner tracking included. Terms of an earlier execution must not be used any more.
 *
 * @throws NotExecutable when one of them does what cannot be executed with symbols
 */
export function compiledAccountingTerms(module: ProofModule): TermFunctions<"accounting"> {
  const started = performance.now();
  const tracking = compiledTerms(module);
  const { limits, order, nrPages } = tracking;
  const empty = new SymbolicInstance(module.decoded, pagesIn(module, order));
  const loaded = loadedFolio(empty, order);
  const { pmdOrder, entireMapcount, anon, swapcache, shmem, partiallyMapped, queued } = ACCOUNTED_SYMBOLS;
  const { nrAnonMapped, nrFileMapped, nrAnonThps, nrFilePmdmapped } = ACCOUNTED_SYMBOLS;
  change(
    loaded,
    "load_accounting",
    order,
    int(pmdOrder),
    int(entireMapcount),
    ...[anon, swapcache, shmem, partiallyMapped, queued].map(bit),
    ...[nrAnonMapped, nrFileMapped, nrAnonThps, nrFilePmdmapped].map(int),
  );
  const kind: FolioKind<Term, Term> = {
    nrPages,
    pmdSized: equal(order, int(pmdOrder)),
    anon: flag(anon),
    swapcache: flag(swapcache),
    shmem: flag(shmem),
  };
  const stored = accountedIn(loaded);
  const actorId = int(SYMBOLS.actorId);
  const diff = int(SYMBOLS.diff);
  const page = int(ACCOUNTED_SYMBOLS.page);
  const before: TermState<"accounting"> = { ...stored, ...kind, ...anyAccountedTruth(stored, asInteger(actorId)) };
  const stepOf = (operation: RmapOperation): TermStep<"accounting"> => {
    const instance = loaded.clone();
    change(instance, operation, page, diff, actorId);
    const call: RmapCall<Term, Term> = {
      operation,
      before,
      diff: asInteger(diff),
      page: asInteger(page),
      nrPages,
    };
    const site = read(instance, "warning");
    return {
      ...call,
      after: {
        ...kind,
        ...accountedIn(instance),
        anon: isNotZero(read(instance, "anon")),
        swapcache: isNotZero(read(instance, "swapcache")),
        ...rmapTruthAfter(TERMS, call, limits),
      },
      tracked: tracking.steps[trackingOf(operation)].after,
      changesOthers: isNotZero(read(instance, "others")),
      warned: isNotZero(site),
      site,
      trapped: instance.trapped,
    };
  };
  const made = empty.clone();
  change(made, "fresh", order);
  return {
    ...tracking,
    before,
    steps: stepsOf(stepOf),
    fresh: {
      state: {
        ...storedIn(made),
        ...kind,
        ...unmappedAccountedTruth(),
        entireMapcount: asInteger(read(made, "entire_mapcount")),
        // The allocator clears the flags of pages.
        partiallyMapped: FALSE,
        queued: isNotZero(read(made, "queued")),
        statistics: noContribution(),
      },
      warned: isNotZero(read(made, "warning")),
    },
    milliseconds: performance.now() - started,
  };
}

/** The values that the folio stores, and its part of the statistics. */
function accountedIn(instance: SymbolicInstance): AccountedFolio<Term, Term> {
  const value = (name: AccountingReader): Term => asInteger(read(instance, name));
  const holds = (name: AccountingReader): Term => isNotZero(read(instance, name));
  return {
    ...storedIn(instance),
    entireMapcount: value("entire_mapcount"),
    partiallyMapped: holds("partially_mapped"),
    queued: holds("queued"),
    statistics: {
      nrAnonMapped: value("nr_anon_mapped"),
      nrFileMapped: value("nr_file_mapped"),
      nrAnonThps: value("nr_anon_thps"),
      nrFilePmdmapped: value("nr_file_pmdmapped"),
    },
  };
}

/**
 * The struct pages of the folio. Linking a tail page writes the bytes in which all are alike.
 *
 * @throws NotExecutable where tail pages are linked in different ways
 */
function pagesIn({ decoded }: ProofModule, order: Term): PageArray {
  const empty = new SymbolicInstance(decoded);
  const address = constantOf(empty, "pages_address");
  const size = constantOf(empty, "page_bytes");
  const present = constantOf(empty, "pages_present");
  const linked = (page: number): ReadonlyMap<number, Term> => {
    const instance = empty.clone();
    change(instance, "link", constant(page, 32), order);
    const first = address + page * size;
    return new Map(
      instance.written
        .filter((each) => each >= first && each < first + size)
        .map((each) => [each - first, instance.byteAt(each)]),
    );
  };
  const second = linked(1);
  for (let page = 2; page < present; page++) {
    const other = linked(page);
    if (other.size !== second.size || [...second].some(([offset, byte]) => other.get(offset) !== byte)) {
      throw new NotExecutable("tail pages that are not alike");
    }
  }
  return { address, size, present, count: shiftLeft(constant(1, 32), order), alike: new Set(second.keys()) };
}
