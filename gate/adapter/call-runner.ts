/** Runs functions of C code in the places of the model's: with C code alone, or with both, and a comparison. */
import { type FieldRange, FieldRangeError } from "../../explore/model/errors.ts";
import { isReadOnly } from "../../explore/packed/packed.ts";
import { type Warnings, warningName } from "../../model/kernel/warnings.ts";
import type { Folio, Machine, NodeStats, TrackedFolio } from "../../model/state/structs.ts";
import { BufferField } from "../harness/harness.ts";
import { type CallEffects, faultsOf, leavesUnexpectedWrite, NO_CHANGE } from "./call-effects.ts";
import type { CallFault } from "./call-fault.ts";
import type { CallMemo } from "./call-memo.ts";
import type { Ask, Call, CFunction } from "./calls.ts";
import { differences, sameFolio } from "./exchange-buffer.ts";
import type { Instance } from "./instance.ts";
import type { Handover } from "./marshalling.ts";
import type { FolioAnswers } from "./query-cache.ts";
import type { Raised } from "./raised.ts";

/** A running module with everything that its calls share. */
export interface CallSetup {
  readonly instance: Instance;
  readonly raised: Raised;
  readonly effects: CallEffects;
  readonly memo: CallMemo;
  readonly answers: FolioAnswers;
  /** Whether the model's functions run as well, and the model goes on with their results. */
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
  /** By how much the model changed the statistics. */
  private readonly changes: Float64Array = new Float64Array(NO_CHANGE.length);

  constructor(setup: CallSetup) {
    this.setup = setup;
    this.exchange = setup.instance.exchange;
    this.warnings = setup.raised.warnings;
  }

  /** Calls of C functions that get a folio in this form. */
  calling<F extends TrackedFolio>(handover: Handover<F>): Call<F> {
    const { memo, runsModel } = this.setup;
    const { exchange, warnings } = this;
    return (called, stats, folio, model, a = 0, b = 0, c = 0, d = 0, swapArea = undefined) => {
      const { code, run, says, isLeftOut } = called;
      if (isLeftOut) {
        return model();
      }
      const known = swapArea === undefined ? memo.find(folio, code, a, b, c, d) : memo.findNothing();
      if (known < 0) {
        handover.pack(exchange, folio);
        const raw = run(a, b, c, d);
        if (runsModel) {
          return this.compare(called, raw, handover, stats, folio, model);
        }
        this.takeOver(raw, handover, stats, folio, swapArea);
        return says(raw);
      }
      if (runsModel) {
        warnings.assert(code, true);
        return model();
      }
      memo.restore(known, folio);
      if (stats !== undefined) {
        this.assign(() => {
          stats.nrAnonMapped += memo.change(known, 0);
          stats.nrFileMapped += memo.change(known, 1);
          stats.nrAnonThps += memo.change(known, 2);
          stats.nrFilePmdmapped += memo.change(known, 3);
        });
      }
      return says(memo.result(known));
    };
  }

  /** Queries of C functions that get a folio in this form. */
  asking<F extends TrackedFolio>({ pack }: Handover<F>): Ask<F> {
    const { answers, effects } = this.setup;
    const { exchange } = this;
    return ({ run, says, answer }, folio, page = 0) => {
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
  }

  /** The result that a function which may change the folio would return. */
  askBefore<R>({ code, run, says }: CFunction<R>, handover: Handover<Folio>, folio: Folio, a: number, b: number): R {
    const { memo, raised } = this.setup;
    const known = folio.swapcache || isReadOnly(folio) ? memo.findNothing() : memo.find(folio, code, a, b);
    if (known >= 0) {
      return says(memo.result(known));
    }
    handover.pack(this.exchange, folio);
    const raw = run(a, b);
    if (memo.isLooking) {
      // Its effects are cached for the call that follows, and are not applied yet: nothing of them is raised.
      raised.discardingWarnings(() => this.takeOver(raw, handover, undefined, folio, undefined));
      memo.undo(folio);
    }
    return says(raw);
  }

  /** Records an unexpected write of the last call. */
  recordUnexpectedWrite(): void {
    const { stray } = this.setup.effects;
    if (stray !== undefined) {
      this.unexpectedWrites.add(stray);
    }
  }

  /** Assigns values that C code left. One that no execution of a right kernel can leave is raised. */
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

  /** Runs the model's function, and compares the results of both. */
  private compare<F extends TrackedFolio, R>(
    { code, says }: CFunction<R>,
    raw: number,
    { pack }: Handover<F>,
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
  }

  /** Takes over the effects of a call on the folio and on the statistics. */
  private takeOver<F extends TrackedFolio>(
    raw: number,
    { unpack }: Handover<F>,
    stats: NodeStats | undefined,
    folio: F,
    swapArea: Machine | undefined,
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
      memo.keep(folio, raw, exchange, BufferField.stats);
    }
  }
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
