/** The machine `image`: processes and kernel operations on the code of a tree, as a model for the explorer. */

import type { Model } from "../../../explore/model/model.ts";
import { bool, int, never, type StructField, struct } from "../../../explore/model/schema.ts";
import { type NotChecked, notChecked } from "../../../invariants/not-checked.ts";
import { type AnyModel, type Bounds, type MachineDefinition, range } from "../../../machines/machine.ts";
import type { KernelConfig } from "../../../model/kernel/config.ts";
import type { Kernel } from "../../../model/kernel/kernel.ts";
import { Lockstep, type LockstepCount, LockstepCounts } from "../lockstep/lockstep.ts";
import type { CallTree } from "../module/call-tree.ts";
import { type Coverage, coverageOf } from "../module/coverage.ts";
import { type BootParameters, ImageInstance } from "../module/image-instance.ts";
import { type ImageModule, type RunnableImage, type TracedImage, traceImage } from "../module/image-module.ts";
import type { ImageWarning } from "../module/image-report.ts";
import { LockOrders } from "../module/lock-orders.ts";
import { TracedInstance } from "../module/traced-instance.ts";
import {
  ELSEWHERE,
  FIRST_PAGE,
  fileMappings,
  firstOfFile,
  hasFile,
  hasGup,
  hasSwap,
  IMAGE_BOUNDS,
  IMAGE_MACHINE,
  isInLockstep,
  longerExecutions,
  PMD_PAGES,
} from "../world/image-bounds.ts";
import { imagePicture } from "../world/image-picture.ts";
import { ImageView } from "../world/image-view.ts";
import { type TracedState, VisibleStates } from "../world/visible-state.ts";
import { FILE_PAGES, MMS, VMA_WORDS, WorldWord } from "../world/world-layout.ts";
import { BlockedOperations } from "./blocked-operations.ts";
import { actionsOf } from "./image-actions.ts";
import { claimsPartialMappings, imageClaims, SLOT_CLAIMS } from "./image-claims.ts";
import { ImageContext, type ImageState, type Records } from "./image-context.ts";
import { preemptionsOf } from "./interleaving-actions.ts";
import { endsWithRace, racesNotChecked } from "./race-actions.ts";

/** Largest number of a state. */
const MOST_STATES = 2 ** 31 - 1;

/** Number of permutations of processes. */
function permutations(processes: number): number {
  return processes < 2 ? 1 : processes * permutations(processes - 1);
}

/** Returns the first page of each page table that operations can reach. */
function tablesOf(pages: number, moves: boolean): readonly number[] {
  const first = [
    ...range(FIRST_PAGE, FIRST_PAGE + pages - 1),
    ...(moves ? range(ELSEWHERE, ELSEWHERE + 2 + pages - 1) : []),
  ];
  return [...new Set(first.map((page) => page - (page % PMD_PAGES)))];
}

/** Components of one model of the machine. */
interface ModelParts {
  readonly instance: ImageInstance;
  readonly blocked: BlockedOperations;
  /** Counts the transitions that are compared with the model. */
  readonly counts: LockstepCounts;
  /** For traces: the access to their states. */
  readonly traceStates?: TraceStates;
}

/** Access to the states of a trace, set when the model is built. */
interface TraceStates {
  viewOf?: (state: ImageState) => ImageView;
  context?: ImageContext;
}

function build(
  bounds: Bounds,
  kernel: Kernel,
  records: Records,
  { instance, blocked, counts, traceStates }: ModelParts,
): AnyModel {
  const { pages = PMD_PAGES, steps = 0 } = bounds;
  const { config } = kernel;
  const moves = bounds["move"] === 1;
  const last = moves
    ? ELSEWHERE + 2 + pages
    : hasFile(bounds)
      ? Math.max(...fileMappings(bounds).map(firstOfFile)) + FILE_PAGES
      : FIRST_PAGE + pages;
  const readWorld = (): Int32Array => instance.view(instance.call("read_world", FIRST_PAGE, last), WorldWord.words);
  const readVmas = (): Int32Array => instance.view(instance.call("read_vmas"), VMA_WORDS);
  const read = { world: readWorld, vmas: readVmas };
  const subject = { kernel, tables: tablesOf(pages, moves), hasSoftDirty: bounds["softdirty"] === 1 };
  const lockstep = isInLockstep(bounds) ? { model: new Lockstep(subject, counts), read } : undefined;
  const context = new ImageContext(instance, records, blocked, lockstep, traceStates && (() => readWorld().slice()));
  const viewOf = (state: { readonly memory: number }): ImageView =>
    new ImageView(
      {
        world: () => {
          instance.load(state.memory);
          return readWorld();
        },
        proc: () => {
          instance.load(state.memory);
          return context.readProc(FIRST_PAGE, last);
        },
      },
      [FIRST_PAGE, last],
      config,
      hasFile(bounds),
    );
  if (traceStates !== undefined) {
    traceStates.viewOf = viewOf;
    traceStates.context = context;
  }
  const model: Model<ImageState, ImageContext, ImageView> = {
    name: IMAGE_MACHINE,
    ...(steps === 0 ? {} : { maxSteps: steps }),
    schema: struct({
      memory: int(0, MOST_STATES, instance.state),
      ended: endsWithRace(bounds) ? bool(false) : never(),
    }) as StructField<ImageState>,
    context,
    actions: actionsOf(bounds, config.mmId),
    view: viewOf,
    refresh: (view) => view.refresh(),
    properties: imageClaims(config, bounds),
    stateBytes: () => instance.stateBytes,
    symmetry: {
      canonicalize: (state) => {
        state.memory = instance.canonical(state.memory);
      },
      rename: (state, seed) => {
        state.memory = instance.permuted(state.memory, seed % permutations(bounds["mms"] ?? MMS));
      },
      inSteps: (isOn) => context.canonicalizeInSteps(isOn),
    },
    warnings: {
      log: context.log,
      data: (code) => context.warning(code),
    },
    onRepetition: (how) => {
      blocked.isRepetition = how !== undefined;
    },
    reported: (state) => imagePicture(viewOf(state)),
  };
  return model as unknown as AnyModel;
}

/** Bounds that cannot be combined. */
const CONFLICTS: readonly { readonly text: string; readonly exists: (bounds: Bounds) => boolean }[] = [
  {
    text: "the bound file excludes the bounds softdirty, uffd and collapse",
    exists: (bounds) =>
      hasFile(bounds) && [bounds["softdirty"], bounds["uffd"], bounds["collapse"]].some((value) => value === 1),
  },
  {
    text: "the bound cutswap requires the bounds file and swap",
    exists: (bounds) => bounds["cutswap"] === 1 && !(hasFile(bounds) && hasSwap(bounds)),
  },
  {
    text: "the bound gupends requires the bound gup",
    exists: ({ gup = 0, gupends = 0 }) => gupends > 0 && gup === 0,
  },
  {
    text: "the bound spans requires the bound move",
    exists: ({ spans = 0, move = 0 }) => spans > 0 && move === 0,
  },
  {
    text: "preemptions are those of races: they require the bound race",
    exists: ({ race = 0, preemptions = 0 }) => race === 0 && preemptions > 0,
  },
  {
    text: "three operations race with the bound preemptions only",
    exists: ({ cpus = 2, preemptions = 0 }) => cpus > 2 && preemptions === 0,
  },
];

/** The machine on an image, with results other than states. */
export interface ImageMachine extends MachineDefinition {
  /** First fault while reading a state, by the id of the property that it violates. */
  readonly notices: ReadonlyMap<string, ImageWarning>;
  /** Returns the coverage of the search. */
  readonly reached: () => Coverage;
  /**
   * Returns the numbers of transitions that the search compared with the model, by operation; undefined without
   * lockstep.
   */
  readonly compared: () => readonly LockstepCount[] | undefined;
  /** Returns the same machine on an image that logs the C functions it executes. */
  readonly traced: () => TracedMachine;
}

/** A machine whose models log the C functions that their operations execute. */
export interface TracedMachine extends MachineDefinition {
  /** Returns the call trees of the operations since the last call. */
  readonly take: () => readonly CallTree[];
  /**
   * Returns a function that reads the states of one execution for its trace, in order from the initial state; its result
   * is undefined after a fault.
   */
  readonly tracedStates: () => (state: unknown) => TracedState | undefined;
}

/** Returns the machine on an image. */
export function imageMachine(image: ImageModule): ImageMachine {
  const records: Records = { reports: [], differences: [], notices: new Map() };
  const lockOrders = new LockOrders();
  /** The model of the search, which is the first that is built. Later ones re-execute its traces. */
  let search: (ModelParts & { readonly bounds: Bounds; readonly config: KernelConfig }) | undefined;
  let tracedImage: TracedImage | undefined;
  const machineOn = (
    start: (switches: boolean, boot: BootParameters) => ImageInstance,
    traceStates?: TraceStates,
  ): MachineDefinition => ({
    name: IMAGE_MACHINE,
    summary:
      "whole files of a kernel tree: faults, fork, copy-on-write, system calls, splits and migration on real page tables",
    bounds: IMAGE_BOUNDS,
    conflict: (bounds) => CONFLICTS.find(({ exists }) => exists(bounds))?.text,
    build: (bounds, kernel) => {
      const { pages = PMD_PAGES, hint, uffd, swap = 0, slots = 0 } = bounds;
      const places = fileMappings(bounds).map((mapping) => [mapping, firstOfFile(mapping)]);
      const instance = start(switchesStacks(bounds), {
        first: FIRST_PAGE,
        pages,
        hint: hint === 1,
        userfaultfd: uffd === 1,
        ...(hasFile(bounds) ? { file: Object.fromEntries(places) } : {}),
        ...(swap === 0 ? {} : { swap: { slots, synchronous: swap === 2 } }),
      });
      const parts = {
        instance,
        blocked: new BlockedOperations(),
        counts: new LockstepCounts(),
        ...(traceStates === undefined ? {} : { traceStates }),
      };
      search ??= { ...parts, bounds, config: kernel.config };
      return build(bounds, kernel, records, parts);
    },
    equivalence: () => [],
    notChecked: (bounds) => [
      ...longerExecutions(bounds),
      ...(claimsPartialMappings(bounds)
        ? []
        : [
            notChecked(
              "C14 where folios are migrated, split to an order above 0, or swapped out, which has exceptions",
            ),
          ]),
      ...racesNotChecked(bounds),
      ...swapNotChecked(bounds),
      ...fileNotChecked(bounds),
      notChecked(
        `no memory cgroups or NUMA; no allocation fails${bounds["collapse"] === 1 ? " but that of a huge page to collapse to" : ""}`,
      ),
      ...gupNotChecked(bounds),
      ...(search === undefined ? [] : withoutMmId(search.config)),
      ...(search?.blocked.notChecked ?? []),
    ],
  });
  return {
    ...machineOn((switches, start) => new ImageInstance(switches ? switchingImage(image) : image, start, lockOrders)),
    notices: records.notices,
    reached: () => search?.instance.reached() ?? coverageOf(image.coverage, new Uint8Array()),
    compared: () => (search !== undefined && isInLockstep(search.bounds) ? search.counts.all : undefined),
    traced: () => {
      let instance: TracedInstance | undefined;
      const traceStates: TraceStates = {};
      const machine = machineOn((switches, start) => {
        tracedImage ??= traceImage(image, switches);
        instance = new TracedInstance(tracedImage, start, lockOrders);
        return instance;
      }, traceStates);
      return { ...machine, take: () => instance?.take() ?? [], tracedStates: () => tracedStates(traceStates) };
    },
  };
}

/** Whether the operations within the bounds stop and continue. */
export function switchesStacks(bounds: Bounds): boolean {
  return preemptionsOf(bounds) > 0;
}

/** @throws Error for an image that was not compiled for stack switching */
function switchingImage({ switching, ...image }: ImageModule): RunnableImage {
  if (switching === undefined) {
    throw new Error("the image was not compiled for stack switching");
  }
  return { ...image, module: switching };
}

/** Returns a reader of the states of an execution, which must be called in their order. */
function tracedStates(traceStates: TraceStates): (state: unknown) => TracedState | undefined {
  let states: VisibleStates | undefined;
  return (state) => {
    const { viewOf, context } = traceStates;
    if (viewOf === undefined) {
      return undefined;
    }
    const view = viewOf(state as ImageState);
    if (states === undefined) {
      states = new VisibleStates();
      return { visible: states.initial(view), world: states.drawable(view) };
    }
    return context?.worldAfter === undefined
      ? undefined
      : { visible: states.next(view, context.worldAfter), world: states.drawable(view) };
  };
}

/** Lists the parts that an image lacks without CONFIG_MM_ID, which only transparent huge pages select. */
function withoutMmId({ mmId }: KernelConfig): readonly NotChecked[] {
  const claims = SLOT_CLAIMS.map(({ id }) => id).join(", ");
  return mmId
    ? []
    : [
        notChecked(
          "without mm-id",
          `${claims}, as there are no owner slots; and folios of more than one page, their splits and the shrinker of the ` +
            "deferred-split queue, as there are no transparent huge pages",
        ),
      ];
}

/** Lists what is not checked about swapping. */
function swapNotChecked(bounds: Bounds): readonly NotChecked[] {
  return hasSwap(bounds)
    ? [
        notChecked("swapoff, several swap devices, readahead of neighbouring slots, zswap, and reads that end later"),
        ...(bounds["lockstep"] === 1 ? [notChecked("lockstep with the model, which has no slots of a device")] : []),
      ]
    : [notChecked("no swap device")];
}

/** Lists what is not checked about files. */
function fileNotChecked(bounds: Bounds): readonly NotChecked[] {
  return hasFile(bounds)
    ? [
        notChecked(
          "files that end within a page, read(2) and write(2), other file systems than shmem, collapse of files",
        ),
        ...(hasSwap(bounds) && bounds["cutswap"] !== 1
          ? [notChecked("truncation within a folio that was written to the swap device as a whole: --cutswap 1")]
          : []),
        ...(bounds["lockstep"] === 1 ? [notChecked("lockstep with the model, where the file is mapped")] : []),
      ]
    : [notChecked("no files")];
}

/** Lists what is not checked about get_user_pages(). */
function gupNotChecked(bounds: Bounds): readonly NotChecked[] {
  return hasGup(bounds)
    ? [
        notChecked("get_user_pages() of another process, and migration of pages for FOLL_LONGTERM"),
        ...(bounds["lockstep"] === 1
          ? [notChecked("lockstep with the model, where get_user_pages() takes pages")]
          : []),
      ]
    : [notChecked("no get_user_pages()")];
}
