/**
 * What is walked on a running kernel: machines of the suite, at bounds of their own, restricted to the calls that user
 * space can make happen.
 */
import type { ActionCall, Parameters } from "../../explore/model/model.ts";
import type { Bounds, MachineDefinition } from "../../machines/machine.ts";
import type { Kernel } from "../../model/kernel/kernel.ts";
import { HolderKind } from "../../model/state/world.ts";
import type { SessionBounds } from "../session/session.ts";
import { unperformable } from "./operations-of-calls.ts";
import type { WorldModel } from "./packed-world.ts";

/** A scope of `foliocheck live`. */
export interface LiveScope {
  readonly name: string;
  readonly summary: string;
  /** Name of the machine. */
  readonly machine: string;
  /** Bounds of the tour. Those of the machine that are not named are 0. */
  readonly tour: Bounds;
  /** Bounds of random walks. */
  readonly walks: Bounds;
  /** Which calls a walk takes, of those that user space can make happen. Every one, when absent. */
  readonly includes?: (call: ActionCall) => boolean;
  /** Which of these a tour takes. Every one, when absent. */
  readonly tours?: (call: ActionCall) => boolean;
}

/** Contents are followed by values of their own (contents.ts): a tour need not multiply its states by what pages hold. */
const withoutStores = ({ action }: ActionCall): boolean => action !== "store";

const withoutPins = ({ action, parameters }: ActionCall): boolean =>
  action !== "dmaWrite" && (action !== "gup" || parameters["kind"] === HolderKind.get);

/** The scopes, the default first. */
export const LIVE_SCOPES: readonly LiveScope[] = [
  {
    name: "anon",
    summary: "three processes share folios of one and four pages, unmap parts of them, and reuse them on write faults",
    machine: "cow",
    tour: { pages: 4, minPages: 1, mms: 3, folios: 1, smallFolios: 0, holders: 0 },
    walks: { pages: 8, minPages: 1, mms: 4, folios: 2, smallFolios: 8, holders: 0 },
    tours: withoutStores,
  },
  {
    name: "owners",
    summary: "the same with a page to copy to: what the owner slots of three processes tell, and what they cannot",
    machine: "cow",
    tour: { pages: 4, minPages: 4, mms: 3, folios: 1, smallFolios: 1, holders: 0 },
    walks: { pages: 8, minPages: 4, mms: 5, folios: 2, smallFolios: 8, holders: 0 },
    tours: withoutStores,
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
    tours: withoutStores,
  },
  {
    name: "pins",
    summary: "the same while io_uring has a page pinned for writing, and writes to it",
    machine: "pins",
    tour: { pages: 4, minPages: 4, mms: 2, folios: 1, smallFolios: 1, holders: 1 },
    walks: { pages: 8, minPages: 1, mms: 3, folios: 2, smallFolios: 8, holders: 2 },
    tours: (call) => withoutStores(call) && call.action !== "dmaWrite" && call.parameters["kind"] !== HolderKind.get,
  },
  {
    name: "mremap",
    summary: "pages move inside a process, so that a folio is mapped in any order",
    machine: "mremap",
    tour: { pages: 4, minPages: 4, mms: 2, folios: 1, smallFolios: 0 },
    walks: { pages: 8, minPages: 1, mms: 3, folios: 2, smallFolios: 8 },
    tours: withoutStores,
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
 * A machine's model with the calls that user space can make happen, and without claims: those are the checker's.
 *
 * @param definition a machine with page tables
 * @param bounds every bound of the machine
 * @param includes which calls it has besides
 */
export function liveModel(
  definition: MachineDefinition,
  bounds: Bounds,
  kernel: Kernel,
  includes: (call: ActionCall) => boolean = () => true,
): WorldModel {
  const model = definition.build(bounds, kernel) as WorldModel;
  const isWanted = (action: string, parameters: Parameters): boolean =>
    unperformable({ action, parameters }) === undefined && includes({ action, parameters });
  const actions = model.actions
    .map((action) => ({ ...action, choices: action.choices.filter((choice) => isWanted(action.name, choice)) }))
    .filter(({ choices }) => choices.length > 0);
  return { ...model, actions, properties: [] };
}

/** What a session needs for a model at these bounds. */
export function sessionBounds(bounds: Bounds): SessionBounds {
  const { mms = 1, pages = 1, anon = 0, file = 0, holders = 0 } = bounds;
  return { mms, pages, anon, file, holders };
}
