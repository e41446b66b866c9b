/**
 * A kernel whose functions of the reverse mapping are C code of a tree, as threads: each access to a folio is one of a
 * port. Everything else is the kernel of the model that it is made from.
 */

import type { Kernel, KernelPatch } from "../../model/kernel/kernel.ts";
import type { Folio, Machine, MmStruct, TrackedFolio } from "../../model/state/structs.ts";
import type { CellIndex, Port } from "../../races/access.ts";
import { warningOfSite } from "../adapter/call-effects.ts";
import type { CallFaults } from "../adapter/call-fault.ts";
import { type Calls, type CFunction, type CFunctionOf, isTrue, succeeds } from "../adapter/calls.ts";
import { NO_PMD_ORDER } from "../adapter/exchange-buffer.ts";
import type { FolioRoom } from "../adapter/instance.ts";
import { overridesOf, readersOf } from "../adapter/overrides.ts";
import { codeOfSite } from "../adapter/warning-codes.ts";
import { BufferField, Flag, Room } from "../harness/harness.ts";
import { TreeError } from "../tree/tree-error.ts";
import { constantRanges, type FolioField, fieldsOfFolio } from "./folio-fields.ts";
import { type CellField, FolioWords } from "./folio-words.ts";
import { RacingFolio } from "./racing-folio.ts";
import type { ThreadFaults } from "./thread-faults.ts";
import { type Pinned, type StatisticCell, ThreadInstance } from "./thread-instance.ts";
import type { ThreadModule } from "./thread-module.ts";

/** Surroundings of a racing kernel: its base, and the cells of its objects. */
export interface RacingSurroundings {
  /** The kernel that does what the tree has no C code for here. */
  readonly base: Kernel;
  /** Cells of fields; a RangeError for a field that never changes for threads: its value is read from the object. */
  readonly index: CellIndex;
  /** The least and the greatest value of a field that has a cell. */
  readonly rangeOf: (path: string) => readonly [least: number, most: number];
  /** Path of an object of the state, such as `folios[0]` or `mms[1]`. */
  readonly pathOf: (object: object) => string;
  /** Where faults get their codes. */
  readonly faults: ThreadFaults;
}

/** A kernel whose functions are threads. */
export interface RacingKernel {
  readonly kernel: Kernel;
  /** Those of its functions that are C code. */
  readonly functions: KernelPatch;
  /** Where accesses go from now on. */
  readonly setPort: (port: Port) => void;
  /** The fault of the C code that a code is raised for; undefined for a warning of the model. */
  readonly faults: (code: number) => CallFaults | undefined;
  /** Names of the functions of the tree that ran. */
  readonly reached: () => readonly string[];
}

/** Makes the kernel of a module. */
export function racingKernel(module: ThreadModule, surroundings: RacingSurroundings): RacingKernel {
  const { base, faults } = surroundings;
  const { unit } = module;
  const warn = (code: number): void => base.vmWarnOn.call(base, true, code);
  const mms: MmStruct[] = [];
  const statistics = new Map<string, StatisticCell | undefined>();
  const pinned = new WeakMap<MmStruct, Pinned>();
  /** How the call that is under way takes its folio out of the swap cache. */
  let freeSwap = (): boolean => false;
  const instance = new ThreadInstance(module, {
    warn: (site) => warn(codeOfSite(site)),
    fault: (fault) => warn(faults.codeOf(fault)),
    freeSwap: () => freeSwap(),
    statistic: (name) => {
      if (!statistics.has(name)) {
        const path = `stats.${name}`;
        const cell = cellOf(surroundings.index, path);
        const [least, most] = cell === undefined ? [0, 0] : surroundings.rangeOf(path);
        statistics.set(name, cell === undefined ? undefined : { cell, least, most });
      }
      return statistics.get(name);
    },
    pinned: (number) => {
      const mm = mms[number] as MmStruct;
      let known = pinned.get(mm);
      if (known === undefined) {
        const cell = cellOf(surroundings.index, `${surroundings.pathOf(mm)}.hasPinned`);
        known = cell === undefined ? { value: mm.hasPinned } : { cell };
        pinned.set(mm, known);
      }
      return known;
    },
  });
  const folios = new Folios(instance, surroundings);

  const functionOf: CFunctionOf = (name, says) => {
    const run = instance.function(name);
    return run && { code: 0, run, says, answer: 0, isLeftOut: false };
  };
  const call = <R>(
    { run, says }: CFunction<R>,
    _stats: unknown,
    folio: TrackedFolio,
    _model: () => R,
    a = 0,
    b = 0,
    c = 0,
    d = 0,
  ): R => says(instance.run(folios.of(folio), run, a, b, c, d));
  const ask = <R>({ run, says }: CFunction<R>, folio: TrackedFolio, page = 0): R =>
    says(instance.run(folios.of(folio), run, page, 0, 0, 0));
  const argumentOf = (mm: MmStruct): number => {
    mms[mm.idNumber] = mm;
    return mm.idNumber;
  };
  const calls: Calls = {
    base,
    isAlone: false,
    argumentOf,
    operation: functionOf,
    answer: functionOf,
    call,
    callTracked: call,
    ask,
    askTracked: ask,
    askBefore: ({ says }) => says(0),
    free: () => {},
  };

  // These decide by fields of the folio how to call the C code: as threads they must not read any.
  const reuse = functionOf("__wp_can_reuse_large_anon_folio", isTrue);
  const share = functionOf("folio_try_share_anon_rmap_pte", succeeds);
  const own: KernelPatch = {
    ...(reuse && {
      wpCanReuseLargeAnonFolio(this: Kernel, machine: Machine, folio: Folio, mm: MmStruct): boolean {
        freeSwap = () => {
          this.folioFreeSwap(machine, folio);
          return true;
        };
        return ask(reuse, folio, argumentOf(mm));
      },
    }),
    ...(share && {
      folioTryShareAnonRmap: (folio: Folio, page: number): boolean => ask(share, folio, page),
    }),
  };

  const functions = { ...overridesOf(calls), ...readersOf(calls), ...own };
  return {
    kernel: { ...base, ...functions, name: "tree" },
    functions,
    setPort: (port) => {
      instance.port = port;
    },
    faults: (code) => {
      const fault = faults.faultOf(code) ?? warningOfSite(unit, code);
      return fault && { kind: "call", faults: [fault] };
    },
    reached: () => instance.reached(),
  };
}

/** The folios of a state, as C code reads and writes them. */
class Folios {
  private readonly instance: ThreadInstance;
  private readonly surroundings: RacingSurroundings;
  private readonly room: FolioRoom;
  /** By object, and by the number of its pages. */
  private readonly known: WeakMap<object, RacingFolio[]> = new WeakMap();

  constructor(instance: ThreadInstance, surroundings: RacingSurroundings) {
    this.instance = instance;
    this.surroundings = surroundings;
    this.room = roomOf(instance);
  }

  of(folio: TrackedFolio): RacingFolio {
    let bySize = this.known.get(folio);
    if (bySize === undefined) {
      bySize = [];
      this.known.set(folio, bySize);
    }
    const { nrPages } = folio;
    const known = bySize[nrPages];
    if (known !== undefined) {
      return known;
    }
    const made = this.make(folio as Folio);
    bySize[nrPages] = made;
    return made;
  }

  private make(folio: Folio): RacingFolio {
    const { instance, surroundings, room } = this;
    const { index, pathOf } = surroundings;
    const { tree } = instance.module;
    const { nrPages } = folio;
    const path = pathOf(folio);
    if (cellOf(index, `${path}.inPageCache`) !== undefined) {
      throw new TreeError("folios that can be in a page cache are not explored with races of C code");
    }
    const constant = constantWords(instance, folio);
    const fields = fieldsOfFolio(tree, room, nrPages).flatMap((field): CellField[] => {
      const cell = cellOf(index, `${path}.${field.path}`);
      if (cell === undefined) {
        putConstant(constant, field, valueAt(folio, field.path));
        return [];
      }
      return [{ ...field, cell }];
    });
    const isKnown = knownWords(constant, constantRanges(tree, nrPages));
    return new RacingFolio(path, new FolioWords(constant, fields, isKnown), index);
  }
}

/** The struct pages of a folio of which only its size and kind are known. */
function constantWords(instance: ThreadInstance, folio: Folio): Int32Array {
  const { exchange } = instance;
  exchange.fill(0, 0, BufferField.size);
  exchange.fill(-1, BufferField.mapcount, BufferField.exclusive);
  exchange[BufferField.nrPages] = folio.nrPages;
  exchange[BufferField.flags] = folio.inPageCache ? Flag.inPageCache : Flag.anon;
  exchange[BufferField.index] = folio.index;
  exchange[BufferField.pmdOrder] = folio.hpagePmdNr === 0 ? NO_PMD_ORDER : 31 - Math.clz32(folio.hpagePmdNr);
  return instance.prepare();
}

/** Of which words it is known what they hold: they are written when a folio is made, or listed. */
function knownWords(
  constant: Int32Array,
  ranges: readonly (readonly [offset: number, bytes: number])[],
): (word: number) => boolean {
  const known = Array.from(constant, (word) => word !== 0);
  for (const [offset, bytes] of ranges) {
    known.fill(true, offset >> 2, (offset + bytes) >> 2);
  }
  return (word) => known[word] === true;
}

function putConstant(words: Int32Array, { bit, bits, toC }: FolioField, value: number): void {
  const word = bit >> 5;
  const mask = (bits >= 32 ? -1 : (1 << bits) - 1) << (bit & 31);
  words[word] = ((words[word] as number) & ~mask) | ((toC(value) << (bit & 31)) & mask);
}

/** A field of a folio by its path. */
function valueAt(folio: Folio, path: string): number {
  const value = path
    .split(/[[\].]+/)
    .filter((name) => name !== "")
    .reduce<unknown>((object, name) => (object as Record<string, unknown>)[name], folio);
  return Number(value);
}

/** The cell of a path; undefined where there is none. */
function cellOf(index: CellIndex, path: string): number | undefined {
  try {
    return index.cell(path);
  } catch (error) {
    if (error instanceof RangeError) {
      return undefined;
    }
    throw error;
  }
}

/** Sizes of folios from which on they have room for fields, in pages. */
export function roomOf(instance: ThreadInstance): FolioRoom {
  const least = (bit: number): number =>
    Math.min(
      ...[2, 4].filter((nrPages) => {
        instance.exchange[BufferField.nrPages] = nrPages;
        return (instance.room() & bit) !== 0;
      }),
    );
  return { pincount: least(Room.pincount), entireMapcount: least(Room.entireMapcount) };
}
