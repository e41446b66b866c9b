/** The machine of the mm image: processes and their operations on the real code, as a model for the explorer. */
import { BeyondBounds } from "../../explore/errors.ts";
import type { WarningLog } from "../../explore/machine.ts";
import { type Action, action, type Model, type Parameters } from "../../explore/model.ts";
import { int, type StructField, struct } from "../../explore/schema.ts";
import {
  type AnyModel,
  type BoundDefinition,
  type Bounds,
  type MachineDefinition,
  range,
} from "../../invariants/machine-definition.ts";
import type { Kernel } from "../../model/kernel/kernel.ts";
import type { CallTree } from "./call-tree.ts";
import { type Coverage, coverageOf } from "./coverage.ts";
import { imageClaims, LOCKSTEP_CODES, REPORT_CODES } from "./image-claims.ts";
import { ImageInstance } from "./image-instance.ts";
import { type ImageModule, type TracedImage, traceImage } from "./image-module.ts";
import { imagePicture } from "./image-picture.ts";
import { ImageView } from "./image-view.ts";
import type { LockstepDifference } from "./lockstep/comparison.ts";
import { differenceSentence, fieldsOf, type LockstepField } from "./lockstep/difference-text.ts";
import {
  type ExecutedOperation,
  Lockstep,
  type LockstepCount,
  LockstepCounts,
  type StateReading,
} from "./lockstep/lockstep.ts";
import { NotTaken } from "./not-taken.ts";
import { READS } from "./proc-claims.ts";
import { ProcWord } from "./proc-layout.ts";
import { TracedInstance } from "./traced-instance.ts";
import { VMA_WORDS, WorldWord } from "./world-layout.ts";

/** Name of the machine. */
export const IMAGE_MACHINE = "image";

/** A state: its number, as StateTree gives it to the content of the memory. */
interface ImageState {
  memory: number;
}

/** The first page of the VMA that the first process has. */
const FIRST = 8;

/** Where mremap() moves pages to: at the same offset in a page table, or 2 pages further. */
const ELSEWHERE = 40;

/** Pages that a PMD maps. */
const PMD_PAGES = 8;

const MADV_DONTNEED = 4;
const MADV_FREE = 8;
const MADV_DONTFORK = 10;
const PROT_READ = 1;
const PROT_WRITE = 2;

const SWITCHES: readonly BoundDefinition[] = [
  ["protect", "whether processes change what a VMA lets them do: mprotect(2)"],
  ["unmap", "whether processes unmap parts of a VMA: munmap(2)"],
  ["move", "whether processes move pages: mremap(2)"],
  ["dontfork", "whether a process keeps half of a VMA from its children: MADV_DONTFORK"],
  ["split", "whether the kernel splits folios"],
  ["migrate", "whether the kernel migrates folios, in two halves"],
  ["hint", "whether pte_batch_hint() says more than 1, as on arm64"],
  ["softdirty", "whether processes clear their soft-dirty bits: /proc/PID/clear_refs"],
  ["free", "whether processes let go of pages with MADV_FREE, and the kernel reclaims them"],
].map(([name, description]) => ({
  name: name as string,
  description: description as string,
  values: [0, 1],
  default: 0,
}));

/** The bounds of the machine. */
export const IMAGE_BOUNDS: readonly BoundDefinition[] = [
  { name: "mms", description: "processes at a time", values: range(1, 3), default: 2 },
  { name: "pages", description: "pages of the VMA", values: [8, 16], default: 8 },
  { name: "steps", description: "most operations of an execution; 0: any number", values: range(0, 12), default: 0 },
  ...SWITCHES,
  { name: "lockstep", description: "whether the model runs in lockstep", values: [0, 1], default: 1 },
];

/** Ranges of the operations on ranges: all pages, halves, and a page at either end. */
function rangesOf(pages: number): readonly (readonly [page: number, pages: number])[] {
  return pages === PMD_PAGES
    ? [
        [0, 8],
        [0, 4],
        [4, 4],
        [0, 1],
        [7, 1],
      ]
    : [
        [0, 16],
        [0, 8],
        [4, 8],
        [8, 4],
        [15, 1],
      ];
}

/** Faults that make a new folio, or write to one: page and order. */
function faultsOf(pages: number): readonly (readonly [page: number, order: number])[] {
  return [
    [0, 0],
    [0, 2],
    [0, 3],
    [4, 2],
    [7, 0],
    ...(pages > PMD_PAGES
      ? ([
          [8, 3],
          [12, 2],
        ] as const)
      : []),
  ];
}

/** What models on one image have in common: a trace is executed on another model than the search. */
interface Records {
  /** The differences from the model so far; by position of the code. */
  readonly differences: (readonly LockstepField[])[];
  /** The reports so far, by position of the code. */
  readonly reports: string[];
  /** The fault in which reading a state ended first, by the property that is violated then. */
  readonly remarks: Map<string, string>;
}

/** A difference from the model, with the state after the operation as it was compared. */
interface Difference {
  readonly fields: readonly LockstepDifference[];
  readonly after: Int32Array;
}

/** The image that recipes run, and its reports. */
class Context {
  readonly instance: ImageInstance;
  readonly log: WarningLog = { first: 0 };
  /** The reports so far; by position of the code. All belong to one property. */
  readonly reports: string[];
  readonly differences: (readonly LockstepField[])[];
  readonly notTaken: NotTaken;
  private readonly remarks: Map<string, string>;
  private readonly lockstep: LockstepWithModel | undefined;
  private action = "";

  constructor(
    instance: ImageInstance,
    { reports, differences, remarks }: Records,
    notTaken: NotTaken,
    lockstep: LockstepWithModel | undefined,
  ) {
    this.instance = instance;
    this.reports = reports;
    this.differences = differences;
    this.remarks = remarks;
    this.notTaken = notTaken;
    this.lockstep = lockstep;
  }

  /** Begins an action. */
  begin(action: string): void {
    this.action = action;
  }

  /**
   * Executes an operation of the image.
   *
   * @returns whether it was enabled; it is not where it would sleep
   * @throws BeyondBounds where the image has no frame or slot left, or lacks a function
   */
  take(state: ImageState, operation: string, ...parameters: number[]): boolean {
    const { instance, lockstep } = this;
    instance.load(state.memory);
    lockstep?.model.startFrom(state.memory, lockstep.read);
    let difference: Difference | undefined;
    const outcome = instance.execute(operation, parameters, (refused) => {
      difference = lockstep && compared(lockstep, { operation, parameters, refused });
    });
    switch (outcome.kind) {
      case "disabled":
        return false;
      case "waits":
        if (outcome.reason.startsWith("no ")) {
          throw new BeyondBounds(`${outcome.reason}: the image is too small for these bounds`);
        }
        this.notTaken.add(this.action);
        return false;
      case "fault":
        this.report(outcome.warning);
        return true;
      case "done":
        if (outcome.warning !== undefined) {
          this.report(outcome.warning);
        }
        state.memory = outcome.state;
        if (difference !== undefined && lockstep !== undefined) {
          this.reportDifference(difference, outcome.state, lockstep);
        }
        return true;
    }
  }

  /** Reads /proc in the loaded state. @param from and to: pages of processes that are read */
  readProc(from: number, to: number): Int32Array | undefined {
    const reading = this.instance.read("read_proc", ProcWord.words, from, to);
    if (reading.kind === "read") {
      return reading.words;
    }
    if (!this.remarks.has(READS)) {
      this.remarks.set(READS, reading.warning);
    }
    return undefined;
  }

  private report(text: string): void {
    this.raise(REPORT_CODES, this.reports, text, (known) => known === text);
  }

  private reportDifference({ fields, after }: Difference, state: number, { model, read }: LockstepWithModel): void {
    this.instance.load(state);
    const named = fieldsOf(fields, after, read.world(), model.subject.tables);
    const text = JSON.stringify(named);
    this.raise(LOCKSTEP_CODES, this.differences, named, (known) => JSON.stringify(known) === text);
  }

  /** Raises the code of a report, unless there is one already. */
  private raise<T>(codes: readonly number[], known: T[], report: T, isSame: (other: T) => boolean): void {
    if (this.log.first !== 0) {
      return;
    }
    const position = known.findIndex(isSame);
    this.log.first = codes[position < 0 ? Math.min(known.push(report), codes.length) - 1 : position] as number;
  }
}

/** The model in lockstep with an image. */
interface LockstepWithModel {
  readonly model: Lockstep;
  readonly read: StateReading;
}

function compared({ model, read }: LockstepWithModel, executed: ExecutedOperation): Difference | undefined {
  const after = read.world();
  const fields = model.compare(executed, after);
  return fields.length === 0 ? undefined : { fields, after: after.slice() };
}

type ImageAction = Action<ImageState, Context>;

function actionsOf(bounds: Bounds): readonly ImageAction[] {
  const { mms = 2, pages = PMD_PAGES } = bounds;
  const has = (name: string): boolean => bounds[name] === 1;
  const mm = range(0, mms - 1);
  const named = <P extends Parameters>(
    name: string,
    domains: { readonly [K in keyof P]: readonly P[K][] },
    run: (context: Context, state: ImageState, parameters: P) => boolean,
  ): ImageAction =>
    action<ImageState, Context, P>(name, domains, (state, context, parameters) => {
      context.begin(name);
      return run(context, state, parameters);
    });
  const faults = faultsOf(pages).map(([page, order]) => ({ page, order }));
  const ranges = rangesOf(pages).map(([page, count]) => ({ page, pages: count }));
  const ofRange = (
    name: string,
    run: (context: Context, state: ImageState, mm: number, page: number, pages: number) => boolean,
  ): ImageAction =>
    named<{ mm: number; range: { page: number; pages: number } }>(
      name,
      { mm, range: ranges },
      (context, state, { mm: process, range: { page, pages: count } }) =>
        run(context, state, process, FIRST + page, count),
    );
  const folioPages = [0, 4, ...(pages > PMD_PAGES ? [8] : [])];
  return [
    named<{ mm: number; fault: { page: number; order: number } }>(
      "write",
      { mm, fault: faults },
      (context, state, { mm: process, fault }) =>
        context.take(state, "fault", process, FIRST + fault.page, 1, fault.order),
    ),
    named<{ mm: number; page: number }>("read", { mm, page: [0] }, (context, state, { mm: process, page }) =>
      context.take(state, "fault", process, FIRST + page, 0, 0),
    ),
    named<{ mm: number }>("fork", { mm }, (context, state, { mm: process }) =>
      context.take(state, "fork", process, mms),
    ),
    named<{ mm: number }>("exit", { mm }, (context, state, { mm: process }) => context.take(state, "exit", process)),
    ofRange("dontneed", (context, state, process, page, count) =>
      context.take(state, "madvise", process, page, count, MADV_DONTNEED),
    ),
    named("shrink", {}, (context, state) => context.take(state, "shrink")),
    ...(has("protect")
      ? [
          named<{ mm: number; half: boolean; write: boolean }>(
            "mprotect",
            { mm, half: [false, true], write: [false, true] },
            (context, state, { mm: process, half, write }) =>
              context.take(
                state,
                "mprotect",
                process,
                FIRST,
                half ? pages / 2 : pages,
                PROT_READ | (write ? PROT_WRITE : 0),
              ),
          ),
        ]
      : []),
    ...(has("unmap")
      ? [
          ofRange("munmap", (context, state, process, page, count) =>
            context.take(state, "munmap", process, page, count),
          ),
        ]
      : []),
    ...(has("move")
      ? [
          named<{ mm: number; range: { page: number; pages: number }; shift: number; back: boolean }>(
            "mremap",
            { mm, range: ranges, shift: [0, 2], back: [false, true] },
            (context, state, { mm: process, range: { page, pages: count }, shift, back }) =>
              back
                ? context.take(state, "mremap", process, ELSEWHERE + shift + page, count, FIRST + page)
                : context.take(state, "mremap", process, FIRST + page, count, ELSEWHERE + shift + page),
          ),
        ]
      : []),
    ...(has("dontfork")
      ? [
          named<{ mm: number }>("dontfork", { mm }, (context, state, { mm: process }) =>
            context.take(state, "madvise", process, FIRST + pages / 2, pages / 2, MADV_DONTFORK),
          ),
        ]
      : []),
    ...(has("softdirty")
      ? [
          named<{ mm: number }>("clearSoftDirty", { mm }, (context, state, { mm: process }) =>
            context.take(state, "clear_soft_dirty", process),
          ),
        ]
      : []),
    ...(has("split")
      ? [
          named<{ mm: number; page: number; order: number }>(
            "split",
            { mm, page: folioPages, order: [0, 2] },
            (context, state, { mm: process, page, order }) =>
              context.take(state, "split", process, FIRST + page, order),
          ),
        ]
      : []),
    ...(has("migrate")
      ? [
          named<{ mm: number; page: number }>(
            "migrateBegin",
            { mm, page: folioPages },
            (context, state, { mm: process, page }) => context.take(state, "migrate_begin", process, FIRST + page),
          ),
          named("migrateFinish", {}, (context, state) => context.take(state, "migrate_finish")),
          named("migrateUndo", {}, (context, state) => context.take(state, "migrate_undo")),
        ]
      : []),
    ...(has("free")
      ? [
          ofRange("madvFree", (context, state, process, page, count) =>
            context.take(state, "madvise", process, page, count, MADV_FREE),
          ),
          named<{ mm: number; page: number }>(
            "reclaim",
            // A folio that mremap() moved over the end of a page table is reclaimed in pieces.
            { mm, page: has("move") ? [...folioPages, ELSEWHERE + 2 + 4 - FIRST] : folioPages },
            (context, state, { mm: process, page }) => context.take(state, "reclaim", process, FIRST + page),
          ),
        ]
      : []),
  ];
}

/** The largest number of a state. */
const MOST_STATES = 2 ** 31 - 1;

/** First pages of the page tables that operations reach. */
function tablesOf(pages: number, moves: boolean): readonly number[] {
  const first = [...range(FIRST, FIRST + pages - 1), ...(moves ? range(ELSEWHERE, ELSEWHERE + 2 + pages - 1) : [])];
  return [...new Set(first.map((page) => page - (page % PMD_PAGES)))];
}

/** What one model of the machine has for itself. */
interface Parts {
  readonly instance: ImageInstance;
  readonly notTaken: NotTaken;
  /** Gets how many transitions were compared with the model of the kernel. */
  readonly counts: LockstepCounts;
}

function build(bounds: Bounds, kernel: Kernel, records: Records, { instance, notTaken, counts }: Parts): AnyModel {
  const { pages = PMD_PAGES, steps = 0 } = bounds;
  const { config } = kernel;
  const moves = bounds["move"] === 1;
  const last = moves ? ELSEWHERE + 2 + pages : FIRST + pages;
  const readWorld = (): Int32Array => instance.view(instance.call("read_world", FIRST, last), WorldWord.words);
  const readVmas = (): Int32Array => instance.view(instance.call("read_vmas"), VMA_WORDS);
  const read = { world: readWorld, vmas: readVmas };
  const subject = { kernel, tables: tablesOf(pages, moves), hasSoftDirty: bounds["softdirty"] === 1 };
  const lockstep = bounds["lockstep"] === 1 ? { model: new Lockstep(subject, counts), read } : undefined;
  const context = new Context(instance, records, notTaken, lockstep);
  const viewOf = (state: { readonly memory: number }): ImageView =>
    new ImageView(
      {
        world: () => {
          instance.load(state.memory);
          return readWorld();
        },
        proc: () => {
          instance.load(state.memory);
          return context.readProc(FIRST, last);
        },
      },
      [FIRST, last],
      config,
    );
  const model: Model<ImageState, Context, ImageView> = {
    name: IMAGE_MACHINE,
    ...(steps === 0 ? {} : { maxSteps: steps }),
    schema: struct({ memory: int(0, MOST_STATES, instance.state) }) as StructField<ImageState>,
    context,
    actions: actionsOf(bounds),
    view: viewOf,
    refresh: (view) => view.refresh(),
    properties: imageClaims(config, lockstep !== undefined),
    stateBytes: () => instance.stateBytes,
    warnings: {
      log: context.log,
      text: (code) =>
        context.reports[REPORT_CODES.indexOf(code)] ??
        differenceSentence(context.differences[LOCKSTEP_CODES.indexOf(code)] ?? []),
      details: (code) => context.differences[LOCKSTEP_CODES.indexOf(code)] ?? [],
    },
    onRepetition: (begins) => {
      notTaken.isRepeated = begins;
    },
    reported: (state) => imagePicture(viewOf(state)),
  };
  return model as unknown as AnyModel;
}

/** The sentence about executions that the bounds rule out, if they rule out any. */
export function longerExecutions({ steps = 0 }: Bounds): readonly string[] {
  return steps === 0 ? [] : [`executions of more than ${steps} operations`];
}

/** The machine on an image, with what it reports besides states. */
export interface ImageMachine extends MachineDefinition {
  /** The fault in which reading a state ended first, by the property that is violated then. */
  readonly remarks: ReadonlyMap<string, string>;
  /** What the search reached. */
  readonly reached: () => Coverage;
  /** Transitions of the search, by operation, that were compared with the model; undefined where it does not run. */
  readonly compared: () => readonly LockstepCount[] | undefined;
  /** The same machine on an image that logs which C functions run. */
  readonly traced: () => TracedMachine;
}

/** A machine whose models log the C functions of their operations. */
export interface TracedMachine extends MachineDefinition {
  /** Call trees of the operations since the last time. */
  readonly take: () => readonly CallTree[];
}

/** The machine on an image. */
export function imageMachine(image: ImageModule): ImageMachine {
  const records: Records = { reports: [], differences: [], remarks: new Map() };
  /** Of the search: the first model that is built. Later ones execute its traces again. */
  let searched: (Parts & { readonly bounds: Bounds }) | undefined;
  let logging: TracedImage | undefined;
  const machineOn = (start: (...start: Start) => ImageInstance): MachineDefinition => ({
    name: IMAGE_MACHINE,
    summary:
      "whole files of a kernel tree: faults, fork, copy-on-write, system calls, splits and migration on real page tables",
    bounds: IMAGE_BOUNDS,
    conflict: () => undefined,
    build: (bounds, kernel) => {
      const instance = start(FIRST, bounds["pages"] ?? PMD_PAGES, bounds["hint"] === 1);
      const parts = { instance, notTaken: new NotTaken(), counts: new LockstepCounts() };
      searched ??= { ...parts, bounds };
      return build(bounds, kernel, records, parts);
    },
    equivalence: () => [],
    notChecked: (bounds) => [
      ...longerExecutions(bounds),
      "one CPU runs at a time; no swap device, files, GUP, memory cgroups or NUMA; no allocation fails",
      ...(searched?.notTaken.sentence === undefined ? [] : [searched.notTaken.sentence]),
    ],
  });
  return {
    ...machineOn((...start) => new ImageInstance(image, ...start)),
    remarks: records.remarks,
    reached: () => searched?.instance.reached() ?? coverageOf(image.coverage, new Uint8Array()),
    compared: () => (searched?.bounds["lockstep"] === 1 ? searched.counts.all : undefined),
    traced: () => {
      logging ??= traceImage(image);
      const traced = logging;
      let instance: TracedInstance | undefined;
      const machine = machineOn((...start) => {
        instance = new TracedInstance(traced, ...start);
        return instance;
      });
      return { ...machine, take: () => instance?.take() ?? [] };
    },
  };
}

/** How an instance is started: the first page of the VMA, its size, and whether pte_batch_hint() says more than 1. */
type Start = [first: number, pages: number, hint: boolean];
