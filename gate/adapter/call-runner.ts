/** Runs C functions in place of the model's: alone, or together with the model's functions and a comparison. */
import { type FieldRange, FieldRangeError } from "../../explore/model/errors.ts";
import { isReadOnly } from "../../explore/packed/packed.ts";
import { type Warnings, warningName } from "../../model/kernel/warnings.ts";
import type { Folio, KernelState, NodeStats, TrackedFolio } from "../../model/state/structs.ts";
import { BufferField } from "../harness/harness.ts";
import { type CallEffects, faultsOf, leavesUnexpectedWrite, NO_CHANGE } from "./call-effects.ts";
import type { CallFault } from "./call-fault.ts";
import type { CallMemo } from "./call-memo.ts";
import type { Call, CFunction, Query } from "./calls.ts";
import { sameFolio } from "./exchange-buffer.ts";
import { folioDifferences } from "./folio-differences.ts";
import type { Instance } from "./instance.ts";
import type { Marshalling } from "./marshalling.ts";
import type { QueryCache } from "./query-cache.ts";
import type { Raised } from "./raised.ts";

/** A running module with the objects that its calls share. */
export interface CallSetup {
  readonly instance: Instance;
  readonly raised: Raised;
  readonly effects: CallEffects;
  readonly memo: CallMemo;
  readonly queryCache: QueryCache;
  /** Whether the model's functions run as well, and their results are used (conformance). */
  readonly runsModel: boolean;
}

/** Calls of C functions for one kernel. */
export class CallRunner {
  /** Positions of words that the C code wrote and that the model has no field for. */
  readonly unexpectedWrites: Set<number> = new Set();
  private readonly setup: CallSetup;
  private readonly exchange: Instance["exchange"];
  private readonly warnings: Warnings;
  /** The model's folio after a call. */
  private readonly expected: Int32Array = new Int32Array(BufferField.size);
  /** Changes of the statistics by the model. */
  private readonly changes: Float64Array = new Float64Array(NO_CHANGE.length);

  constructor(setup: CallSetup) {
    this.setup = setup;
    this.exchange = setup.instance.exchange;
    this.warnings = setup.raised.warnings;
  }

  /** Returns the function that calls C functions on folios with this marshalling. */
  calling<F extends TrackedFolio>(marshalling: Marshalling<F>): Call<F> {
    const { memo, runsModel } = this.setup;
    const { exchange, warnings } = this;
    return (called, stats, folio, model, a = 0, b = 0, c = 0, d = 0, swapArea = undefined) => {
      const { code, run, decode, isLeftOut } = called;
      if (isLeftOut) {
        return model();
      }
      const cached = swapArea === undefined ? memo.find(folio, code, a, b, c, d) : memo.skip();
      if (cached < 0) {
        marshalling.pack(exchange, folio);
        const raw = run(a, b, c, d);
        if (runsModel) {
          return this.compare(called, raw, marshalling, stats, folio, model);
        }
        this.applyEffects(raw, marshalling, stats, folio, swapArea);
        return decode(raw);
      }
      if (runsModel) {
        warnings.assert(code, true);
        return model();
      }
      memo.restore(cached, folio);
      if (stats !== undefined) {
        this.assign(() => {
          stats.nrAnonMapped += memo.change(cached, 0);
          stats.nrFileMapped += memo.change(cached, 1);
          stats.nrAnonThps += memo.change(cached, 2);
          stats.nrFilePmdmapped += memo.change(cached, 3);
        });
      }
      return decode(memo.result(cached));
    };
  }

  /** Returns the function that queries read-only C functions on folios with this marshalling. */
  querying<F extends TrackedFolio>({ pack }: Marshalling<F>): Query<F> {
    const { queryCache, effects } = this.setup;
    const { exchange } = this;
    return ({ run, decode, queryNumber }, folio, page = 0) => {
      const cached = queryCache.find(folio, queryNumber + page);
      if (cached >= 0) {
        return decode(queryCache.get(cached));
      }
      pack(exchange, folio);
      const raw = run(page);
      if (!effects.trapped) {
        queryCache.put(raw);
      }
      return decode(raw);
    };
  }

  /** Returns the result of a function that may change the folio, without changing it. */
  preview<R>(
    { code, run, decode }: CFunction<R>,
    marshalling: Marshalling<Folio>,
    folio: Folio,
    a: number,
    b: number,
  ): R {
    const { memo, raised } = this.setup;
    const cached = folio.swapcache || isReadOnly(folio) ? memo.skip() : memo.find(folio, code, a, b);
    if (cached >= 0) {
      return decode(memo.result(cached));
    }
    marshalling.pack(this.exchange, folio);
    const raw = run(a, b);
    if (memo.isCacheable) {
      // Its effects are cached for the call that follows, and are not applied yet: nothing of them is raised.
      raised.discardingWarnings(() => this.applyEffects(raw, marshalling, undefined, folio, undefined));
      memo.undo(folio);
    }
    return decode(raw);
  }

  /** Records an unexpected write of the last call. */
  recordUnexpectedWrite(): void {
    const { unexpectedWrite } = this.setup.effects;
    if (unexpectedWrite !== undefined) {
      this.unexpectedWrites.add(unexpectedWrite);
    }
  }

  /** Decodes values of the C code. A value that no execution of a correct kernel leaves is raised as a fault. */
  private assign(unpack: () => void): void {
    try {
      unpack();
    } catch (error) {
      if (!(error instanceof FieldRangeError)) {
        throw error;
      }
      this.setup.raised.raiseImpossible({ kind: "out-of-range", ...(error.place.range as FieldRange) });
    }
  }

  /** Runs the model's function, and compares the results and effects of both. Returns the model's result. */
  private compare<F extends TrackedFolio, R>(
    { code, decode }: CFunction<R>,
    raw: number,
    { pack }: Marshalling<F>,
    stats: NodeStats | undefined,
    folio: F,
    model: () => R,
  ): R {
    const { effects, memo, raised, instance } = this.setup;
    const { exchange, warnings, expected, changes } = this;
    const { room } = instance;
    const warnedBefore = warnings.first;
    warnings.first = 0;
    changes.fill(0);
    addStats(changes, stats, -1);
    const modelResult = model();
    addStats(changes, stats, 1);
    const warned = warnings.first;
    warnings.first = warnedBefore !== 0 ? warnedBefore : warned;
    pack(expected, folio);
    const result = decode(raw);
    const same =
      effects.isClean &&
      result === modelResult &&
      (warned !== 0) === effects.warned &&
      sameFolio(exchange, expected, room) &&
      effects.changesStatsBy(changes);
    if (!same) {
      // The difference replaces a warning of the model: it explains more.
      warnings.first = warnedBefore;
    } else if (warned === 0) {
      memo.put(folio, raw);
    }
    raised.assert(code, same, () =>
      effects.trapped
        ? faultsOf(effects.left(leavesUnexpectedWrite))
        : [
            ...(result === modelResult
              ? []
              : [{ kind: "result", compiled: reportedValue(result), model: reportedValue(modelResult) } as const]),
            ...(effects.warned || warned === 0 ? [] : [missingWarning(warned)]),
            ...faultsOf(warned === 0 ? effects.all(leavesUnexpectedWrite) : effects.left(leavesUnexpectedWrite)),
            ...folioDifferences(exchange, expected, room),
            ...effects.statDifferences(changes),
          ],
    );
    return modelResult;
  }

  /** Applies the effects of a call to the folio and to the statistics of the state. */
  private applyEffects<F extends TrackedFolio>(
    raw: number,
    { unpack }: Marshalling<F>,
    stats: NodeStats | undefined,
    folio: F,
    swapArea: KernelState | undefined,
  ): void {
    const { effects, memo, raised } = this.setup;
    const { exchange } = this;
    const before = raised.times;
    this.recordUnexpectedWrite();
    effects.raiseIn(raised, leavesUnexpectedWrite);
    if (effects.trapped) {
      return;
    }
    this.assign(() => unpack(folio, swapArea));
    if (stats === undefined) {
      effects.raiseStatsIn(raised);
    } else {
      this.assign(() => {
        stats.nrAnonMapped += exchange[BufferField.stats] as number;
        stats.nrFileMapped += exchange[BufferField.stats + 1] as number;
        stats.nrAnonThps += exchange[BufferField.stats + 2] as number;
        stats.nrFilePmdmapped += exchange[BufferField.stats + 3] as number;
      });
    }
    if (raised.times === before) {
      memo.put(folio, raw, exchange, BufferField.stats);
    }
  }
}

/** Returns the fault for a warning of the model that the C code does not raise. */
function missingWarning(code: number): CallFault {
  const warning = warningName(code);
  return { kind: "warning", compiled: false, model: true, ...(warning === undefined ? {} : { warning }) };
}

/** Converts a differing result for the report. A function without a result never differs. */
function reportedValue(result: unknown): number | boolean {
  return typeof result === "boolean" ? result : Number(result);
}

/** Adds `factor` times the statistics to a sum. */
function addStats(sum: Float64Array, stats: NodeStats | undefined, factor: number): void {
  if (stats !== undefined) {
    sum[0] = (sum[0] as number) + factor * stats.nrAnonMapped;
    sum[1] = (sum[1] as number) + factor * stats.nrFileMapped;
    sum[2] = (sum[2] as number) + factor * stats.nrAnonThps;
    sum[3] = (sum[3] as number) + factor * stats.nrFilePmdmapped;
  }
}
