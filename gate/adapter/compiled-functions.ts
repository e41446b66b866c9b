/** A kernel that runs C code, alone or compared with the model on every call. */
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
import { overridesOf, queriesOf } from "./overrides.ts";
import { QueryCache } from "./query-cache.ts";
import { Raised } from "./raised.ts";
import { codeOf, isModelCode, operationOf } from "./warning-codes.ts";

/** `conformance`: C code and model run, and are compared; the model's results are used. `claims`: C code runs alone. */
export type Mode = "conformance" | "claims";

/** A kernel that runs C code. */
export interface CompiledFunctions {
  readonly kernel: Kernel;
  /** Warnings of the C code and of the model's functions. */
  readonly warnings: Warnings;
  /** Returns the faults of the call that raised a code; undefined for codes of the model, and if none was raised. */
  readonly faults: (code: number) => CallFaults | undefined;
  /** Duplicates the PMD mapping of a file at fork. The model has no such function, because no kernel does that. */
  readonly dupFileRmapPmd: (folio: Folio, dstMm: MmStruct) => void;
  /** Returns the faults of the last query. */
  readonly queryFaults: () => readonly CallFault[];
  /** Encodes a folio into the exchange buffer, for the next operation. */
  readonly load: (folio: Folio) => void;
  /**
   * Evaluates a predicate that depends on the folio only. If it is true, that is cached for all states with the same
   * folio.
   *
   * @param number number of the query that the predicate is about, or ALL_QUERIES
   */
  readonly holdsOf: (folio: Folio, number: number, holds: () => boolean) => boolean;
  /**
   * Called with the mode before steps are repeated, with undefined after. In mode `anew`, no cached call is
   * used.
   */
  readonly onRepetition: (how: Repetition | undefined) => void;
  readonly instance: Instance;
  /** Returns the opaque words of a new large folio: their values after prep_compound_head(). */
  readonly freshOpaqueWords: (nrPages: number) => readonly number[];
  /** Positions of words that the C code wrote, that the model has no field for, and that are no known opaque words. */
  readonly unexpectedWrites: ReadonlySet<number>;
  /** The first faults of a query, by property. */
  readonly notices: Map<string, QueryFaults>;
}

/** Known differences and opaque words of the C code. */
export interface CompiledOptions {
  /** Operations whose differences from the model are known, and not reported. */
  readonly leftOut?: readonly string[];
  /**
   * Positions of the opaque words: 32-bit words of the struct pages that the C code uses and the model has no field
   * for.
   */
  readonly opaqueWords?: readonly number[];
}

/** Builds the kernel of a running module. */
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
    // A known deviation of the model for which claims have an exception: C code gets none.
    averageTakesPageType: false,
    // The tree decides which folios have a pincount.
    folioHasPincount: ({ nrPages }) => nrPages >= room.pincount,
  });
  const runsModel = mode === "conformance";
  const effects = new CallEffects(instance);
  const queryCache = new QueryCache(MOST_QUERIES, (number) => placeOf(unit, READERS[number] ?? PRECISE));
  const memo = new CallMemo((code) => placeOf(unit, operationOf(code) ?? ""));
  const runner = new CallRunner({ instance, raised, effects, memo, queryCache, runsModel });
  exchange[BufferField.opaqueCount] = opaqueWords.length;
  exchange.set(opaqueWords, BufferField.opaqueAt);
  instance.settle();

  const marshallingOptions = { instance, base, raised, hasOpaqueWords: opaqueWords.length > 0 };
  const whole = wholeFolio(marshallingOptions);
  const tracked = trackedFolio(marshallingOptions);

  const free = freeing({ effects, memo, raised, runsModel, pack: (folio) => whole.pack(exchange, folio) });

  const freshOpaqueWords = (nrPages: number): readonly number[] => {
    packTracked(exchange, { ...freshFolio(0), nrPages }, 0);
    exchange.fill(0, BufferField.opaqueWords, BufferField.opaqueWords + opaqueWords.length);
    instance.makeFresh?.();
    runner.recordUnexpectedWrite();
    return [...exchange.subarray(BufferField.opaqueWords, BufferField.opaqueWords + opaqueWords.length)];
  };

  const functionIn =
    (runs: Instance["operations"]): CFunctionOf =>
    (name, decode) => {
      const run = runs[name];
      return (
        run && {
          code: codeOf(name),
          run,
          decode,
          queryNumber: queryNumberOf(name),
          // Only under conformance can the model's function replace it.
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
    queryFunction: functionIn(instance.queries),
    call: callWhole,
    callTracked: runner.calling(tracked),
    query: runner.querying(whole),
    preview: (called, folio, a, b) => runner.preview(called, whole, folio, a, b),
    queryTracked: runner.querying(tracked),
    free,
  };
  return {
    kernel: {
      ...base,
      ...overridesOf(calls),
      ...(runsModel
        ? {}
        : {
            ...queriesOf(calls),
            ...environmentFor(base, { positions: opaqueWords, pageWords: instance.pageWords, fresh: freshOpaqueWords }),
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
      if (queryCache.find(folio, number) >= 0) {
        return true;
      }
      const result = holds();
      if (result) {
        queryCache.put(1);
      }
      return result;
    },
    onRepetition: (how) => {
      memo.rechecksAll = how === "anew";
      queryCache.rechecksAll = how === "anew";
    },
    instance,
    freshOpaqueWords,
    unexpectedWrites: runner.unexpectedWrites,
    notices: new Map(),
  };
}

/**
 * Returns the number of a read-only function in the query cache; for mapcounts of pages, the number for the first page.
 * −1 for a function that is not read-only.
 */
export function queryNumberOf(name: string): number {
  return name === PRECISE ? READERS.length : READERS.indexOf(name);
}

/** The number for all queries together, and the count of numbers. */
export const ALL_QUERIES: number = READERS.length + MOST_PAGES;
const MOST_QUERIES = ALL_QUERIES + 1;

/** Formats a function with its place: `folio_remove_rmap_ptes() at mm/rmap.c:1813`. */
export function placeOf({ functions }: TranslationUnit, name: string): string {
  const definition = functions.find((each) => each.name === name);
  return definition === undefined ? `${name}()` : `${name}() at ${definition.file}:${definition.line}`;
}
