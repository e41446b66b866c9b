/**
 * A kernel for threads whose rmap functions are C code of a tree: each access to a folio is an access of a port. All
 * other functions are those of a base kernel of the model.
 */

import type { Kernel, KernelPatch } from "../../model/kernel/kernel.ts";
import type { Folio, KernelState, MmStruct, TrackedFolio } from "../../model/state/structs.ts";
import type { CellIndex, Port } from "../../races/access.ts";
import { warningOfSite } from "../adapter/call-effects.ts";
import type { CallFaults } from "../adapter/call-fault.ts";
import { type Calls, type CFunction, type CFunctionOf, isTrue, succeeds } from "../adapter/calls.ts";
import { pmdOrderOf } from "../adapter/exchange-buffer.ts";
import type { FolioRoom } from "../adapter/instance.ts";
import { overridesOf, queriesOf } from "../adapter/overrides.ts";
import { codeOfSite } from "../adapter/warning-codes.ts";
import { BufferField, Flag, Room } from "../harness/harness.ts";
import { TreeError } from "../tree/tree-error.ts";
import { constantRanges, type FolioField, fieldsOfFolio } from "./folio-fields.ts";
import { type CellField, FolioWords } from "./folio-words.ts";
import { RacingFolio } from "./racing-folio.ts";
import type { ThreadFaults } from "./thread-faults.ts";
import { type Pinned, type StatisticCell, ThreadInstance } from "./thread-instance.ts";
import type { ThreadModule } from "./thread-module.ts";

/** The environment of a racing kernel: its base, and the cells of its objects. */
export interface RacingSurroundings {
  /** The kernel that provides functions without C code. */
  readonly base: Kernel;
  /**
   * Cells of fields; throws a RangeError for a field that never changes for threads: its value is read from the object.
   */
  readonly index: CellIndex;
  /** Returns the least and the greatest value of a field that has a cell. */
  readonly rangeOf: (path: string) => readonly [least: number, most: number];
  /** Returns the path of an object of the state, such as `folios[0]` or `mms[1]`. */
  readonly pathOf: (object: object) => string;
  /** Assigns codes to faults. */
  readonly faults: ThreadFaults;
}

/** A kernel whose functions run in threads. */
export interface RacingKernel {
  readonly kernel: Kernel;
  /** The functions that are C code. */
  readonly functions: KernelPatch;
  /** Sets the port of all later accesses. */
  readonly setPort: (port: Port) => void;
  /** Returns the fault of the C code for a code; undefined for a warning of the model. */
  readonly faults: (code: number) => CallFaults | undefined;
  /** Returns the names of the functions of the tree that ran. */
  readonly reached: () => readonly string[];
}

/** Builds the kernel of a module. */
export function racingKernel(module: ThreadModule, surroundings: RacingSurroundings): RacingKernel {
  const { base, faults } = surroundings;
  const { unit } = module;
  const warn = (code: number): void => base.vmWarnOn.call(base, true, code);
  const mms: MmStruct[] = [];
  const statistics = new Map<string, StatisticCell | undefined>();
  const pinned = new WeakMap<MmStruct, Pinned>();
  /** folio_free_swap() for the folio of the current call. */
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
      let flag = pinned.get(mm);
      if (flag === undefined) {
        const cell = cellOf(surroundings.index, `${surroundings.pathOf(mm)}.hasPinned`);
        flag = cell === undefined ? { value: mm.hasPinned } : { cell };
        pinned.set(mm, flag);
      }
      return flag;
    },
  });
  const folios = new Folios(instance, surroundings);

  const functionOf: CFunctionOf = (name, decode) => {
    const run = instance.function(name);
    return run && { code: 0, run, decode, queryNumber: 0, isLeftOut: false };
  };
  const call = <R>(
    { run, decode }: CFunction<R>,
    _stats: unknown,
    folio: TrackedFolio,
    _model: () => R,
    a = 0,
    b = 0,
    c = 0,
    d = 0,
  ): R => decode(instance.run(folios.of(folio), run, a, b, c, d));
  const query = <R>({ run, decode }: CFunction<R>, folio: TrackedFolio, page = 0): R =>
    decode(instance.run(folios.of(folio), run, page, 0, 0, 0));
  const argumentOf = (mm: MmStruct): number => {
    mms[mm.idNumber] = mm;
    return mm.idNumber;
  };
  const calls: Calls = {
    base,
    isAlone: false,
    argumentOf,
    operation: functionOf,
    queryFunction: functionOf,
    call,
    callTracked: call,
    query,
    queryTracked: query,
    preview: ({ decode }) => decode(0),
    free: () => {},
  };

  // The general overrides of these functions read fields of the folio to select the C call: threads must not do that.
  const reuse = functionOf("__wp_can_reuse_large_anon_folio", isTrue);
  const share = functionOf("folio_try_share_anon_rmap_pte", succeeds);
  const own: KernelPatch = {
    ...(reuse && {
      wpCanReuseLargeAnonFolio(this: Kernel, machine: KernelState, folio: Folio, mm: MmStruct): boolean {
        freeSwap = () => {
          this.folioFreeSwap(machine, folio);
          return true;
        };
        return query(reuse, folio, argumentOf(mm));
      },
    }),
    ...(share && {
      folioTryShareAnonRmap: (folio: Folio, page: number): boolean => query(share, folio, page),
    }),
  };

  const functions = { ...overridesOf(calls), ...queriesOf(calls), ...own };
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

/** The folios of a state, in the form that C code accesses. */
class Folios {
  private readonly instance: ThreadInstance;
  private readonly surroundings: RacingSurroundings;
  private readonly room: FolioRoom;
  /** By object and number of pages. */
  private readonly cache: WeakMap<object, RacingFolio[]> = new WeakMap();

  constructor(instance: ThreadInstance, surroundings: RacingSurroundings) {
    this.instance = instance;
    this.surroundings = surroundings;
    this.room = roomOf(instance);
  }

  of(folio: TrackedFolio): RacingFolio {
    let bySize = this.cache.get(folio);
    if (bySize === undefined) {
      bySize = [];
      this.cache.set(folio, bySize);
    }
    const { nrPages } = folio;
    bySize[nrPages] ??= this.make(folio as Folio);
    return bySize[nrPages];
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

/** Returns the constant words of a folio's struct pages: they depend only on its size and kind. */
function constantWords(instance: ThreadInstance, folio: Folio): Int32Array {
  const { exchange } = instance;
  exchange.fill(0, 0, BufferField.size);
  exchange.fill(-1, BufferField.mapcount, BufferField.exclusive);
  exchange[BufferField.nrPages] = folio.nrPages;
  exchange[BufferField.flags] = folio.inPageCache ? Flag.inPageCache : Flag.anon;
  exchange[BufferField.index] = folio.index;
  exchange[BufferField.pmdOrder] = pmdOrderOf(folio.hpagePmdNr);
  return instance.prepare();
}

/** Returns whether the constant value of a word is known: it is written for a new folio, or is in `ranges`. */
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

/** Returns the value of a field by its path. */
function valueAt(folio: Folio, path: string): number {
  const value = path
    .split(/[[\].]+/)
    .filter((name) => name !== "")
    .reduce<unknown>((object, name) => (object as Record<string, unknown>)[name], folio);
  return Number(value);
}

/** Returns the cell of a path; undefined if there is none. */
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

/** Returns the smallest folios with room for fields, in pages. */
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
