/**
 * The functions of a compiled kernel in the places of the model's: as a Kernel that answers with the C code alone, or as
 * one that runs both on every call and compares.
 */
import { FieldRangeError } from "../explore/errors.ts";
import type { Kernel } from "../model/kernel/kernel.ts";
import type { Folio, Machine, MmStruct, NodeStats, TrackedFolio } from "../model/kernel/structs.ts";
import { Warnings } from "../model/kernel/warnings.ts";
import { baseKernel } from "./base-kernel.ts";
import type { KernelUnit } from "./compiled-kernel.ts";
import { Box, Flag, MM_PINNED, MM_WITHOUT_ID, OPERATIONS, OTHER_STATISTIC, Outside, PageDamage } from "./driver.ts";
import { environmentFor } from "./environment.ts";
import {
  differences,
  freshFolio,
  packExtra,
  packFolio,
  packTracked,
  sameFolio,
  unpackExtra,
  unpackFolio,
  unpackTracked,
  type WithExtra,
} from "./folio-box.ts";
import type { Instance, Operation } from "./instance.ts";

/** How C code and model share the work: `conformance` runs both and goes on with the model; `claims` runs C only. */
export type Mode = "conformance" | "claims";

/** Codes of warnings: the model's own, then one for each operation, then the places of the tree that warn. */
const FIRST_OPERATION_CODE = 64;
const FIRST_SITE_CODE = 256;
const LAST_CODE = 4096;

/** The code under which an operation's difference is raised. */
export function codeOf(operation: string): number {
  return FIRST_OPERATION_CODE + OPERATIONS.indexOf(operation);
}

/** The codes of warnings of the C code itself: its own warnings, and what no call may do or leave behind. */
export function codesOfSites({ warnings }: KernelUnit): readonly number[] {
  const own = [LOCK_LEFT, STRAY_WORD, OUT_OF_RANGE, OUTSIDE, TRAPPED];
  return [...own, ...warnings.map(({ id }) => FIRST_SITE_CODE + id)];
}

const DAMAGED = FIRST_SITE_CODE - 6;
const TRAPPED = FIRST_SITE_CODE - 5;
const OUTSIDE = FIRST_SITE_CODE - 4;
const OUT_OF_RANGE = FIRST_SITE_CODE - 3;
const LOCK_LEFT = FIRST_SITE_CODE - 2;
const STRAY_WORD = FIRST_SITE_CODE - 1;

/** What a warning of a place of the tree says, by its code. */
export function textOfSite({ warnings }: KernelUnit, code: number): string | undefined {
  const site = warnings.find(({ id }) => FIRST_SITE_CODE + id === code);
  return site && `it warns at ${site.file}:${site.line}: ${site.text}`;
}

/** A kernel that runs C code. */
export interface CompiledFunctions {
  readonly kernel: Kernel;
  /** What a code means; of a difference, both sides of the last one. */
  readonly warningText: (code: number) => string | undefined;
  /** What the model has no function for: fork of the PMD of a file, which no kernel does. */
  readonly dupFileRmapPmd: (folio: Folio, dstMm: MmStruct) => void;
  /** Frees a folio of which one struct page is not as the allocator keeps it: of that the model knows nothing but that it is bad. */
  readonly freeDamaged: (folio: Folio, damage: number, page: number) => void;
  /** What the last call did besides what it says, in words: of one that only asks, anything. */
  readonly sideEffect: () => string | undefined;
  /** Hands a folio to the C code: the next operation is about it. */
  readonly load: (folio: Folio) => void;
  readonly instance: Instance;
  /** What the C code keeps of its own in a large folio that was just made, word by word: what prep_compound_head() leaves. */
  readonly freshExtra: (nrPages: number) => readonly number[];
  /** Where the C code was seen to write words that the model has no field for; of those it is said to keep, none. */
  readonly strays: ReadonlySet<number>;
  /** What a reader was first seen to say otherwise than the model, by property. */
  readonly remarks: Map<string, string>;
}

const STATS = ["nrAnonMapped", "nrFileMapped", "nrAnonThps", "nrFilePmdmapped"] as const;
const STAT_NAMES = ["NR_ANON_MAPPED", "NR_FILE_MAPPED", "NR_ANON_THPS", "NR_*_PMDMAPPED"] as const;

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

function argumentOf(mm: MmStruct): number {
  return mm.idNumber | (mm.hasPinned ? MM_PINNED : 0) | (mm.hasId ? 0 : MM_WITHOUT_ID);
}

/** What is known of C code already. */
export interface CompiledOptions {
  /** Operations whose differences are known, and not raised. */
  readonly leftOut?: readonly string[];
  /** Positions of 32-bit words of the struct pages where the C code keeps what the model has no field for. */
  readonly extraWords?: readonly number[];
}

/** A kernel for a running module. */
export function compiledFunctions(
  instance: Instance,
  mode: Mode,
  { leftOut = [], extraWords = [] }: CompiledOptions = {},
): CompiledFunctions {
  const { unit } = instance.kernel;
  const { box, room } = instance;
  const warnings = new Warnings();
  warnings.asked = new Float64Array(LAST_CODE);
  const base: Kernel = {
    ...baseKernel(unit),
    warnings,
    // Where folios have room for a pincount is the tree's affair.
    folioHasPincount: ({ nrPages }) => nrPages >= room.pincount,
  };
  const runsModel = mode === "conformance";
  const ignored = new Set(leftOut.map(codeOf));
  // What is not compared need not run: some of it would not come to its end, again and again.
  const operations = runsModel ? withoutCalls(instance.operations, leftOut) : instance.operations;
  /** The model's folio after a call. */
  const expected = new Int32Array(Box.size);
  /** What was raised, in words: the call that comes next overwrites what it is made of. */
  let told = "";
  const strays = new Set<number>();
  const hasExtra = extraWords.length > 0;
  box[Box.extraCount] = extraWords.length;
  box.set(extraWords, Box.extraAt);
  instance.settle();

  const raise = (code: number, tell: () => string): void => {
    if (warnings.first === 0) {
      warnings.first = code;
      told = tell();
    }
  };

  /** The first difference of a step is the one that is raised, and told. */
  const assert = (code: number, same: boolean, tell: () => string): void => {
    if (!same && warnings.first === 0) {
      told = tell();
    }
    warnings.assert(code, same);
  };

  const noteStray = (): void => {
    if (box[Box.stray] !== 0) {
      strays.add((box[Box.stray] as number) - 1);
    }
  };

  /** Raises what the C code warned of, or left behind. */
  const raiseSites = (): void => {
    if (box[Box.trapped] !== 0) {
      raise(TRAPPED, trapText);
      return;
    }
    noteStray();
    if (box[Box.warning] !== 0) {
      const site = box[Box.warning] as number;
      raise(FIRST_SITE_CODE + site, () => siteText(site));
    } else if (box[Box.locked] !== 0) {
      raise(LOCK_LEFT, () => "the large-mapcount lock is left taken");
    } else if (box[Box.stray] !== 0) {
      raise(STRAY_WORD, strayText);
    } else if (box[Box.outside] !== 0) {
      raise(OUTSIDE, outsideText);
    }
  };

  /** A call that the model gives no statistics changes none. */
  const changesStats = (): boolean =>
    box[Box.stats] !== 0 || box[Box.stats + 1] !== 0 || box[Box.stats + 2] !== 0 || box[Box.stats + 3] !== 0;
  const before = new Float64Array(STATS.length);
  const rememberStats = (stats: NodeStats): void => {
    before[0] = stats.nrAnonMapped;
    before[1] = stats.nrFileMapped;
    before[2] = stats.nrAnonThps;
    before[3] = stats.nrFilePmdmapped;
  };
  const sameStats = (stats: NodeStats): boolean =>
    stats.nrAnonMapped - (before[0] as number) === box[Box.stats] &&
    stats.nrFileMapped - (before[1] as number) === box[Box.stats + 1] &&
    stats.nrAnonThps - (before[2] as number) === box[Box.stats + 2] &&
    stats.nrFilePmdmapped - (before[3] as number) === box[Box.stats + 3];

  const statDifferences = (stats: NodeStats | undefined): string[] =>
    STATS.flatMap((name, i) => {
      const inModel = stats === undefined ? 0 : stats[name] - (before[i] as number);
      const compiled = box[Box.stats + i];
      return compiled === inModel ? [] : [`${STAT_NAMES[i]} changes by ${compiled}, in the model by ${inModel}`];
    });

  const sideEffect = (): string | undefined => {
    const isClean =
      box[Box.trapped] === 0 &&
      box[Box.warning] === 0 &&
      box[Box.stray] === 0 &&
      box[Box.outside] === 0 &&
      !changesStats();
    if (isClean) {
      return;
    }
    if (box[Box.trapped] !== 0) {
      return trapText();
    }
    return [
      ...(box[Box.warning] === 0 ? [] : [siteText(box[Box.warning] as number)]),
      ...(box[Box.stray] === 0 ? [] : [`it changes word ${(box[Box.stray] as number) - 1} of the struct pages`]),
      ...(box[Box.outside] === 0 ? [] : [outsideText()]),
      ...statDifferences(undefined),
    ].join("; ");
  };

  /** Runs the model's function and compares what both left. */
  const compare = <R>(
    code: number,
    stats: NodeStats | undefined,
    result: R | undefined,
    pack: (box: Int32Array) => void,
    model: () => R,
  ): R => {
    if (ignored.has(code)) {
      return model();
    }
    const warnedBefore = warnings.first;
    warnings.first = 0;
    if (stats !== undefined) {
      rememberStats(stats);
    }
    const wanted = model();
    const warned = warnings.first;
    warnings.first = warnedBefore !== 0 ? warnedBefore : warned;
    pack(expected);
    const same =
      box[Box.trapped] === 0 &&
      (result === undefined || result === wanted) &&
      (warned !== 0) === (box[Box.warning] !== 0) &&
      box[Box.locked] === 0 &&
      box[Box.stray] === 0 &&
      box[Box.outside] === 0 &&
      sameFolio(box, expected, room) &&
      (stats === undefined ? !changesStats() : sameStats(stats));
    if (!same) {
      // Before anything that the model itself may have warned of: the difference explains more.
      warnings.first = warnedBefore;
    }
    assert(code, same, () => describe(stats, result, wanted, warned));
    return wanted;
  };

  const describe = (stats: NodeStats | undefined, result: unknown, wanted: unknown, warned: number): string => {
    const warning = box[Box.warning] as number;
    if (box[Box.trapped] !== 0) {
      return trapText();
    }
    const parts = [
      ...(result === undefined || result === wanted
        ? []
        : [`it returns ${String(result)}, in the model ${String(wanted)}`]),
      ...(warning !== 0 && warned === 0 ? [siteText(warning)] : []),
      ...(warning === 0 && warned !== 0 ? [`it does not warn, and the model does: ${String(warned)}`] : []),
      ...(box[Box.locked] === 0 ? [] : ["it leaves the large-mapcount lock taken"]),
      ...(box[Box.stray] === 0 ? [] : [strayText()]),
      ...(box[Box.outside] === 0 ? [] : [outsideText()]),
      ...differences(box, expected, room),
      ...statDifferences(stats),
    ];
    return parts.join("; ");
  };

  const siteText = (id: number): string => textOfSite(unit, FIRST_SITE_CODE + id) ?? `warning ${id}`;

  const strayText = (): string =>
    `it leaves something in word ${(box[Box.stray] as number) - 1} of the struct pages, where the model has nothing`;

  const outsideText = (): string => {
    const code = box[Box.outside] as number;
    return OUTSIDE_TEXTS.get(code) ?? `it changes statistic ${code - OTHER_STATISTIC} of enum node_stat_item`;
  };

  const trapText = (): string => `it does not come to its end: ${instance.trap()}`;

  const raiseImpossible = (what: string): void => raise(OUT_OF_RANGE, () => `it leaves what cannot be: ${what}`);

  /** Takes over what the C code left. A value that no execution of a right kernel can leave is a finding. */
  const take = (unpack: () => void): void => {
    try {
      unpack();
    } catch (error) {
      if (!(error instanceof FieldRangeError)) {
        throw error;
      }
      raiseImpossible(error.message);
    }
  };

  const raiseStats = (): void => {
    if (changesStats()) {
      raiseImpossible(statDifferences(undefined).join("; "));
    }
  };

  /** What follows a call on a folio with everything. */
  const finish = <R>(
    code: number,
    stats: NodeStats | undefined,
    folio: Folio,
    result: R | undefined,
    model: () => R,
  ): R => {
    if (runsModel) {
      return compare(code, stats, result, (each) => packFolio(each, folio, room), model);
    }
    raiseSites();
    if (box[Box.trapped] !== 0) {
      return result as R;
    }
    take(() => unpackFolio(box, folio, room));
    if (hasExtra) {
      unpackExtra(box, folio as Folio & WithExtra);
    }
    if (box[Box.index] !== folio.index) {
      raiseImpossible(`the index of a folio at ${folio.index} is ${box[Box.index]}`);
    }
    if (stats === undefined) {
      raiseStats();
    } else {
      take(() => {
        stats.nrAnonMapped += box[Box.stats] as number;
        stats.nrFileMapped += box[Box.stats + 1] as number;
        stats.nrAnonThps += box[Box.stats + 2] as number;
        stats.nrFilePmdmapped += box[Box.stats + 3] as number;
      });
    }
    return result as R;
  };

  const load = (folio: Folio): void => {
    packFolio(box, folio, room);
    if (hasExtra) {
      packExtra(box, folio as Folio & WithExtra);
    }
  };
  const loadTracked = (folio: TrackedFolio): void => {
    packTracked(box, folio, pagesOfPtes(folio));
    if (hasExtra) {
      packExtra(box, folio as TrackedFolio & WithExtra);
    }
  };

  /** What `_total_mapped_pages` has to be where PTEs alone map the folio: the owner-tracking machine only counts mappings. */
  const pagesOfPtes = ({ largeMapcount }: TrackedFolio): number =>
    base.tracksTotalMappedPages ? largeMapcount + 1 : 0;

  /** What follows a call of a large mapcount function. */
  const finishTracked = <R>(code: number, folio: TrackedFolio, result: R | undefined, model: () => R): R => {
    if (runsModel) {
      return compare(code, undefined, result, (each) => packTracked(each, folio, pagesOfPtes(folio)), model);
    }
    raiseSites();
    raiseStats();
    take(() => unpackTracked(box, folio));
    if (box[Box.totalMappedPages] !== pagesOfPtes(folio)) {
      raiseImpossible(`_total_mapped_pages is ${box[Box.totalMappedPages]} where PTEs map ${pagesOfPtes(folio)} pages`);
    }
    if (hasExtra) {
      unpackExtra(box, folio as TrackedFolio & WithExtra);
    }
    return result as R;
  };

  /** What follows the checks of a folio that is freed: nobody looks at its fields any more. */
  const finishFreed = (code: number, isBad: boolean, model: () => void): void => {
    if (ignored.has(code)) {
      model();
      return;
    }
    const warnedBefore = warnings.first;
    warnings.first = 0;
    model();
    const warnedInModel = warnings.first !== 0;
    const warned = box[Box.warning] !== 0;
    const saysWhatItWarns = isBad === warned;
    if (!runsModel) {
      warnings.first = warnedBefore;
      raiseSites();
      raiseStats();
      if (!saysWhatItWarns) {
        raise(OUT_OF_RANGE, () => verdictText(isBad, warned));
      }
      return;
    }
    const same =
      box[Box.trapped] === 0 &&
      saysWhatItWarns &&
      warned === warnedInModel &&
      box[Box.stray] === 0 &&
      box[Box.outside] === 0 &&
      !changesStats();
    warnings.first = warnedBefore !== 0 || !same ? warnedBefore : warnings.first;
    assert(code, same, () => {
      if (box[Box.trapped] !== 0) {
        return trapText();
      }
      const parts = [
        ...(warned === warnedInModel
          ? []
          : [`it ${warned ? "warns" : "does not warn"}, and the model ${warnedInModel ? "does" : "does not"}`]),
        ...(saysWhatItWarns ? [] : [verdictText(isBad, warned)]),
        ...(box[Box.stray] === 0 ? [] : ["a tail page is not a page of its own afterwards"]),
        ...(box[Box.outside] === 0 ? [] : [outsideText()]),
        ...statDifferences(undefined),
      ];
      return parts.join("; ");
    });
  };

  const verdictText = (isBad: boolean, warned: boolean): string =>
    `it calls the page ${isBad ? "bad" : "good"}, and ${warned ? "warns of it" : "does not warn"}`;

  const freshExtra = (nrPages: number): readonly number[] => {
    packTracked(box, freshFolio(nrPages), 0);
    box.fill(0, Box.extra, Box.extra + extraWords.length);
    instance.makeFresh?.();
    noteStray();
    return [...box.subarray(Box.extra, Box.extra + extraWords.length)];
  };

  const overrides = overridesOf(operations, {
    base,
    answers: instance.answers,
    load,
    loadTracked,
    finish,
    finishTracked,
    finishFreed,
    box,
    runsModel,
  });
  return {
    kernel: {
      ...base,
      ...overrides,
      ...(runsModel
        ? {}
        : environmentFor(base, { positions: extraWords, pageWords: instance.pageWords, fresh: freshExtra })),
      name: "tree",
    },
    warningText: (code) => {
      if (code < FIRST_OPERATION_CODE) {
        return;
      }
      const operation = OPERATIONS[code - FIRST_OPERATION_CODE];
      return operation === undefined ? told : `${placeOf(unit, operation)}: ${told}`;
    },
    dupFileRmapPmd: (folio, dstMm) => {
      const run = operations["folio_dup_file_rmap_pmd"];
      const model = (): void => base.dupMappings(folio, 0, folio.nrPages, dstMm, dstMm, "pmd");
      if (run === undefined) {
        model();
        return;
      }
      load(folio);
      run(argumentOf(dstMm));
      finish(codeOf("folio_dup_file_rmap_pmd"), undefined, folio, undefined, model);
    },
    freeDamaged: (folio, damage, page) => {
      const run = operations["free_tail_page_prepare"];
      if (run === undefined) {
        base.freePagesPrepare(folio);
        return;
      }
      load(folio);
      const isBad = run(damage, page) !== 0;
      finishFreed(codeOf("free_tail_page_prepare"), isBad, () => {
        base.freePagesPrepare(folio);
        warnings.first = DAMAGED;
      });
      if (warnings.first === DAMAGED) {
        // As it has to be.
        warnings.first = 0;
      }
    },
    sideEffect,
    load,
    instance,
    freshExtra,
    strays,
    remarks: new Map(),
  };
}

/** The operations, of which some do nothing. */
function withoutCalls(
  operations: Readonly<Record<string, Operation>>,
  names: readonly string[],
): Readonly<Record<string, Operation>> {
  const left = names.filter((name) => operations[name] !== undefined);
  return { ...operations, ...Object.fromEntries(left.map((name): [string, Operation] => [name, () => 0])) };
}

/** `folio_remove_rmap_ptes() at mm/rmap.c:1813`. */
export function placeOf({ functions }: KernelUnit, name: string): string {
  const found = functions.find((each) => each.name === name);
  return found === undefined ? `${name}()` : `${name}() at ${found.file}:${found.line}`;
}

interface Run {
  readonly base: Kernel;
  readonly answers: Readonly<Record<string, Operation>>;
  readonly box: Int32Array;
  readonly runsModel: boolean;
  readonly load: (folio: Folio) => void;
  readonly loadTracked: (folio: TrackedFolio) => void;
  readonly finish: <R>(
    code: number,
    stats: NodeStats | undefined,
    folio: Folio,
    result: R | undefined,
    model: () => R,
  ) => R;
  readonly finishTracked: <R>(code: number, folio: TrackedFolio, result: R | undefined, model: () => R) => R;
  readonly finishFreed: (code: number, isBad: boolean, model: () => void) => void;
}

/** The model's functions that have C code behind them, where the tree has it. */
function overridesOf(operations: Readonly<Record<string, Operation>>, run: Run): Partial<Kernel> {
  const { base, box, load, loadTracked, finish, finishTracked, finishFreed, runsModel } = run;
  const all: Partial<Kernel> = {};
  const over = <N extends keyof Kernel>(
    name: N,
    needs: readonly string[],
    build: (...operations: [Operation, Operation]) => Kernel[N],
  ): void => {
    const found = needs.map((each) => operations[each]);
    if (found.every((each) => each !== undefined)) {
      all[name] = build(found[0] as Operation, (found[1] ?? found[0]) as Operation);
    }
  };

  const SET = codeOf("folio_set_large_mapcount");
  const ADD = codeOf("folio_add_return_large_mapcount");
  const SUB = codeOf("folio_sub_return_large_mapcount");
  over("folioSetLargeMapcount", ["folio_set_large_mapcount"], (set) => (folio, mapcount, mm) => {
    loadTracked(folio);
    set(mapcount, argumentOf(mm));
    finishTracked(SET, folio, undefined, () => base.folioSetLargeMapcount(folio, mapcount, mm));
  });
  over("folioAddReturnLargeMapcount", ["folio_add_return_large_mapcount"], (add) => (folio, diff, mm) => {
    loadTracked(folio);
    const result = add(diff, argumentOf(mm));
    return finishTracked(ADD, folio, result, () => base.folioAddReturnLargeMapcount(folio, diff, mm));
  });
  over("folioSubReturnLargeMapcount", ["folio_sub_return_large_mapcount"], (sub) => (folio, diff, mm) => {
    loadTracked(folio);
    const result = sub(diff, argumentOf(mm));
    return finishTracked(SUB, folio, result, () => base.folioSubReturnLargeMapcount(folio, diff, mm));
  });

  const FILE_PTES = codeOf("folio_add_file_rmap_ptes");
  over("folioAddFileRmapPtes", ["folio_add_file_rmap_ptes"], (add) => (stats, folio, page, nrPages, mm) => {
    load(folio);
    add(page, nrPages, argumentOf(mm));
    finish(FILE_PTES, stats, folio, undefined, () => base.folioAddFileRmapPtes(stats, folio, page, nrPages, mm));
  });
  const FILE_PMD = codeOf("folio_add_file_rmap_pmd");
  over("folioAddFileRmapPmd", ["folio_add_file_rmap_pmd"], (add) => (stats, folio, mm) => {
    load(folio);
    add(argumentOf(mm));
    finish(FILE_PMD, stats, folio, undefined, () => base.folioAddFileRmapPmd(stats, folio, mm));
  });
  const ANON_PTES = codeOf("folio_add_anon_rmap_ptes");
  over("folioAddAnonRmapPtes", ["folio_add_anon_rmap_ptes"], (add) => (stats, folio, page, nrPages, mm, exclusive) => {
    load(folio);
    add(page, nrPages, argumentOf(mm), exclusive ? 1 : 0);
    finish(ANON_PTES, stats, folio, undefined, () =>
      base.folioAddAnonRmapPtes(stats, folio, page, nrPages, mm, exclusive),
    );
  });
  const ANON_PMD = codeOf("folio_add_anon_rmap_pmd");
  over("folioAddAnonRmapPmd", ["folio_add_anon_rmap_pmd"], (add) => (stats, folio, mm, exclusive) => {
    load(folio);
    add(argumentOf(mm), exclusive ? 1 : 0);
    finish(ANON_PMD, stats, folio, undefined, () => base.folioAddAnonRmapPmd(stats, folio, mm, exclusive));
  });
  const NEW_ANON = codeOf("folio_add_new_anon_rmap");
  over("folioAddNewAnonRmap", ["folio_add_new_anon_rmap"], (add) => (stats, folio, mm, exclusive) => {
    load(folio);
    add(argumentOf(mm), exclusive ? 1 : 0);
    finish(NEW_ANON, stats, folio, undefined, () => base.folioAddNewAnonRmap(stats, folio, mm, exclusive));
  });
  const REMOVE_PTES = codeOf("folio_remove_rmap_ptes");
  over("folioRemoveRmapPtes", ["folio_remove_rmap_ptes"], (remove) => (stats, folio, page, nrPages, mm) => {
    load(folio);
    remove(page, nrPages, argumentOf(mm));
    finish(REMOVE_PTES, stats, folio, undefined, () => base.folioRemoveRmapPtes(stats, folio, page, nrPages, mm));
  });
  const REMOVE_PMD = codeOf("folio_remove_rmap_pmd");
  over("folioRemoveRmapPmd", ["folio_remove_rmap_pmd"], (remove) => (stats, folio, mm) => {
    load(folio);
    remove(argumentOf(mm));
    finish(REMOVE_PMD, stats, folio, undefined, () => base.folioRemoveRmapPmd(stats, folio, mm));
  });

  // The kernel calls the function for one PTE where it does not batch.
  const DUP_FILE_PTES = codeOf("folio_dup_file_rmap_ptes");
  const DUP_FILE_PTE = codeOf("folio_dup_file_rmap_pte");
  over(
    "folioDupFileRmapPtes",
    ["folio_dup_file_rmap_ptes", "folio_dup_file_rmap_pte"],
    (several, single) => (folio, page, nrPages, dstMm, srcMm) => {
      load(folio);
      if (nrPages === 1) {
        single(page, argumentOf(dstMm));
      } else {
        several(page, nrPages, argumentOf(dstMm));
      }
      finish(nrPages === 1 ? DUP_FILE_PTE : DUP_FILE_PTES, undefined, folio, undefined, () =>
        base.folioDupFileRmapPtes(folio, page, nrPages, dstMm, srcMm),
      );
    },
  );
  const DUP_ANON_PTES = codeOf("folio_try_dup_anon_rmap_ptes");
  const DUP_ANON_PTE = codeOf("folio_try_dup_anon_rmap_pte");
  over(
    "folioTryDupAnonRmapPtes",
    ["folio_try_dup_anon_rmap_ptes", "folio_try_dup_anon_rmap_pte"],
    (several, single) => (folio, page, nrPages, dstMm, srcMm) => {
      load(folio);
      const dst = argumentOf(dstMm);
      const src = argumentOf(srcMm);
      const error = nrPages === 1 ? single(page, dst, src) : several(page, nrPages, dst, src);
      return finish(nrPages === 1 ? DUP_ANON_PTE : DUP_ANON_PTES, undefined, folio, error === 0, () =>
        base.folioTryDupAnonRmapPtes(folio, page, nrPages, dstMm, srcMm),
      );
    },
  );
  const DUP_ANON_PMD = codeOf("folio_try_dup_anon_rmap_pmd");
  over("folioTryDupAnonRmapPmd", ["folio_try_dup_anon_rmap_pmd"], (dup) => (folio, dstMm, srcMm) => {
    load(folio);
    const error = dup(argumentOf(dstMm), argumentOf(srcMm));
    return finish(DUP_ANON_PMD, undefined, folio, error === 0, () => base.folioTryDupAnonRmapPmd(folio, dstMm, srcMm));
  });
  const SHARE_PTE = codeOf("folio_try_share_anon_rmap_pte");
  const SHARE_PMD = codeOf("folio_try_share_anon_rmap_pmd");
  over("folioTryShareAnonRmap", ["folio_try_share_anon_rmap_pte"], (share) => (folio, page) => {
    const sharePmd = operations["folio_try_share_anon_rmap_pmd"];
    load(folio);
    const byPmd = sharePmd !== undefined && folio.nrPages === folio.hpagePmdNr && isMappedByPmd(folio);
    const error = byPmd ? sharePmd() : share(page);
    return finish(byPmd ? SHARE_PMD : SHARE_PTE, undefined, folio, error === 0, () =>
      base.folioTryShareAnonRmap(folio, page),
    );
  });

  const DEFER = codeOf("deferred_split_folio");
  over("deferredSplitFolio", ["deferred_split_folio"], (defer) => (folio, partiallyMapped) => {
    load(folio);
    defer(partiallyMapped ? 1 : 0);
    finish(DEFER, undefined, folio, undefined, () => base.deferredSplitFolio(folio, partiallyMapped));
  });
  // Before a fault the environment asks whether it can be resolved: what C code does then to a folio is not done yet.
  let resolving = false;
  if (!runsModel) {
    all.doWpPage = function (this: Kernel, ...parameters) {
      resolving = true;
      try {
        return base.doWpPage.apply(this, parameters);
      } finally {
        resolving = false;
      }
    };
  }
  const REUSE = codeOf("__wp_can_reuse_large_anon_folio");
  over("wpCanReuseLargeAnonFolio", ["__wp_can_reuse_large_anon_folio"], (reuse) => (machine: Machine, folio, mm) => {
    load(folio);
    box[Box.swapUnused] = folio.swapcache && !base.folioSwapped(machine, folio) ? 1 : 0;
    const result = reuse(argumentOf(mm)) !== 0;
    if (!runsModel && !resolving) {
      return result;
    }
    if (!runsModel && folio.swapcache && ((box[Box.flags] as number) & Flag.swapcache) === 0) {
      // What the swap area knows of it; the C code has no swap area.
      base.folioFreeSwap(machine, folio);
    }
    return finish(REUSE, undefined, folio, result, () => base.wpCanReuseLargeAnonFolio(machine, folio, mm));
  });
  const PREPARE = codeOf("prep_compound_head");
  over("prepCompoundHead", ["prep_compound_head"], (prepare) => (folio) => {
    load(folio);
    prepare();
    finish(PREPARE, undefined, folio, undefined, () => base.prepCompoundHead(folio));
  });
  const FREE = codeOf("free_tail_page_prepare");
  over("freePagesPrepare", ["free_tail_page_prepare"], (free) => (folio) => {
    load(folio);
    const isBad = free(PageDamage.none, 0) !== 0;
    finishFreed(FREE, isBad, () => base.freePagesPrepare(folio));
  });

  if (!runsModel) {
    Object.assign(all, readersOf(run));
  }
  return all;
}

/** Whether a PMD maps the folio, as far as the counts that the model knows tell: else it is taken to be mapped by PTEs. */
function isMappedByPmd({ entireMapcount, totalMappedPages, largeMapcount }: Folio): boolean {
  return entireMapcount >= 0 || totalMappedPages > largeMapcount + 1;
}

/**
 * What only looks, with the C code alone; under conformance it is asked about every state instead. That it does no more than
 * look is a claim of its own.
 */
function readersOf({ load, loadTracked, answers }: Run): Partial<Kernel> {
  const loadEither = (folio: TrackedFolio): void => {
    if (isWhole(folio)) {
      load(folio);
    } else {
      loadTracked(folio);
    }
  };
  const {
    folio_maybe_mapped_shared: shared,
    folio_expected_ref_count: expected,
    folio_mapcount: mapcount,
    folio_precise_page_mapcount: precise,
    folio_average_page_mapcount: average,
  } = answers;
  return {
    ...(expected && {
      folioExpectedRefCount(folio) {
        load(folio);
        return expected();
      },
    }),
    ...(precise && {
      folioPrecisePageMapcount(folio, page) {
        load(folio);
        return precise(page);
      },
    }),
    ...(average && {
      folioAveragePageMapcount(folio) {
        load(folio);
        return average();
      },
    }),
    ...(shared && {
      folioMaybeMappedShared(folio) {
        loadEither(folio);
        return shared() !== 0;
      },
    }),
    ...(mapcount && {
      folioMapcount(folio) {
        loadEither(folio);
        return mapcount();
      },
    }),
  };
}

/** Whether it is a folio with everything: the owner-tracking machine has the tracked part only. */
function isWhole(folio: TrackedFolio): folio is Folio {
  return "refcount" in folio;
}
