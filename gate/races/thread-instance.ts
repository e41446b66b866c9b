/**
 * A running module for threads: each access of its C code to shared memory is an access of a port. The behaviour of a
 * run depends only on its arguments and on the values that the port returns, not on earlier runs.
 */

import type { Access, Port } from "../../races/access.ts";
import type { CallFault, Trap } from "../adapter/call-fault.ts";
import { MOST_PAGES } from "../harness/harness.ts";
import { FUEL } from "../module/fuel.ts";
import { enableMemory64 } from "../module/memory64.ts";
import { type WasmGlobal, type WasmImports, type WasmMemory, wasm } from "../module/web-assembly.ts";
import { TreeError } from "../tree/tree-error.ts";
import { FENCES, ListStub, LockStub, STATISTICS, STUBS, type StatisticName, type Stub } from "./access-stubs.ts";
import { type Span, wordOf } from "./folio-words.ts";
import { RUN, Shared } from "./harness.ts";
import {
  afterEffect,
  delivered,
  type Line,
  PLAIN_LOAD,
  PLAIN_STORE,
  type PlainAccess,
  type RacingFolio,
} from "./racing-folio.ts";
import type { Place } from "./rewrite-accesses.ts";
import type { ThreadModule } from "./thread-module.ts";

/** Runs a kernel function. The harness declares the parameters. */
export type ThreadFunction = (...parameters: number[]) => number;

/** Side effects of a run besides its accesses. */
export interface ThreadEvents {
  /** Called when a warning site fires, with its id. */
  readonly warn: (site: number) => void;
  /** Called for a forbidden side effect. */
  readonly fault: (fault: CallFault) => void;
  /** Performs folio_free_swap() for the folio of the call. */
  readonly freeSwap: () => boolean;
  /** Returns the cell of a node statistic with its range; undefined if it is not part of the state. */
  readonly statistic: (name: StatisticName) => StatisticCell | undefined;
  /** Returns MMF_HAS_PINNED of an MM, by number. */
  readonly pinned: (mm: number) => Pinned;
}

/** A node statistic as a cell. */
export interface StatisticCell {
  readonly cell: number;
  readonly least: number;
  readonly most: number;
}

/** The cell of MMF_HAS_PINNED of an MM, or its value if it never changes. */
export type Pinned = { readonly cell: number } | { readonly value: boolean };

/** Stubs as loads and stores of whole words. */
const WORD_ACCESSES: readonly PlainAccess[] = STUBS.map(({ name, kind, order }) => ({
  name,
  kind,
  order,
  marked: true,
}));

const MARKED_LOAD: PlainAccess = { ...PLAIN_LOAD, marked: true };
const MARKED_STORE: PlainAccess = { ...PLAIN_STORE, marked: true };

/** Number of bytes at the top of the stack that are cleared before each run: more than the functions in scope use. */
const CLEARED_STACK = 4096;

/** A running module. */
export class ThreadInstance {
  readonly module: ThreadModule;
  /** The exchange buffer of the harness. */
  readonly exchange: Int32Array;
  port: Port | undefined;
  private readonly events: ThreadEvents;
  private readonly exports: Readonly<Record<string, unknown>>;
  private readonly words: Int32Array;
  private readonly bytes: Uint8Array;
  private readonly shared: Int32Array;
  private readonly stackPointer: WasmGlobal;
  private readonly stack: number | bigint;
  private readonly stackTop: number;
  private readonly fuel: WasmGlobal;
  private readonly initialMemory: Uint8Array;
  /** The folio that C code runs on; undefined while the harness initializes struct pages. */
  private folio: RacingFolio | undefined;
  /** The folio whose constants are in the struct pages. */
  private loadedFolio: RacingFolio | undefined;
  /** The exception by which the port stopped the run. */
  private stop: unknown;
  private holdsLargeMapcountLock = false;
  /** Whether the current accesses are inside of data_race(). */
  private mayRace = false;
  private readonly executed: Set<string> = new Set();

  private readonly lines: readonly Line[];
  private readonly otherAccesses: (Map<number, Access> | undefined)[] = [];

  constructor(module: ThreadModule, events: ThreadEvents) {
    enableMemory64();
    this.module = module;
    this.events = events;
    this.lines = module.places.map(({ source }, number) => ({
      number,
      known: source === undefined ? {} : { place: source },
    }));
    const { exports } = new wasm.Instance(module.module, this.imports());
    const { buffer } = exports["memory"] as WasmMemory;
    this.exports = exports;
    this.words = new Int32Array(buffer);
    this.bytes = new Uint8Array(buffer);
    const at = (name: string): number => (exports[name] as () => number)() >> 2;
    this.shared = this.words.subarray(at("gate_shared_address"), at("gate_shared_address") + Shared.size);
    this.exchange = this.words.subarray(at("gate_buffer_address"));
    this.stackPointer = exports["__stack_pointer"] as WasmGlobal;
    this.stack = this.stackPointer.value;
    this.stackTop = Number(this.stack);
    this.fuel = exports[FUEL] as WasmGlobal;
    (exports["gate_begin"] as () => void)();
    this.initialMemory = this.bytes.slice();
  }

  /** Returns the export that runs a kernel function; undefined if the tree or the configuration does not have it. */
  function(name: string): ThreadFunction | undefined {
    return this.exports[RUN + name] as ThreadFunction | undefined;
  }

  /** Returns the names of the functions of the tree that ran. */
  reached(): string[] {
    this.recordExecuted();
    return [...this.executed];
  }

  private recordExecuted(): void {
    for (const { name, status } of this.module.unit.functions) {
      if (status !== "missing" && (this.exports[`ran_${name}`] as () => number)() !== 0) {
        this.executed.add(name);
      }
    }
  }

  /** Encodes the folio in the exchange buffer into struct pages. @returns the words of the struct pages */
  prepare(): Int32Array {
    const { folio } = this;
    this.folio = undefined;
    this.loadedFolio = undefined;
    (this.exports["gate_prepare"] as () => void)();
    this.folio = folio;
    const { structPages, pageBytes } = this.module.tree;
    const first = structPages >> 2;
    return this.words.slice(first, first + ((this.exchange[0] as number) * pageBytes) / 4);
  }

  /** Returns the fields that a folio of the size in the exchange buffer has room for, as bits of Room. */
  room(): number {
    return (this.exports["gate_room"] as () => number)();
  }

  /**
   * Runs a function on a folio.
   *
   * @returns its result; 0 if WebAssembly stopped it
   * @throws the exceptions of the port
   */
  run(folio: RacingFolio, call: ThreadFunction, a: number, b: number, c: number, d: number): number {
    const { folio: outer, holdsLargeMapcountLock: outerHolds, shared } = this;
    this.loadConstants(folio);
    if (outer === undefined) {
      this.stackPointer.value = this.stack;
      this.bytes.fill(0, this.stackTop - CLEARED_STACK, this.stackTop);
      shared[Shared.depth] = 0;
      shared[Shared.reported] = 0;
    }
    this.folio = folio;
    this.holdsLargeMapcountLock = false;
    this.mayRace = false;
    let result = 0;
    try {
      result = call(a, b, c, d);
    } catch (error) {
      this.end(outer, outerHolds);
      this.trapped(error);
      return 0;
    }
    const isHeld = this.holdsLargeMapcountLock;
    this.end(outer, outerHolds);
    if (shared[Shared.stopping] !== 0) {
      shared[Shared.stopping] = 0;
      throw this.stop;
    }
    if (isHeld) {
      this.events.fault({ kind: "lock-left" });
    }
    return result;
  }

  /** Ends a run, and continues the run that it is nested in, if any. */
  private end(outer: RacingFolio | undefined, outerHolds: boolean): void {
    if (this.holdsLargeMapcountLock) {
      // The lock bit is still set in the struct pages.
      this.loadedFolio = undefined;
    }
    this.folio = outer;
    this.holdsLargeMapcountLock = outerHolds;
    if (outer !== undefined) {
      this.loadConstants(outer);
    }
  }

  /** Copies the constant words of a folio to the struct pages. */
  private loadConstants(folio: RacingFolio): void {
    if (this.loadedFolio !== folio) {
      this.words.set(folio.words.constant, this.module.tree.structPages >> 2);
      this.loadedFolio = folio;
    }
  }

  /** Raises a WebAssembly trap as a fault of the C code. */
  private trapped(error: unknown): void {
    const isTrap = error instanceof wasm.RuntimeError;
    if (!isTrap && !(error instanceof RangeError && error.message.includes("call stack"))) {
      throw error;
    }
    const trap: Trap = this.fuel.value === 0 ? { reason: "iterations" } : { reason: "trap", message: error.message };
    // The module's own record of executed functions is lost with its memory.
    this.recordExecuted();
    this.bytes.set(this.initialMemory);
    this.loadedFolio = undefined;
    this.events.fault({ kind: "not-ended", ...trap });
  }

  /** Performs an access, after reporting the functions on its call stack. */
  private perform(access: Access, place: number): number {
    const { shared, module } = this;
    const port = this.port as Port;
    const depth = shared[Shared.depth] as number;
    for (let i = shared[Shared.reported] as number; i < depth; i++) {
      port.enter(module.functions[shared[Shared.functions + i] as number] as string);
    }
    shared[Shared.reported] = depth;
    const { inlined } = module.places[place] as Place;
    try {
      return inlined.length === 0 ? port.access(access) : performInlined(port, access, inlined);
    } catch (error) {
      return this.stopRun(error);
    }
  }

  /** Makes all running C functions return immediately. */
  private stopRun(error: unknown): number {
    this.stop = error;
    this.shared[Shared.stopping] = 1;
    return 0;
  }

  private line(number: number): Line {
    return this.lines[number] as Line;
  }

  private where(place: number): string {
    const { source } = this.module.places[place] ?? {};
    return source === undefined ? "" : `${source.file}:${source.line}`;
  }

  private refuse(place: number, what: string): never {
    throw new TreeError(`${this.where(place)} ${what}, and races are not explored with that`);
  }

  /** Returns the offset of an address in the struct pages; undefined for other memory, and while the harness runs. */
  private sharedOffset(address: number): number | undefined {
    const { structPages, pageBytes } = this.module.tree;
    const offset = address - structPages;
    return this.folio !== undefined && offset >= 0 && offset < MOST_PAGES * pageBytes ? offset : undefined;
  }

  private load(address: number, bytes: number, mask: number, place: number): number {
    const { folio } = this;
    const offset = this.sharedOffset(address);
    if (offset === undefined || folio === undefined) {
      const mm = folio === undefined ? undefined : this.mmOf(address);
      return mm === undefined ? this.loadOwn(address, bytes) : this.loadMmFlags(mm, address, bytes, place);
    }
    if (this.module.optimisation === "-O2" && offset >= 4 * folio.words.constant.length) {
      // An optimising compiler may add a harmless load and ignore its value.
      this.shared[Shared.high] = 0;
      return 0;
    }
    return this.loadSpan(folio, offset, bytes, mask, this.mayRace ? MARKED_LOAD : PLAIN_LOAD, place);
  }

  /** Returns the number of the MM whose flags contain an address. */
  private mmOf(address: number): number | undefined {
    const { mms, mmsBytes, mmBytes, mmFlags, longBytes } = this.module.tree;
    const inside = (address - mms) % mmBytes;
    return address >= mms && address < mms + mmsBytes && inside >= mmFlags && inside < mmFlags + longBytes
      ? Math.floor((address - mms) / mmBytes)
      : undefined;
  }

  /** Loads flags of an MM: all except MMF_HAS_PINNED are 0. */
  private loadMmFlags(mm: number, address: number, bytes: number, place: number): number {
    const { mms, mmBytes, mmFlags, pinnedFlag } = this.module.tree;
    const bit = pinnedFlag - 8 * (address - mms - mm * mmBytes - mmFlags);
    this.shared[Shared.high] = 0;
    return bit < 0 || bit >= Math.min(32, 8 * bytes) ? 0 : this.testPinned(mm, false, place) << bit;
  }

  private loadSpan(
    folio: RacingFolio,
    offset: number,
    bytes: number,
    mask: number,
    how: PlainAccess,
    place: number,
  ): number {
    const whole = folio.words.span(offset, bytes, this.where(place));
    const { shared } = this;
    if (whole === undefined) {
      const low = this.loadSpan(folio, offset, 4, mask, how, place);
      if (shared[Shared.stopping] !== 0) {
        return 0;
      }
      shared[Shared.high] = this.loadSpan(folio, offset + 4, 4, mask === -1 ? -1 : 0, how, place);
      return low;
    }
    const span = folio.words.masked(whole, mask);
    const { delivered, cells } = span;
    const value = cells.length === 0 ? 0 : this.perform(folio.load(span, mask, how, this.line(place)), place);
    const first = (this.module.tree.structPages + offset) >> 2;
    const low = wordOf(delivered, value, 0, this.words[first] as number);
    if (bytes === 8) {
      shared[Shared.high] = wordOf(delivered, value, 1, this.words[first + 1] as number);
    }
    return bytes < 4 ? (low >>> (8 * (offset & 3))) & ((1 << (8 * bytes)) - 1) : low;
  }

  private store(address: number, bytes: number, low: number, high: number, place: number): void {
    const { folio } = this;
    const offset = this.sharedOffset(address);
    if (offset !== undefined && folio !== undefined) {
      this.storeSpan(folio, offset, bytes, low, high, this.mayRace ? MARKED_STORE : PLAIN_STORE, place);
    } else if (folio !== undefined && this.mmOf(address) !== undefined) {
      this.refuse(place, "stores to the flags of an mm_struct");
    } else {
      this.storeOwn(address, bytes, low, high);
    }
  }

  private storeSpan(
    folio: RacingFolio,
    offset: number,
    bytes: number,
    low: number,
    high: number,
    how: PlainAccess,
    place: number,
  ): void {
    const span = folio.words.span(offset, bytes, this.where(place));
    if (span === undefined) {
      this.storeSpan(folio, offset, 4, low, 0, how, place);
      if (this.shared[Shared.stopping] === 0) {
        this.storeSpan(folio, offset + 4, 4, high, 0, how, place);
      }
      return;
    }
    const shift = 8 * (offset & 3);
    const stored = bytes >= 4 ? -1 : ((1 << (8 * bytes)) - 1) << shift;
    this.checkConstants(span, 0, low << shift, stored, place);
    if (bytes === 8) {
      this.checkConstants(span, 1, high, -1, place);
    }
    const { written: parts } = span;
    if (parts.length === 0) {
      return;
    }
    const values = parts.map(({ field, word, shift: from, mask }) => {
      if (word === 0 && (mask & ~stored) !== 0) {
        this.refuse(place, `stores to a part of ${field.name}`);
      }
      const value = field.toModel((((word === 0 ? low << shift : high) & mask) >>> from) | 0);
      if (value === undefined) {
        this.events.fault({ kind: "impossible-store", field: field.name });
      }
      return value ?? 0;
    });
    this.perform(folio.store(span, values, low, high, how, this.line(place)), place);
  }

  /** Checks that a store does not change bits without a cell: they are constant. */
  private checkConstants({ offset, parts }: Span, word: number, bits: number, stored: number, place: number): void {
    const constant = this.words[((this.module.tree.structPages + offset) >> 2) + word] as number;
    let cells = 0;
    for (const { word: own, mask } of parts) {
      cells |= own === word ? mask : 0;
    }
    const changed = (bits ^ constant) & stored & ~cells;
    if (changed === 0) {
      return;
    }
    const { mmIds, lockBit } = this.module.tree;
    const lockWord = mmIds + 4 * (lockBit >> 5);
    if ((offset & ~3) + 4 * word === lockWord && changed === 1 << (lockBit & 31)) {
      this.events.fault({ kind: "lock-bit-overwritten" });
      return;
    }
    this.refuse(place, `changes bits of byte ${offset} of the struct pages of a folio that have no field in the model`);
  }

  private atomic(stub: number, address: number, first: number, second: number, place: number): number {
    const how = STUBS[stub] as Stub;
    const offset = this.sharedOffset(address);
    if (offset === undefined || this.folio === undefined) {
      const old = this.loadOwn(address, 4);
      const { value, changes } = afterEffect(how.effect, old, first, second);
      if (changes) {
        this.storeOwn(address, 4, value, 0);
      }
      return delivered(how.delivery, old, value, changes);
    }
    const field = this.folio.words.fieldAt(8 * offset, 32, this.where(place));
    return field === undefined
      ? this.refuse(
          place,
          `has an atomic at byte ${offset} of the struct pages of a folio, where the model has no field`,
        )
      : this.perform(this.folio.atomic(field, stub, how, first, second, this.line(place)), place);
  }

  private bit(stub: number, nr: number, address: number, value: number, place: number): number {
    const how = STUBS[stub] as Stub;
    const word = address + 4 * (nr >> 5);
    const offset = this.sharedOffset(word);
    if (offset === undefined || this.folio === undefined) {
      const mm = this.folio === undefined ? undefined : this.mmOf(word);
      if (mm === undefined) {
        return this.ownBit(how, word, nr & 31, value);
      }
      if (how.effect !== "read") {
        this.refuse(place, "changes the flags of an mm_struct");
      }
      return nr === this.module.tree.pinnedFlag ? this.testPinned(mm, true, place) : 0;
    }
    const field = this.folio.words.fieldAt(8 * offset + (nr & 31), 1, this.where(place));
    if (field?.follows === true && how.effect !== "read") {
      return 0;
    }
    if (field !== undefined) {
      return this.perform(this.folio.atomic(field, stub, how, value, 0, this.line(place)), place);
    }
    const { lockBit, mmIds } = this.module.tree;
    if (8 * (offset - mmIds) + (nr & 31) === lockBit) {
      return this.bitLock(LockStub.isLocked, lockBit, this.module.tree.structPages + mmIds, place);
    }
    const old = ((this.words[word >> 2] as number) >>> (nr & 31)) & 1;
    if (how.effect !== "read" && old !== value) {
      this.refuse(
        place,
        `changes bit ${nr} of a word at byte ${offset} of the struct pages of a folio, which has no field in the model`,
      );
    }
    return how.delivery === "nothing" ? 0 : old;
  }

  private testPinned(mm: number, marked: boolean, place: number): number {
    const pinned = this.events.pinned(mm);
    if ("value" in pinned) {
      return pinned.value ? 1 : 0;
    }
    return this.performOther(place, pinned.cell, () => ({
      ...this.line(place).known,
      kind: "load",
      cells: [pinned.cell],
      object: "mm->flags",
      marked,
      order: "relaxed",
      text: "load MMF_HAS_PINNED",
      perform: (memory) => memory.read(pinned.cell),
    }));
  }

  private once(stub: number, address: number, own: number, bytes: number, place: number): void {
    const offset = this.sharedOffset(address);
    const how = WORD_ACCESSES[stub] as PlainAccess;
    const from = how.kind === "load" ? address : own;
    if (offset === undefined || this.folio === undefined) {
      const low = this.loadOwn(from, bytes);
      this.storeOwn(how.kind === "load" ? own : address, bytes, low, this.shared[Shared.high] as number);
    } else if (how.kind === "load") {
      const low = this.loadSpan(this.folio, offset, bytes, -1, how, place);
      this.storeOwn(own, bytes, low, this.shared[Shared.high] as number);
    } else {
      const low = this.loadOwn(own, bytes);
      this.storeSpan(
        this.folio,
        offset,
        bytes,
        low,
        bytes === 8 ? (this.shared[Shared.high] as number) : 0,
        how,
        place,
      );
    }
  }

  private fence(fence: number, place: number): void {
    if (this.folio !== undefined) {
      const { name, order } = FENCES[fence] as (typeof FENCES)[number];
      this.performOther(place, fence, () => ({
        ...this.line(place).known,
        ...{ kind: "fence", cells: [], object: "", marked: true, order, text: `${name}()`, perform: () => 0 },
      }));
    }
  }

  private bitLock(what: number, nr: number, address: number, place: number): number {
    const { structPages, mmIds, lockBit } = this.module.tree;
    const { folio } = this;
    if (folio === undefined || address !== structPages + mmIds || nr !== lockBit) {
      return this.refuse(place, "uses a bit spinlock that is not that of the large mapcount");
    }
    const line = this.line(place);
    if (what === LockStub.isLocked) {
      return this.perform(
        folio.flag("largeMapcountLock", "folio->_mm_ids", MARKED_LOAD, 0, "bit_spin_is_locked(_mm_ids)", line),
        place,
      );
    }
    const takes = what === LockStub.lock;
    if (!takes && !this.holdsLargeMapcountLock) {
      this.events.fault({ kind: "lock-not-held" });
    }
    const text = `${takes ? "bit_spin_lock" : "bit_spin_unlock"}(_mm_ids)`;
    this.perform(folio.lock("largeMapcountLock", takes ? "lock" : "unlock", text, line), place);
    this.holdsLargeMapcountLock = takes;
    // The holder reads the bit as set in the word.
    const word = (structPages + mmIds + 4 * (lockBit >> 5)) >> 2;
    const bit = 1 << (lockBit & 31);
    this.words[word] = takes ? (this.words[word] as number) | bit : (this.words[word] as number) & ~bit;
    return 0;
  }

  private spinLock(what: number, address: number, place: number): void {
    const { splitQueue, splitQueueBytes } = this.module.tree;
    const { folio } = this;
    const isQueue = address >= splitQueue && address < splitQueue + Math.max(splitQueueBytes, 1);
    // folio_split_queue_lock() passes the folio instead of the queue.
    if (folio === undefined || (!isQueue && this.sharedOffset(address) !== 0)) {
      this.refuse(place, "uses a spinlock that is not that of the deferred split queue");
    }
    const takes = what === LockStub.lock;
    const text = `${takes ? "spin_lock" : "spin_unlock"}(split_queue_lock)`;
    this.perform(folio.lock("splitQueueLock", takes ? "lock" : "unlock", text, this.line(place)), place);
  }

  private list(what: number, entry: number, place: number): number {
    const { structPages, deferredList } = this.module.tree;
    const { folio } = this;
    if (folio === undefined || entry !== structPages + deferredList) {
      return this.refuse(place, "uses a list that is not the deferred split queue");
    }
    const line = this.line(place);
    const object = "folio->_deferred_list";
    switch (what) {
      case ListStub.isEmpty: {
        const on = this.perform(
          folio.flag("onDeferredList", object, MARKED_LOAD, 0, "list_empty(_deferred_list)", line),
          place,
        );
        return on === 0 ? 1 : 0;
      }
      case ListStub.addTail:
        // The stores to the entry's own pointers are plain; only that to its predecessor is marked.
        return this.perform(
          folio.flag("onDeferredList", object, PLAIN_STORE, 1, "list_add_tail(_deferred_list)", line),
          place,
        );
      default:
        return this.perform(
          folio.flag("onDeferredList", object, MARKED_STORE, 0, "list_del_init(_deferred_list)", line),
          place,
        );
    }
  }

  private statistic(item: number, change: number, place: number): void {
    const name = STATISTICS[item];
    if (name === undefined) {
      this.events.fault({ kind: "unknown-statistic", item: item - STATISTICS.length });
      return;
    }
    const statistic = this.events.statistic(name);
    if (statistic === undefined) {
      return;
    }
    const { cell, least, most } = statistic;
    this.performOther(place, change * STATISTICS.length + item, () => ({
      ...this.line(place).known,
      kind: "rmw",
      cells: [cell],
      object: `stats.${name}`,
      marked: true,
      order: "relaxed",
      isVoidAdd: true,
      text: `${name} += ${change}`,
      perform: (memory) => {
        // A wrong statistic may grow without limit: it is clamped to its range, where it is still wrong.
        memory.write(cell, Math.min(Math.max(memory.read(cell) + change, least), most));
        return 0;
      },
    }));
  }

  /**
   * Performs an access that is not to a folio. Access objects are cached.
   *
   * @param key identifies the access among those at the place
   * @param make builds the access
   */
  private performOther(place: number, key: number, make: () => Access): number {
    this.otherAccesses[place] ??= new Map();
    const cache = this.otherAccesses[place];
    let access = cache.get(key);
    if (access === undefined) {
      access = make();
      cache.set(key, access);
    }
    return this.perform(access, place);
  }

  /** Throws the error of WebAssembly for an address outside of the memory. */
  private checkBounds(address: number, bytes: number): void {
    if (address < 0 || address + bytes > this.bytes.length) {
      throw new wasm.RuntimeError("memory access out of bounds");
    }
  }

  /** Loads from memory that no other thread accesses. */
  private loadOwn(address: number, bytes: number): number {
    this.checkBounds(address, bytes);
    if (bytes === 8) {
      this.shared[Shared.high] = this.words[(address >> 2) + 1] as number;
    }
    switch (bytes) {
      case 1:
        return this.bytes[address] as number;
      case 2:
        return (this.bytes[address] as number) | ((this.bytes[address + 1] as number) << 8);
      default:
        return this.words[address >> 2] as number;
    }
  }

  private storeOwn(address: number, bytes: number, low: number, high: number): void {
    this.checkBounds(address, bytes);
    switch (bytes) {
      case 1:
        this.bytes[address] = low;
        break;
      case 2:
        this.bytes[address] = low;
        this.bytes[address + 1] = low >> 8;
        break;
      case 8:
        this.words[(address >> 2) + 1] = high;
        this.words[address >> 2] = low;
        break;
      default:
        this.words[address >> 2] = low;
    }
  }

  private ownBit(how: Stub, word: number, bit: number, value: number): number {
    this.checkBounds(word, 4);
    const bits = this.words[word >> 2] as number;
    const old = (bits >>> bit) & 1;
    const { value: now, changes } = afterEffect(how.effect, old, value, 0);
    if (changes) {
      this.words[word >> 2] = now === 0 ? bits & ~(1 << bit) : bits | (1 << bit);
    }
    return delivered(how.delivery, old, now, changes);
  }

  private imports(): WasmImports {
    return {
      port: {
        port_load: (address: number, bytes: number, mask: number, place: number) =>
          this.load(address, bytes, mask, place),
        port_store: (address: number, bytes: number, low: number, high: number, place: number) =>
          this.store(address, bytes, low, high, place),
        port_atomic: (stub: number, address: number, first: number, second: number, place: number) =>
          this.atomic(stub, address, first, second, place),
        port_bit: (stub: number, nr: number, address: number, value: number, place: number) =>
          this.bit(stub, nr, address, value, place),
        port_once_access: (stub: number, address: number, own: number, bytes: number, place: number) =>
          this.once(stub, address, own, bytes, place),
        port_fence: (fence: number, place: number) => this.fence(fence, place),
        port_bit_lock: (what: number, nr: number, address: number, place: number) =>
          this.bitLock(what, nr, address, place),
        port_spin_lock: (what: number, address: number, place: number) => this.spinLock(what, address, place),
        port_list: (what: number, entry: number, place: number) => this.list(what, entry, place),
        port_statistic: (item: number, change: number, place: number) => this.statistic(item, change, place),
        port_warn: (site: number) => {
          if (this.folio !== undefined) {
            this.events.warn(site);
          }
        },
        port_left: (low: number, high: number) =>
          this.port?.leave(high === 0 || high === low >> 31 ? low : high * 2 ** 32 + (low >>> 0)),
        port_data_race: (begins: number) => {
          this.mayRace = begins !== 0;
        },
        port_free_swap: () => {
          try {
            return this.events.freeSwap() ? 1 : 0;
          } catch (error) {
            return this.stopRun(error);
          }
        },
      },
    };
  }
}

/**
 * Performs an access inside of inlined functions. Each is reported to begin before the access and to end after it with
 * the accessed value as result. The real end is unknown; for a function that returns the value of its only access this
 * is exact.
 */
function performInlined(port: Port, access: Access, inlined: readonly string[]): number {
  for (const name of inlined) {
    port.enter(name);
  }
  const value = port.access(access);
  for (let left = inlined.length; left > 0; left--) {
    port.leave(value);
  }
  return value;
}
