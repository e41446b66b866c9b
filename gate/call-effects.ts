/** What a call of C code did besides its work on the folio, as the mailbox tells it: which warnings that raises, and in which words. */
import type { KernelUnit } from "./compiled-kernel.ts";
import { Box, OPERATIONS, OTHER_STATISTIC, Outside } from "./driver.ts";
import type { Instance } from "./instance.ts";
import type { Raised } from "./raised.ts";

/** Codes of warnings: the model's own, then one for each operation, then the places of the tree that warn. */
const FIRST_OPERATION_CODE = 64;
const FIRST_SITE_CODE = 256;

/** All codes are below this. */
export const CODES = 4096;

/** The code under which an operation's difference is raised. */
export function codeOf(operation: string): number {
  return FIRST_OPERATION_CODE + OPERATIONS.indexOf(operation);
}

/** The operation of a code; undefined when the code is not an operation's. */
export function operationOf(code: number): string | undefined {
  return OPERATIONS[code - FIRST_OPERATION_CODE];
}

/** Whether a code is one of the model's own warnings. */
export function isModelCode(code: number): boolean {
  return code < FIRST_OPERATION_CODE;
}

/** Codes of what no call may do or leave behind, between those of operations and those of places that warn. */
export const EffectCode = {
  trapped: 251,
  outside: 252,
  outOfRange: 253,
  lockLeft: 254,
  strayWord: 255,
} as const;

/** The codes of warnings of the C code itself: its own warnings, and what no call may do or leave behind. */
export function codesOfSites({ warnings }: KernelUnit): readonly number[] {
  const { lockLeft, strayWord, outOfRange, outside, trapped } = EffectCode;
  const own = [lockLeft, strayWord, outOfRange, outside, trapped];
  return [...own, ...warnings.map(({ id }) => FIRST_SITE_CODE + id)];
}

/** The code of the warning of a place of the tree. */
export function codeOfSite(id: number): number {
  return FIRST_SITE_CODE + id;
}

/** What a warning of a place of the tree says, by its code. */
export function textOfSite({ warnings }: KernelUnit, code: number): string | undefined {
  const site = warnings.find(({ id }) => FIRST_SITE_CODE + id === code);
  return site && `it warns at ${site.file}:${site.line}: ${site.text}`;
}

/** The statistics that the model has, in the order of the mailbox. */
const STAT_NAMES = ["NR_ANON_MAPPED", "NR_FILE_MAPPED", "NR_ANON_THPS", "NR_*_PMDMAPPED"] as const;

/** Of statistics, where the model changes none. */
export const NO_CHANGE: Float64Array = new Float64Array(STAT_NAMES.length);

/** What a call did where it has no business, by the driver's code for it. */
const OUTSIDE_TEXTS: ReadonlyMap<number, string> = new Map([
  [Outside.neighbour, "it writes to a struct page next to the folio's"],
  [Outside.null, "it writes through a NULL pointer"],
  [Outside.mm, "it changes the mm_struct"],
  [Outside.vma, "it changes the VMA"],
  [Outside.anonVma, "it changes the anon_vma"],
  [Outside.splitQueue, "it leaves a deferred split queue whose list, split_queue_len and folio do not agree"],
  [Outside.spinlock, "it does not give back as many spinlocks as it takes"],
]);

function outsideText(code: number): string {
  return OUTSIDE_TEXTS.get(code) ?? `it changes statistic ${code - OTHER_STATISTIC} of enum node_stat_item`;
}

/** What it means that a word of the struct pages is not as it should be. */
type StrayText = (word: number) => string;

/** After what changes a folio. */
export const leavesStray: StrayText = (word) =>
  `it leaves something in word ${word} of the struct pages, where the model has nothing`;

/** After what only looks. */
const changesWord: StrayText = (word) => `it changes word ${word} of the struct pages`;

/** After the checks on free. */
export const leavesTail: StrayText = () => "a tail page is not a page of its own afterwards";

/** One of them. */
interface Effect {
  readonly code: number;
  readonly text: string;
}

/** The effects of the last call. */
export class CallEffects {
  private readonly instance: Instance;
  private readonly box: Int32Array;

  constructor(instance: Instance) {
    this.instance = instance;
    this.box = instance.box;
  }

  /** Whether WebAssembly stopped it: then nothing else that the mailbox has means anything. */
  get trapped(): boolean {
    return this.box[Box.trapped] !== 0;
  }

  get warned(): boolean {
    return this.box[Box.warning] !== 0;
  }

  /** Position of a word of the struct pages that is not as it should be. */
  get stray(): number | undefined {
    const word = this.box[Box.stray] as number;
    return word === 0 ? undefined : word - 1;
  }

  /** Whether it came to its end, and did nothing besides but perhaps warn. */
  get isClean(): boolean {
    const { box } = this;
    return box[Box.trapped] === 0 && box[Box.locked] === 0 && box[Box.stray] === 0 && box[Box.outside] === 0;
  }

  /** Of all that it did besides, the first comes first. */
  all(strayText: StrayText): readonly Effect[] {
    return this.warned && !this.trapped ? [this.warning(), ...this.left(strayText)] : this.left(strayText);
  }

  private warning(): Effect {
    const id = this.box[Box.warning] as number;
    const code = codeOfSite(id);
    return { code, text: textOfSite(this.instance.kernel.unit, code) ?? `warning ${id}` };
  }

  /** The same without its warning. */
  left(strayText: StrayText): readonly Effect[] {
    const { trapped, lockLeft, strayWord, outside } = EffectCode;
    if (this.trapped) {
      return [{ code: trapped, text: `it does not come to its end: ${this.instance.trap()}` }];
    }
    const code = this.box[Box.outside] as number;
    return [
      ...(this.box[Box.locked] === 0 ? [] : [{ code: lockLeft, text: "it leaves the large-mapcount lock taken" }]),
      ...(this.stray === undefined ? [] : [{ code: strayWord, text: strayText(this.stray) }]),
      ...(code === 0 ? [] : [{ code: outside, text: outsideText(code) }]),
    ];
  }

  /** Whether it changed the statistics as the model did, by as much. */
  changesStatsBy(inModel: Float64Array): boolean {
    const { box } = this;
    return (
      box[Box.stats] === inModel[0] &&
      box[Box.stats + 1] === inModel[1] &&
      box[Box.stats + 2] === inModel[2] &&
      box[Box.stats + 3] === inModel[3]
    );
  }

  /** How it changed them otherwise, in words. */
  statDifferences(inModel: Float64Array): readonly string[] {
    return STAT_NAMES.flatMap((name, i) => {
      const compiled = this.box[Box.stats + i];
      return compiled === inModel[i] ? [] : [`${name} changes by ${compiled}, in the model by ${inModel[i]}`];
    });
  }

  /** All that something did which only looks, in words; undefined when it did nothing. */
  besidesLooking(): string | undefined {
    if (this.isClean && !this.warned && this.changesStatsBy(NO_CHANGE)) {
      return;
    }
    return [...textsOf(this.all(changesWord)), ...(this.trapped ? [] : this.statDifferences(NO_CHANGE))].join("; ");
  }

  /** Raises the first of what it did besides. */
  raiseIn(raised: Raised, strayText: StrayText): void {
    const [first] = this.isClean && !this.warned ? [] : this.all(strayText);
    if (first !== undefined) {
      raised.raise(first.code, first.text);
    }
  }

  /** Raises that it changed statistics, where the model changes none. */
  raiseStatsIn(raised: Raised): void {
    if (!this.changesStatsBy(NO_CHANGE)) {
      raised.raiseImpossible(this.statDifferences(NO_CHANGE).join("; "));
    }
  }
}

export function textsOf(effects: readonly Effect[]): readonly string[] {
  return effects.map(({ text }) => text);
}
