/**
 * The functions of a compiled kernel in the places of the model's: as a Kernel that answers with the C code alone, or as
 * one that runs both on every call and compares.
 */
import { type FieldRange, FieldRangeError } from "../../explore/model/errors.ts";
import type { Repetition } from "../../explore/model/machine.ts";
import { isReadOnly } from "../../explore/packed/packed.ts";
import type { Kernel } from "../../model/kernel/kernel.ts";
import { reportingTo, type Warnings, warningName } from "../../model/kernel/warnings.ts";
import { freshFolio } from "../../model/state/fresh-folio.ts";
import type { Folio, Machine, MmStruct, NodeStats, TrackedFolio } from "../../model/state/structs.ts";
import { BufferField, MOST_PAGES, PRECISE, READERS } from "../harness/harness.ts";
import type { TranslationUnit } from "../unit/translation-unit.ts";
import { baseKernel } from "./base-kernel.ts";
import { CallEffects, faultsOf, leavesUnexpectedWrite, NO_CHANGE } from "./call-effects.ts";
import { type CallFault, type CallFaults, functionPlace, type QueryFaults } from "./call-fault.ts";
import { CallMemo } from "./call-memo.ts";
import { type Ask, argumentOf, type Call, type Calls, type CFunction, type CFunctionOf, nothing } from "./calls.ts";
import { environmentFor } from "./environment.ts";
import { differences, packTracked, sameFolio } from "./exchange-buffer.ts";
import { freeing } from "./freeing.ts";
import type { Instance } from "./instance.ts";
import { type Handover, trackedFolio, wholeFolio } from "./marshalling.ts";
import { overridesOf, readersOf } from "./overrides.ts";
import { FolioAnswers } from "./query-cache.ts";
import { Raised } from "./raised.ts";
import { codeOf, isModelCode, operationOf } from "./warning-codes.ts";

/** How C code and model share the work: `conformance` runs both and goes on with the model; `claims` runs C only. */
export type Mode = "conformance" | "claims";

/** A kernel that runs C code. */
export interface CompiledFunctions {
  readonly kernel: Kernel;
  /** Where C code and the model's functions leave warnings. */
  readonly warnings: Warnings;
  /** The faults of the call that raised a code last; undefined for codes of the model, and where nothing was raised. */
  readonly faults: (code: number) => CallFaults | undefined;
  /** What the model has no function for: fork of the PMD of a file, which no kernel does. */
  readonly dupFileRmapPmd: (folio: Folio, dstMm: MmStruct) => void;
  /** The faults of the last query. */
  readonly queryFaults: () => readonly CallFault[];
  /** Hands a folio to the C code: the next operation is about it. */
  readonly load: (folio: Folio) => void;
  /**
   * Whether something holds of a folio that nothing but the folio decides. What is found to hold is kept, and not asked again
   * of every state in which the folio is the same.
   *
   * @param number tells apart what is asked: that of an answer, or ALL_ANSWERS
   */
  readonly holdsOf: (folio: Folio, number: number, holds: () => boolean) => boolean;
  /** Told how steps are taken again, and undefined when that is over: where they are taken anew, nothing that is kept stands in for a call. */
  readonly onRepetition: (how: Repetition | undefined) => void;
  readonly instance: Instance;
  /** What the C code keeps of its own in a large folio that was just made, word by word: what prep_compound_head() leaves. */
  readonly freshExtra: (nrPages: number) => readonly number[];
  /** Where the C code was seen to write words that the model has no field for; of those it is said to keep, none. */
  readonly unexpectedWrites: ReadonlySet<number>;
  /** The first fault of a query, by property. */
  readonly remarks: Map<string, QueryFaults>;
}

/** What is known of C code already. */
export interface CompiledOptions {
  /** Operations whose differences are known, and not raised. */
  readonly leftOut?: readonly string[];
  /** Positions of 32-bit words of the struct pages where the C code keeps what the model has no field for. */
  readonly opaqueWords?: readonly number[];
}

/** A kernel for a running module. */
export function compiledFunctions(
  instance: Instance,
  mode: Mode,
  { leftOut = [], opaqueWords = [] }: CompiledOptions = {},
): CompiledFunctions {
  const { unit } = instance.kernel;
  const { exchange, room } = instance;
  const raised = new Raised();
  const { warnings } = raised;
  const base: Kernel = reportingTo(warnings, {
    ...baseKernel(unit),
    // Of C code, nothing is known that a claim would make an exception for.
    averageTakesPageType: false,
    // Where folios have room for a pincount is the tree's affair.
    folioHasPincount: ({ nrPages }) => nrPages >= room.pincount,
  });
  const runsModel = mode === "conformance";
  const effects = new CallEffects(instance);
  const answers = new FolioAnswers(MOST_ANSWERS, (number) => placeOf(unit, READERS[number] ?? PRECISE));
  const memo = new CallMemo((code) => placeOf(unit, operationOf(code) ?? ""));
  /** The model's folio after a call. */
  const expected = new Int32Array(BufferField.size);
  /** By how much the model changed the statistics. */
  const changes = new Float64Array(NO_CHANGE.length);
  const unexpectedWrites = new Set<number>();
  exchange[BufferField.extraCount] = opaqueWords.length;
  exchange.set(opaqueWords, BufferField.extraAt);
  instance.settle();

  const hand = { instance, base, raised, hasExtra: opaqueWords.length > 0 };
  const whole = wholeFolio(hand);
  const tracked = trackedFolio(hand);

  const noteStray = (): void => {
    if (effects.stray !== undefined) {
      unexpectedWrites.add(effects.stray);
    }
  };

  /** Takes over what the C code left. A value that no execution of a right kernel can leave is a finding. */
  const take = (unpack: () => void): void => {
    try {
      unpack();
    } catch (error) {
      if (!(error instanceof FieldRangeError)) {
        throw error;
      }
      raised.raiseImpossible({ kind: "out-of-range", ...(error.place.range as FieldRange) });
    }
  };

  /** Runs the model's function, and compares what both left. */
  const compare = <F extends TrackedFolio, R>(
    { code, says }: CFunction<R>,
    raw: number,
    { pack }: Handover<F>,
    stats: NodeStats | undefined,
    folio: F,
    model: () => R,
  ): R => {
    const warnedBefore = warnings.first;
    warnings.first = 0;
    changes.fill(0);
    addStats(changes, stats, -1);
    const wanted = model();
    addStats(changes, stats, 1);
    const warned = warnings.first;
    warnings.first = warnedBefore !== 0 ? warnedBefore : warned;
    pack(expected, folio);
    const result = says(raw);
    const same =
      effects.isClean &&
      result === wanted &&
      (warned !== 0) === effects.warned &&
      sameFolio(exchange, expected, room) &&
      effects.changesStatsBy(changes);
    if (!same) {
      // Before anything that the model itself may have warned of: the difference explains more.
      warnings.first = warnedBefore;
    } else if (warned === 0) {
      memo.keep(folio, raw);
    }
    raised.assert(code, same, () =>
      effects.trapped
        ? faultsOf(effects.left(leavesUnexpectedWrite))
        : [
            ...(result === wanted
              ? []
              : [{ kind: "result", compiled: reportedValue(result), model: reportedValue(wanted) } as const]),
            ...(effects.warned || warned === 0 ? [] : [missingWarning(warned)]),
            ...faultsOf(warned === 0 ? effects.all(leavesUnexpectedWrite) : effects.left(leavesUnexpectedWrite)),
            ...differences(exchange, expected, room),
            ...effects.statDifferences(changes),
          ],
    );
    return wanted;
  };

  /** Takes over what a call left, of the folio and of the statistics. */
  const takeOver = <F extends TrackedFolio>(
    raw: number,
    { unpack }: Handover<F>,
    stats: NodeStats | undefined,
    folio: F,
    swapArea: Machine | undefined,
  ): void => {
    const before = raised.times;
    noteStray();
    effects.raiseIn(raised, leavesUnexpectedWrite);
    if (effects.trapped) {
      return;
    }
    take(() => unpack(folio, swapArea));
    if (stats === undefined) {
      effects.raiseStatsIn(raised);
    } else {
      take(() => {
        stats.nrAnonMapped += exchange[BufferField.stats] as number;
        stats.nrFileMapped += exchange[BufferField.stats + 1] as number;
        stats.nrAnonThps += exchange[BufferField.stats + 2] as number;
        stats.nrFilePmdmapped += exchange[BufferField.stats + 3] as number;
      });
    }
    if (raised.times === before) {
      memo.keep(folio, raw, exchange, BufferField.stats);
    }
  };

  /** Calls C functions that are handed a folio in this way. */
  const calling =
    <F extends TrackedFolio>(handover: Handover<F>): Call<F> =>
    (called, stats, folio, model, a = 0, b = 0, c = 0, d = 0, swapArea = undefined) => {
      const { code, run, says, isLeftOut } = called;
      if (isLeftOut) {
        return model();
      }
      const known = swapArea === undefined ? memo.find(folio, code, a, b, c, d) : memo.findNothing();
      if (known < 0) {
        handover.pack(exchange, folio);
        const raw = run(a, b, c, d);
        if (runsModel) {
          return compare(called, raw, handover, stats, folio, model);
        }
        takeOver(raw, handover, stats, folio, swapArea);
        return says(raw);
      }
      if (runsModel) {
        warnings.assert(code, true);
        return model();
      }
      memo.restore(known, folio);
      if (stats !== undefined) {
        take(() => {
          stats.nrAnonMapped += memo.change(known, 0);
          stats.nrFileMapped += memo.change(known, 1);
          stats.nrAnonThps += memo.change(known, 2);
          stats.nrFilePmdmapped += memo.change(known, 3);
        });
      }
      return says(memo.result(known));
    };

  /** Asks C functions that are handed a folio in this way. */
  const asking =
    <F extends TrackedFolio>({ pack }: Handover<F>): Ask<F> =>
    ({ run, says, answer }, folio, page = 0) => {
      const known = answers.find(folio, answer + page);
      if (known >= 0) {
        return says(answers.said(known));
      }
      pack(exchange, folio);
      const raw = run(page);
      if (!effects.trapped) {
        answers.keep(raw);
      }
      return says(raw);
    };

  /** What a function would return that may change the folio. */
  const askBefore = <R>({ code, run, says }: CFunction<R>, folio: Folio, a: number, b: number): R => {
    const known = folio.swapcache || isReadOnly(folio) ? memo.findNothing() : memo.find(folio, code, a, b);
    if (known >= 0) {
      return says(memo.result(known));
    }
    whole.pack(exchange, folio);
    const raw = run(a, b);
    if (memo.isLooking) {
      // What it does is kept for the call that follows, and not done yet: nothing of it is raised.
      raised.discardingWarnings(() => takeOver(raw, whole, undefined, folio, undefined));
      memo.undo(folio);
    }
    return says(raw);
  };

  const free = freeing({ effects, memo, raised, runsModel, pack: (folio) => whole.pack(exchange, folio) });

  const freshExtra = (nrPages: number): readonly number[] => {
    packTracked(exchange, { ...freshFolio(0), nrPages }, 0);
    exchange.fill(0, BufferField.extra, BufferField.extra + opaqueWords.length);
    instance.makeFresh?.();
    noteStray();
    return [...exchange.subarray(BufferField.extra, BufferField.extra + opaqueWords.length)];
  };

  const functionIn =
    (runs: Instance["operations"]): CFunctionOf =>
    (name, says) => {
      const run = runs[name];
      return (
        run && {
          code: codeOf(name),
          run,
          says,
          answer: numberOfAnswer(name),
          // Only under conformance is it known what else should have come of it.
          isLeftOut: runsModel && leftOut.includes(name),
        }
      );
    };
  const operation = functionIn(instance.operations);
  const callWhole = calling(whole);
  const dupFileRmapPmd = operation("folio_dup_file_rmap_pmd", nothing);
  const calls: Calls = {
    base,
    isAlone: !runsModel,
    argumentOf,
    operation,
    answer: functionIn(instance.answers),
    call: callWhole,
    callTracked: calling(tracked),
    ask: asking(whole),
    askBefore,
    askTracked: asking(tracked),
    free,
  };
  return {
    kernel: {
      ...base,
      ...overridesOf(calls),
      ...(runsModel
        ? {}
        : {
            ...readersOf(calls),
            ...environmentFor(base, { positions: opaqueWords, pageWords: instance.pageWords, fresh: freshExtra }),
          }),
      name: "tree",
    },
    warnings,
    faults: (code) => {
      const { faults } = raised;
      if (isModelCode(code) || faults.length === 0) {
        return;
      }
      const name = operationOf(code);
      return { kind: "call", ...(name === undefined ? {} : { function: functionPlace(unit, name) }), faults };
    },
    dupFileRmapPmd: (folio, dstMm) => {
      const model = (): void => base.dupMappings(folio, 0, folio.nrPages, dstMm, dstMm, "pmd");
      if (dupFileRmapPmd === undefined) {
        model();
      } else {
        callWhole(dupFileRmapPmd, undefined, folio, model, argumentOf(dstMm));
      }
    },
    queryFaults: () => effects.queryFaults(),
    load: (folio) => whole.pack(exchange, folio),
    holdsOf: (folio, number, holds) => {
      if (answers.find(folio, number) >= 0) {
        return true;
      }
      const does = holds();
      if (does) {
        answers.keep(1);
      }
      return does;
    },
    onRepetition: (how) => {
      memo.makesAll = how === "anew";
      answers.asksAll = how === "anew";
    },
    instance,
    freshExtra,
    unexpectedWrites,
    remarks: new Map(),
  };
}

/** The C code does not warn, and the model does. */
function missingWarning(code: number): CallFault {
  const warning = warningName(code);
  return { kind: "warning", compiled: false, model: true, ...(warning === undefined ? {} : { warning }) };
}

/** A result that differs: one of a function that returns nothing is always the same. */
function reportedValue(result: unknown): number | boolean {
  return typeof result === "boolean" ? result : Number(result);
}

/** Adds the statistics, or with the factor -1 takes them off. */
function addStats(sum: Float64Array, stats: NodeStats | undefined, factor: number): void {
  if (stats !== undefined) {
    sum[0] = (sum[0] as number) + factor * stats.nrAnonMapped;
    sum[1] = (sum[1] as number) + factor * stats.nrFileMapped;
    sum[2] = (sum[2] as number) + factor * stats.nrAnonThps;
    sum[3] = (sum[3] as number) + factor * stats.nrFilePmdmapped;
  }
}

/**
 * The number of the answer of a function that only looks; of the one that tells mapcounts of pages, that of the first page. Of
 * another function, −1.
 */
export function numberOfAnswer(name: string): number {
  return name === PRECISE ? READERS.length : READERS.indexOf(name);
}

/** The number for all of them together; and how many numbers there are. */
export const ALL_ANSWERS: number = READERS.length + MOST_PAGES;
const MOST_ANSWERS = ALL_ANSWERS + 1;

/** `folio_remove_rmap_ptes() at mm/rmap.c:1813`. */
export function placeOf({ functions }: TranslationUnit, name: string): string {
  const found = functions.find((each) => each.name === name);
  return found === undefined ? `${name}()` : `${name}() at ${found.file}:${found.line}`;
}
