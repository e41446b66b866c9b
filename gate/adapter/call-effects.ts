/** Side effects of a call of C code, read from the exchange buffer: which warnings they raise, and which faults they are. */

import { BufferField, OTHER_STATISTIC, Outside } from "../harness/harness.ts";
import type { TranslationUnit } from "../unit/translation-unit.ts";
import type { CallFault, StatisticDifference } from "./call-fault.ts";
import type { Instance } from "./instance.ts";
import type { Raised } from "./raised.ts";
import { codeOfSite, EffectCode } from "./warning-codes.ts";

/** A warning of the C code. */
export type TreeWarning = Extract<CallFault, { readonly kind: "tree-warning" }>;

/** The warning of a place of the tree, by its code; undefined for other codes. */
export function warningOfSite({ warnings }: TranslationUnit, code: number): TreeWarning | undefined {
  const site = warnings.find(({ id }) => codeOfSite(id) === code);
  return site && { kind: "tree-warning", place: { file: site.file, line: site.line }, condition: site.text };
}

/** The statistics that the model has, in the order of the exchange buffer. */
const STAT_NAMES = ["NR_ANON_MAPPED", "NR_FILE_MAPPED", "NR_ANON_THPS", "NR_*_PMDMAPPED"] as const;

/** Of statistics, where the model changes none. */
export const NO_CHANGE: Float64Array = new Float64Array(STAT_NAMES.length);

/** An object outside of the folio that a call changed, by the driver's code for it. */
function outsideFault(code: number): CallFault {
  const [object] = Object.entries(Outside).find(([, own]) => own === code) ?? [];
  return object === undefined
    ? { kind: "unknown-statistic", item: code - OTHER_STATISTIC }
    : { kind: "outside", object: object as keyof typeof Outside };
}

/** The fault that a word of the struct pages shows which is not as it should be. */
type StrayFault = (word: number) => CallFault;

/** After a call that changes a folio. */
export const leavesUnexpectedWrite: StrayFault = (word) => ({ kind: "unexpected-write", word, by: "change" });

/** After a query. */
const changesWord: StrayFault = (word) => ({ kind: "unexpected-write", word, by: "query" });

/** After the checks on free. */
export const leavesTail: StrayFault = () => ({ kind: "tail-left" });

/** An effect of a call, and the code that it is raised under. */
interface Effect {
  readonly code: number;
  readonly fault: CallFault;
}

/** The effects of the last call. */
export class CallEffects {
  private readonly instance: Instance;
  private readonly exchange: Int32Array;

  constructor(instance: Instance) {
    this.instance = instance;
    this.exchange = instance.exchange;
  }

  /** Whether WebAssembly stopped it: then nothing else that the exchange buffer has means anything. */
  get trapped(): boolean {
    return this.exchange[BufferField.trapped] !== 0;
  }

  get warned(): boolean {
    return this.exchange[BufferField.warning] !== 0;
  }

  /** Position of a word of the struct pages that is not as it should be. */
  get stray(): number | undefined {
    const word = this.exchange[BufferField.stray] as number;
    return word === 0 ? undefined : word - 1;
  }

  /** Whether it came to its end, and did nothing besides but perhaps warn. */
  get isClean(): boolean {
    const { exchange } = this;
    return (
      exchange[BufferField.trapped] === 0 &&
      exchange[BufferField.locked] === 0 &&
      exchange[BufferField.stray] === 0 &&
      exchange[BufferField.outside] === 0
    );
  }

  /** Of all that it did besides, the first comes first. */
  all(strayFault: StrayFault): readonly Effect[] {
    return this.warned && !this.trapped ? [this.warning(), ...this.left(strayFault)] : this.left(strayFault);
  }

  private warning(): Effect {
    const id = this.exchange[BufferField.warning] as number;
    const code = codeOfSite(id);
    return { code, fault: warningOfSite(this.instance.kernel.unit, code) ?? { kind: "unknown-warning", id } };
  }

  /** The same without its warning. */
  left(strayFault: StrayFault): readonly Effect[] {
    const { trapped, lockLeft, unexpectedWrite, outside } = EffectCode;
    if (this.trapped) {
      return [{ code: trapped, fault: { kind: "not-ended", ...this.instance.trap() } }];
    }
    const code = this.exchange[BufferField.outside] as number;
    return [
      ...(this.exchange[BufferField.locked] === 0 ? [] : [{ code: lockLeft, fault: { kind: "lock-left" } as const }]),
      ...(this.stray === undefined ? [] : [{ code: unexpectedWrite, fault: strayFault(this.stray) }]),
      ...(code === 0 ? [] : [{ code: outside, fault: outsideFault(code) }]),
    ];
  }

  /** Whether it changed the statistics as the model did, by as much. */
  changesStatsBy(inModel: Float64Array): boolean {
    const { exchange } = this;
    return (
      exchange[BufferField.stats] === inModel[0] &&
      exchange[BufferField.stats + 1] === inModel[1] &&
      exchange[BufferField.stats + 2] === inModel[2] &&
      exchange[BufferField.stats + 3] === inModel[3]
    );
  }

  /** The statistics that it changed otherwise. */
  statDifferences(inModel: Float64Array): readonly StatisticDifference[] {
    return STAT_NAMES.flatMap((field, i) => {
      const [compiled, model] = [this.exchange[BufferField.stats + i] as number, inModel[i] as number];
      return compiled === model ? [] : [{ kind: "statistic", field, compiled, model }];
    });
  }

  /** The faults of a query, which may change nothing. */
  queryFaults(): readonly CallFault[] {
    return this.isClean && !this.warned && this.changesStatsBy(NO_CHANGE)
      ? NO_FAULTS
      : [...faultsOf(this.all(changesWord)), ...(this.trapped ? [] : this.statDifferences(NO_CHANGE))];
  }

  /** Raises the first of its effects. */
  raiseIn(raised: Raised, strayFault: StrayFault): void {
    const [first] = this.isClean && !this.warned ? [] : this.all(strayFault);
    if (first !== undefined) {
      raised.raise(first.code, first.fault);
    }
  }

  /** Raises that it changed statistics, where the model changes none. */
  raiseStatsIn(raised: Raised): void {
    if (!this.changesStatsBy(NO_CHANGE)) {
      raised.raiseImpossible(...this.statDifferences(NO_CHANGE));
    }
  }
}

/** Of most queries: one array for all of them. */
const NO_FAULTS: readonly CallFault[] = [];

export function faultsOf(effects: readonly Effect[]): readonly CallFault[] {
  return effects.map(({ fault }) => fault);
}
