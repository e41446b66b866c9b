/** Side effects of a C call, read from the exchange buffer: the warning codes and the faults that they raise. */

import { BufferField, OTHER_STATISTIC, Outside } from "../harness/harness.ts";
import type { TranslationUnit } from "../unit/translation-unit.ts";
import type { CallFault, StatisticDifference } from "./call-fault.ts";
import type { Instance } from "./instance.ts";
import type { Raised } from "./raised.ts";
import { codeOfSite, EffectCode } from "./warning-codes.ts";

/** A warning of the C code. */
export type TreeWarning = Extract<CallFault, { readonly kind: "tree-warning" }>;

/** Returns the warning of the tree that has the code; undefined for other codes. */
export function warningOfSite({ warnings }: TranslationUnit, code: number): TreeWarning | undefined {
  const site = warnings.find(({ id }) => codeOfSite(id) === code);
  return site && { kind: "tree-warning", place: { file: site.file, line: site.line }, condition: site.text };
}

/** Names of the statistics that the model has, in the order of the exchange buffer. */
const STAT_NAMES = ["NR_ANON_MAPPED", "NR_FILE_MAPPED", "NR_ANON_THPS", "NR_*_PMDMAPPED"] as const;

/** Changes of the statistics where the model changes none. */
export const NO_CHANGE: Float64Array = new Float64Array(STAT_NAMES.length);

/** Returns the fault for an object outside of the folio that a call changed, by the harness's code for the object. */
function outsideFault(code: number): CallFault {
  const [object] = Object.entries(Outside).find(([, own]) => own === code) ?? [];
  return object === undefined
    ? { kind: "unknown-statistic", item: code - OTHER_STATISTIC }
    : { kind: "outside", object: object as keyof typeof Outside };
}

/** Describes an unexpected write to a 32-bit word of the struct pages, by the word's position. */
type WriteFault = (word: number) => CallFault;

/** The fault after a call that changes a folio. */
export const leavesUnexpectedWrite: WriteFault = (word) => ({ kind: "unexpected-write", word, by: "change" });

/** The fault after a query. */
const changesWord: WriteFault = (word) => ({ kind: "unexpected-write", word, by: "query" });

/** The fault after the checks on free. */
export const leavesTail: WriteFault = () => ({ kind: "tail-left" });

/** A side effect of a call, and its warning code. */
interface Effect {
  readonly code: number;
  readonly fault: CallFault;
}

/** The side effects of the last call. */
export class CallEffects {
  private readonly instance: Instance;
  private readonly exchange: Int32Array;

  constructor(instance: Instance) {
    this.instance = instance;
    this.exchange = instance.exchange;
  }

  /** Whether WebAssembly stopped the call: all other fields of the exchange buffer are then meaningless. */
  get trapped(): boolean {
    return this.exchange[BufferField.trapped] !== 0;
  }

  get warned(): boolean {
    return this.exchange[BufferField.warning] !== 0;
  }

  /** Position of the first word of the struct pages with an unexpected write. */
  get unexpectedWrite(): number | undefined {
    const word = this.exchange[BufferField.unexpectedWrite] as number;
    return word === 0 ? undefined : word - 1;
  }

  /** Whether the call returned without side effects; a warning is allowed. */
  get isClean(): boolean {
    const { exchange } = this;
    return (
      exchange[BufferField.trapped] === 0 &&
      exchange[BufferField.locked] === 0 &&
      exchange[BufferField.unexpectedWrite] === 0 &&
      exchange[BufferField.outside] === 0
    );
  }

  /** Returns all side effects; the most significant is first. */
  all(writeFault: WriteFault): readonly Effect[] {
    return this.warned && !this.trapped ? [this.warning(), ...this.left(writeFault)] : this.left(writeFault);
  }

  private warning(): Effect {
    const id = this.exchange[BufferField.warning] as number;
    const code = codeOfSite(id);
    return { code, fault: warningOfSite(this.instance.kernel.unit, code) ?? { kind: "unknown-warning", id } };
  }

  /** Returns all side effects except the warning. */
  left(writeFault: WriteFault): readonly Effect[] {
    const { trapped, lockLeft, unexpectedWrite, outside } = EffectCode;
    if (this.trapped) {
      return [{ code: trapped, fault: { kind: "not-ended", ...this.instance.trap() } }];
    }
    const code = this.exchange[BufferField.outside] as number;
    return [
      ...(this.exchange[BufferField.locked] === 0 ? [] : [{ code: lockLeft, fault: { kind: "lock-left" } as const }]),
      ...(this.unexpectedWrite === undefined
        ? []
        : [{ code: unexpectedWrite, fault: writeFault(this.unexpectedWrite) }]),
      ...(code === 0 ? [] : [{ code: outside, fault: outsideFault(code) }]),
    ];
  }

  /** Whether the call changed the statistics by the same amounts as the model. */
  changesStatsBy(inModel: Float64Array): boolean {
    const { exchange } = this;
    return (
      exchange[BufferField.stats] === inModel[0] &&
      exchange[BufferField.stats + 1] === inModel[1] &&
      exchange[BufferField.stats + 2] === inModel[2] &&
      exchange[BufferField.stats + 3] === inModel[3]
    );
  }

  /** Returns the statistics whose change differs from the model's. */
  statDifferences(inModel: Float64Array): readonly StatisticDifference[] {
    return STAT_NAMES.flatMap((field, i) => {
      const [compiled, model] = [this.exchange[BufferField.stats + i] as number, inModel[i] as number];
      return compiled === model ? [] : [{ kind: "statistic", field, compiled, model }];
    });
  }

  /** Returns the faults of a query: a query has no side effects. */
  queryFaults(): readonly CallFault[] {
    return this.isClean && !this.warned && this.changesStatsBy(NO_CHANGE)
      ? NO_FAULTS
      : [...faultsOf(this.all(changesWord)), ...(this.trapped ? [] : this.statDifferences(NO_CHANGE))];
  }

  /** Raises the first of the side effects. */
  raiseIn(raised: Raised, writeFault: WriteFault): void {
    const [first] = this.isClean && !this.warned ? [] : this.all(writeFault);
    if (first !== undefined) {
      raised.raise(first.code, first.fault);
    }
  }

  /** Raises a fault if the call changed a statistic; for calls whose model function changes none. */
  raiseStatsIn(raised: Raised): void {
    if (!this.changesStatsBy(NO_CHANGE)) {
      raised.raiseImpossible(...this.statDifferences(NO_CHANGE));
    }
  }
}

/** The faults of most queries: shared, so that a query allocates nothing. */
const NO_FAULTS: readonly CallFault[] = [];

export function faultsOf(effects: readonly Effect[]): readonly CallFault[] {
  return effects.map(({ fault }) => fault);
}
