/**
 * Scripted runs with the operations of a self-test: processes fork, read and write memory, take references, unmap and
 * exit.
 */
import { type Interpreter, interpret } from "../../explore/model/interpreter.ts";
import { isWitness } from "../../explore/model/machine.ts";
import { formatCall, type Parameters } from "../../explore/model/model.ts";
import { at } from "../../explore/model/schema.ts";
import { isPresent } from "../../model/kernel/pgtable.ts";
import type { Entry } from "../../model/state/structs.ts";
import { HolderKind, type World, type WorldMm, type WorldPte } from "../../model/state/world.ts";
import type { Everything } from "./everything.ts";

/** Fate of the pages that were written or pinned. */
export type Fate = "kept" | "copied" | "kept, copied";

/** Contents of pages as read by a process or holder: see model/environment/contents.ts. */
export type Contents = readonly number[];

/**
 * Write that a run tracks: the first write, before the scenario, or the second, in the scenario. Only one write is
 * tracked at a time.
 */
export type TrackedWrite = { readonly entry: number; readonly write: "first" | "second" };

/** Run. Each step must be enabled and violate no property of the machine. */
export class Stage {
  /** Consecutive entries of the memory under test. */
  entries: readonly number[] = [];
  readonly model: Everything;
  readonly trackedWrite: TrackedWrite;
  private readonly interpreter: Interpreter<World>;
  private state: World;
  private readonly calls: string[] = [];

  constructor(model: Everything, trackedWrite: TrackedWrite) {
    this.model = model;
    this.trackedWrite = trackedWrite;
    this.interpreter = interpret(model);
    this.state = at(this.interpreter.initialStates, 0);
  }

  get world(): World {
    return this.state;
  }

  /** Process of the initial state. */
  get parent(): Process {
    return new Process(this, 0);
  }

  act(action: string, parameters: Parameters): void {
    const call = { action, parameters };
    const { model, interpreter, state } = this;
    this.calls.push(formatCall(call));
    const outcome = interpreter.attempt(state, call);
    if (!outcome.enabled) {
      throw this.failure("is not enabled");
    }
    model.properties.forEach((property, p) => {
      const isViolated =
        property.kind === "warning"
          ? property.codes.includes(outcome.warning ?? 0)
          : !isWitness(property.kind) && interpreter.decides(p, state, outcome.state);
      if (isViolated) {
        throw this.failure(`violates ${property.id}: ${property.claim}`);
      }
    });
    this.state = outcome.state;
  }

  private failure(why: string): Error {
    return new Error(`${this.calls.at(-1)} ${why}\n  ${this.calls.join("\n  ")}`);
  }

  /** Exits all processes and drops all references. All memory must be free then. */
  end(): void {
    this.world.mms.forEach(({ live }, mm) => {
      if (live) {
        this.act("exit", { mm });
      }
    });
    this.world.holders.forEach(({ kind }, holder) => {
      if (kind !== HolderKind.none) {
        this.act("put", { holder });
      }
    });
    const { folios, swapSlots } = this.world;
    if (folios.some(({ allocated }) => allocated) || swapSlots.some(({ count, folio }) => count !== 0 || folio !== 0)) {
      throw this.failure("was the last step, and memory is not free");
    }
  }
}

/** Process. Its memory operations apply to all pages under test, one after the other. */
export class Process {
  readonly mm: number;
  private readonly stage: Stage;

  constructor(stage: Stage, mm: number) {
    this.stage = stage;
    this.mm = mm;
  }

  private get state(): WorldMm {
    return at(this.stage.world.mms, this.mm);
  }

  private pte(entry: number): WorldPte {
    return at(at(this.state.vmas, 0).ptes, entry);
  }

  /** Returns the entry of either level that maps a page. */
  private mapping(entry: number): Entry {
    const { pmd } = at(this.state.vmas, 0);
    return pmd.folio === 0 ? this.pte(entry) : pmd;
  }

  /** Returns the page of an entry as text; it may be in the swap cache only. */
  private pageAt(entry: number): string {
    const { pmd } = at(this.state.vmas, 0);
    const pte = this.pte(entry);
    if (pmd.folio !== 0) {
      return `${pmd.folio}.${entry}`;
    }
    if (!pte.swap) {
      return `${pte.folio}.${pte.page}`;
    }
    const { folio } = at(this.stage.world.swapSlots, pte.page);
    return folio === 0 ? "swap" : `${folio}.${pte.page - at(this.stage.world.folios, folio - 1).swap}`;
  }

  /** Applies `run` to every page under test, and returns whether the pages are still the same. */
  private onEveryPage(run: (entry: number) => void): Fate {
    const fates = this.stage.entries.map((entry) => {
      const before = this.pageAt(entry);
      run(entry);
      return this.pageAt(entry) === before ? "kept" : "copied";
    });
    return [...new Set(fates)].sort().reverse().join(", ") as Fate;
  }

  forks(): Process {
    const child = this.stage.world.mms.findIndex(({ live }) => !live);
    this.stage.act("fork", { parent: this.mm, child });
    return new Process(this.stage, child);
  }

  /** Forks while memory outside of the given entries is MADV_DONTFORK. */
  forksOnly(first: number, count: number): Process {
    const child = this.stage.world.mms.findIndex(({ live }) => !live);
    this.stage.act("forkRange", { parent: this.mm, child, first, count });
    return new Process(this.stage, child);
  }

  quits(): void {
    this.stage.act("exit", { mm: this.mm });
  }

  /** Reads the pages; swaps them in if necessary. */
  reads(entries: readonly number[] = this.stage.entries): Contents {
    return entries.map((entry) => {
      if (this.pte(entry).swap) {
        this.stage.act("swapIn", { mm: this.mm, entry, write: false });
      }
      return this.content(entry);
    });
  }

  private content(entry: number): number {
    const { folio } = this.mapping(entry);
    const page = at(this.state.vmas, 0).pmd.folio === 0 ? this.pte(entry).page : entry;
    return at(at(this.stage.world.folios, folio - 1).pages, page).content;
  }

  /** Writes the pages. */
  writes(): Fate {
    return this.onEveryPage((entry) => this.write(entry, "second"));
  }

  /** Writes a page, with the necessary faults. */
  write(entry: number, write: TrackedWrite["write"]): void {
    const { stage, mm } = this;
    if (this.pte(entry).swap) {
      stage.act("swapIn", { mm, entry, write: true });
    }
    if (!this.mapping(entry).writable) {
      stage.act("writeFault", { mm, entry });
    }
    const { trackedWrite } = stage;
    if (entry === trackedWrite.entry && write === trackedWrite.write) {
      stage.act("store", { mm, entry, value: 1 });
    } else if (this.content(entry) === 1) {
      stage.act("store", { mm, entry, value: 0 });
    }
  }

  unmaps(): void {
    const { entries } = this.stage;
    this.stage.act("unmap", { mm: this.mm, vma: 0, first: at(entries, 0), count: entries.length });
  }

  /** Makes entries read-only and writable again. */
  protects({ softDirty }: { readonly softDirty: boolean }): void {
    const { entries } = this.stage;
    this.stage.act("mprotect", { mm: this.mm, first: at(entries, 0), count: entries.length, softDirty });
  }

  /** vmsplice(): GUP with FOLL_GET. */
  splices(): Reference {
    return this.gup(HolderKind.get);
  }

  /** GUP with FOLL_PIN, for reading only. */
  pinsToRead(): Reference {
    return this.gup(HolderKind.pin);
  }

  /** GUP with FOLL_PIN | FOLL_WRITE, as for a fixed buffer of io_uring. */
  pinsToWrite(): Reference {
    return this.gup(HolderKind.pinWrite);
  }

  private gup(kind: number): Reference {
    const { stage, mm } = this;
    this.reads();
    const holders: number[] = [];
    const fate = this.onEveryPage((entry) => {
      holders.push(stage.world.holders.findIndex((each) => each.kind === HolderKind.none));
      stage.act("gup", { mm, entry, kind });
    });
    return new Reference(stage, holders, fate);
  }

  /** MADV_COLLAPSE. */
  collapses(): void {
    this.stage.act("collapse", { mm: this.mm, maxPtesShared: at(this.state.vmas, 0).ptes.length });
  }

  /** Whether a PMD maps all pages under test. */
  get hasPmd(): boolean {
    return isPresent(at(this.state.vmas, 0).pmd);
  }
}

/** References to all pages under test. */
export class Reference {
  /** Whether the pages were copied before. */
  readonly fate: Fate;
  private readonly holders: readonly number[];
  private readonly stage: Stage;

  constructor(stage: Stage, holders: readonly number[], fate: Fate) {
    this.stage = stage;
    this.holders = holders;
    this.fate = fate;
  }

  reads(): Contents {
    const { world } = this.stage;
    return this.holders.map((holder) => {
      const { folio, page } = at(world.holders, holder);
      return at(at(world.folios, folio - 1).pages, page).content;
    });
  }

  /** Writes to the pages, as a device does. */
  writes(): void {
    const { entries, trackedWrite } = this.stage;
    const value = trackedWrite.write === "second" ? 1 : 0;
    this.stage.act("dmaWrite", { holder: at(this.holders, entries.indexOf(trackedWrite.entry)), value });
  }
}
