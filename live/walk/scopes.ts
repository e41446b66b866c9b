/**
 * Scopes of walks on a running kernel: machines of the suite, with separate bounds, restricted to calls that user space
 * can perform.
 */
import type { ActionCall, Parameters } from "../../explore/model/model.ts";
import type { Bounds, MachineDefinition } from "../../machines/machine.ts";
import type { Kernel } from "../../model/kernel/kernel.ts";
import { HolderKind } from "../../model/state/world.ts";
import type { SessionBounds } from "../session/session.ts";
import { reasonNotPerformable } from "./operations-of-calls.ts";
import type { WorldModel } from "./packed-world.ts";

/** A scope of `foliocheck live`. */
export interface LiveScope {
  readonly name: string;
  readonly summary: string;
  /** Name of the machine. */
  readonly machine: string;
  /** Bounds of the tour. Other bounds of the machine are 0. */
  readonly tour: Bounds;
  /** Bounds of random walks. */
  readonly walks: Bounds;
  /** Selects the calls of walks, among those that user space can perform; all by default. */
  readonly includes?: (call: ActionCall) => boolean;
  /** Selects the calls of a tour, among those of walks; all by default. */
  readonly inTour?: (call: ActionCall) => boolean;
}

/**
 * Contents are compared with unique values (contents.ts), hence the tour does not have to distinguish states by
 * contents.
 */
const withoutStores = ({ action }: ActionCall): boolean => action !== "store";

const withoutPins = ({ action, parameters }: ActionCall): boolean =>
  action !== "dmaWrite" && (action !== "gup" || parameters["kind"] === HolderKind.get);

/** The scopes. The first one is the default. */
export const LIVE_SCOPES: readonly LiveScope[] = [
  {
    name: "anon",
    summary: "three processes share folios of one and four pages, unmap parts of them, and reuse them on write faults",
    machine: "cow",
    tour: { pages: 4, minPages: 1, mms: 3, folios: 1, smallFolios: 0, holders: 0 },
    walks: { pages: 8, minPages: 1, mms: 4, folios: 2, smallFolios: 8, holders: 0 },
    inTour: withoutStores,
  },
  {
    name: "owners",
    summary: "the same with a page to copy to: what the owner slots of three processes tell, and what they cannot",
    machine: "cow",
    tour: { pages: 4, minPages: 4, mms: 3, folios: 1, smallFolios: 1, holders: 0 },
    walks: { pages: 8, minPages: 4, mms: 5, folios: 2, smallFolios: 8, holders: 0 },
    inTour: withoutStores,
  },
  {
    name: "cow",
    summary: "two processes write to pages, which are copied or reused",
    machine: "cow",
    tour: { pages: 4, minPages: 1, mms: 2, folios: 1, smallFolios: 1, holders: 0 },
    walks: { pages: 8, minPages: 1, mms: 4, folios: 2, smallFolios: 8, holders: 0 },
  },
  {
    name: "references",
    summary: "two processes copy or reuse pages while a pipe refers to one (vmsplice)",
    machine: "pins",
    tour: { pages: 4, minPages: 4, mms: 2, folios: 1, smallFolios: 1, holders: 1 },
    walks: { pages: 8, minPages: 1, mms: 3, folios: 2, smallFolios: 8, holders: 2 },
    includes: withoutPins,
    inTour: withoutStores,
  },
  {
    name: "pins",
    summary: "the same while io_uring has a page pinned for writing, and writes to it",
    machine: "pins",
    tour: { pages: 4, minPages: 4, mms: 2, folios: 1, smallFolios: 1, holders: 1 },
    walks: { pages: 8, minPages: 1, mms: 3, folios: 2, smallFolios: 8, holders: 2 },
    inTour: (call) => withoutStores(call) && call.action !== "dmaWrite" && call.parameters["kind"] !== HolderKind.get,
  },
  {
    name: "mremap",
    summary: "pages move inside a process, so that a folio is mapped in any order",
    machine: "mremap",
    tour: { pages: 4, minPages: 4, mms: 2, folios: 1, smallFolios: 0 },
    walks: { pages: 8, minPages: 1, mms: 3, folios: 2, smallFolios: 8 },
    inTour: withoutStores,
  },
  {
    name: "file",
    summary: "folios of a file on tmpfs, which three processes map: fault-around, unmapping, hole punching",
    machine: "rmap",
    tour: { pages: 4, minPages: 1, mms: 3, folios: 1, anon: 0, file: 1 },
    walks: { pages: 8, minPages: 1, mms: 3, folios: 4, anon: 0, file: 2 },
  },
];

/**
 * Returns the model of a machine, restricted to calls that user space can perform, and without properties, which only a
 * checker evaluates.
 *
 * @param definition a machine with page tables
 * @param bounds all bounds of the machine
 * @param includes further restricts the calls
 */
export function liveModel(
  definition: MachineDefinition,
  bounds: Bounds,
  kernel: Kernel,
  includes: (call: ActionCall) => boolean = () => true,
): WorldModel {
  const model = definition.build(bounds, kernel) as WorldModel;
  const isIncluded = (action: string, parameters: Parameters): boolean =>
    reasonNotPerformable({ action, parameters }) === undefined && includes({ action, parameters });
  const actions = model.actions
    .map((action) => ({ ...action, choices: action.choices.filter((choice) => isIncluded(action.name, choice)) }))
    .filter(({ choices }) => choices.length > 0);
  return { ...model, actions, properties: [] };
}

/** Returns the session bounds for a model with the given bounds. */
export function sessionBounds(bounds: Bounds): SessionBounds {
  const { mms = 1, pages = 1, anon = 0, file = 0, holders = 0 } = bounds;
  return { mms, pages, anon, file, holders };
}
