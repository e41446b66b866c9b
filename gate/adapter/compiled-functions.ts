import type { Repetition } from "../../explore/model/machine.ts";
import type { Kernel } from "../../model/kernel/kernel.ts";
import { reportingTo, type Warnings } from "../../model/kernel/warnings.ts";
import { freshFolio } from "../../model/state/fresh-folio.ts";
import type { Folio, MmStruct } from "../../model/state/structs.ts";
import { BufferField, MOST_PAGES, PRECISE, READERS } from "../harness/harness.ts";
import type { TranslationUnit } from "../unit/translation-unit.ts";
import { baseKernel } from "./base-kernel.ts";
import { CallEffects } from "./call-effects.ts";
import { type CallFault, type CallFaults, functionPlace, type QueryFaults } from "./call-fault.ts";
import { CallMemo } from "./call-memo.ts";
import { CallRunner } from "./call-runner.ts";
import { argumentOf, type Calls, type CFunctionOf, nothing } from "./calls.ts";
import { environmentFor } from "./environment.ts";
import { packTracked } from "./exchange-buffer.ts";
import { freeing } from "./freeing.ts";
import type { Instance } from "./instance.ts";
import { trackedFolio, wholeFolio } from "./marshalling.ts";
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
  const runner = new CallRunner({ instance, raised, effects, memo, answers, runsModel });
  exchange[BufferField.extraCount] = opaqueWords.length;
  exchange.set(opaqueWords, BufferField.extraAt);
  instance.settle();

  const hand = { instance, base, raised, hasExtra: opaqueWords.length > 0 };
  const whole = wholeFolio(hand);
  const tracked = trackedFolio(hand);

  const free = freeing({ effects, memo, raised, runsModel, pack: (folio) => whole.pack(exchange, folio) });

  const freshExtra = (nrPages: number): readonly number[] => {
    packTracked(exchange, { ...freshFolio(0), nrPages }, 0);
    exchange.fill(0, BufferField.extra, BufferField.extra + opaqueWords.length);
    instance.makeFresh?.();
    runner.recordUnexpectedWrite();
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
  const callWhole = runner.calling(whole);
  const dupFileRmapPmd = operation("folio_dup_file_rmap_pmd", nothing);
  const calls: Calls = {
    base,
    isAlone: !runsModel,
    argumentOf,
    operation,
    answer: functionIn(instance.answers),
    call: callWhole,
    callTracked: runner.calling(tracked),
    ask: runner.asking(whole),
    askBefore: (called, folio, a, b) => runner.askBefore(called, whole, folio, a, b),
    askTracked: runner.asking(tracked),
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
    unexpectedWrites: runner.unexpectedWrites,
    remarks: new Map(),
  };
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
