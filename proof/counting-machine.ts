/**
 * The machine in which states are reached: MMs of a fixed number map and unmap one large folio, and the state counts who maps
 * it how often. The invariant and the claims are its properties. It answers what a proof cannot: whether a state that satisfies
 * the invariant is reached, and whether a counterexample to induction is a counterexample.
 */
import type { WarningLog } from "../explore/model/machine.ts";
import {
  type Action,
  action,
  always,
  alwaysStep,
  type DeepReadonly,
  type Model,
  noWarning,
  type Property,
} from "../explore/model/model.ts";
import { array, at, bool, constant, int, ref, type StructField, struct } from "../explore/model/schema.ts";
import type { NumberState } from "./check-obligations.ts";
import type { ExecutedFunctions } from "./executed-functions.ts";
import { NUMBERS } from "./logic.ts";
import { type OperationName, type Step, truthAfter } from "./operations.ts";
import { STATE_CLAIMS } from "./state-claims.ts";
import { STEP_PROPERTIES } from "./step-properties.ts";
import type { Invariant } from "./theory.ts";
import type { StoredFolio } from "./tracked-state.ts";

/** Bounds of the machine. */
export interface CountingBounds {
  /** Pages of the folio. */
  readonly pages: number;
  readonly mms: number;
  /** Mappings of one MM: more than the folio has pages where it maps it through several VMAs. */
  readonly mappings: number;
  /**
   * Whether MMs map and unmap the folio as a whole or one page only, and stay within one mapping of a multiple of its pages:
   * so the overflow of a slot is a few steps away at the kernel's own numbers.
   */
  readonly coarse?: true;
}

/** An MM. */
export interface CountingMm {
  /** Its mappings of the folio. */
  mapped: number;
}

/** The folio: its values as StoredFolio has them. */
export interface CountingFolio {
  readonly nrPages: number;
  largeMapcount: number;
  shared: boolean;
  locked: boolean;
  readonly slots: readonly { id: number; count: number }[];
}

/** A state. */
export interface CountingWorld {
  readonly mms: readonly CountingMm[];
  readonly folio: CountingFolio;
  /** The ghost of TrackedState. */
  exact: boolean;
}

type ReadOnlyWorld = DeepReadonly<CountingWorld>;

function schemaOf(bounds: CountingBounds): StructField<CountingWorld> {
  const { mms, mappings } = bounds;
  return struct({
    mms: array(struct({ mapped: int(0, mappings) }), mms, { symmetric: "mm" }),
    folio: folioSchema(bounds),
    exact: bool(true),
  });
}

/** The folio, with room for what one step of a faulty kernel stores: the search ends there. */
export function folioSchema({ pages, mms, mappings }: CountingBounds): StructField<CountingFolio> {
  return struct({
    nrPages: constant(pages),
    largeMapcount: int(-1 - pages, mappings * mms + pages, -1),
    shared: bool(),
    locked: bool(),
    slots: array(struct({ id: ref("mm", mms), count: int(-2 - pages, mappings + pages, -1) }), 2),
  });
}

/** Ids of the state's MMs, by role. */
const [FIRST, SECOND, STRANGER] = [1, 2, 3];

/** The values of the folio. */
export function valuesOf({
  largeMapcount,
  shared,
  locked,
  slots,
}: DeepReadonly<CountingFolio>): StoredFolio<boolean, number> {
  const [slot0, slot1] = [at(slots, 0), at(slots, 1)];
  return {
    largeMapcount,
    shared,
    locked,
    slots: [
      { id: slot0.id, count: slot0.count },
      { id: slot1.id, count: slot1.count },
    ],
  };
}

/**
 * A state of the machine with its MMs in roles.
 *
 * @param actor position of the MM that acts
 */
export function inRoles({ mms, folio, exact }: ReadOnlyWorld, actor: number): NumberState {
  const { largeMapcount, shared, slots, locked } = valuesOf(folio);
  const [owner0, owner1] = [slots[0].id - 1, slots[1].id - 1];
  const mapped = (position: number): number => mms[position]?.mapped ?? 0;
  const rest = mms.filter((_, i) => i !== owner0 && i !== owner1 && i !== actor).map((mm) => mm.mapped);
  const id0 = owner0 < 0 ? 0 : FIRST;
  const id1 = owner1 < 0 ? 0 : owner1 === owner0 ? FIRST : SECOND;
  const mappings = rest.reduce((sum, each) => sum + each, 0);
  const mapping = rest.filter((each) => each > 0).length;
  const isOwner = actor === owner0 || actor === owner1;
  return {
    largeMapcount,
    shared,
    locked,
    slots: [
      { id: id0, count: slots[0].count },
      { id: id1, count: slots[1].count },
    ],
    mappings: mms.reduce((sum, mm) => sum + mm.mapped, 0),
    mms: [
      { id: id0, mappings: mapped(owner0) },
      { id: id1, mappings: owner1 === owner0 ? 0 : mapped(owner1) },
      {
        id: actor === owner0 ? FIRST : actor === owner1 ? SECOND : STRANGER,
        mappings: isOwner ? 0 : mapped(actor),
      },
    ],
    others: { mappings, some: mapping > 0, many: mapping > 1 },
    exact,
  };
}

/** Obligations that a step can fail, by code: their ids and sentences. */
const NOTICED = [
  { code: 1, id: "no warning", claim: "No kernel assertion fails" },
  { code: 2, id: "result", claim: "The function returns the number of mappings" },
  { code: 3, id: "range", claim: "The function stores counts and ids that the folio can have" },
] as const;

/** Notices of a step: the first. */
class Notices implements WarningLog {
  first = 0;

  raise(id: (typeof NOTICED)[number]["id"]): void {
    if (this.first === 0) {
      this.first = NOTICED.find((each) => each.id === id)?.code ?? 0;
    }
  }
}

/** Stores the values in the folio, if it can have them. @returns whether it can */
export function store(
  folio: CountingFolio,
  stored: StoredFolio<boolean, number>,
  { pages, mms, mappings }: CountingBounds,
): boolean {
  const { largeMapcount, slots, shared, locked } = stored;
  const fits =
    Math.abs(largeMapcount + 1) <= pages + mappings * mms &&
    slots.every(({ id, count }) => id >= 0 && id <= mms && count >= -2 - pages && count <= mappings + pages);
  if (fits) {
    folio.largeMapcount = largeMapcount;
    folio.shared = shared;
    folio.locked = locked;
    for (const [i, { id, count }] of slots.entries()) {
      const slot = at(folio.slots, i);
      slot.id = id;
      slot.count = count;
    }
  }
  return fits;
}

/** Parameters of actions: an MM, and how many pages it maps or unmaps. */
export function domainsOf({ pages, mms, coarse }: CountingBounds): {
  readonly mm: readonly number[];
  readonly pages: readonly number[];
} {
  return {
    mm: Array.from({ length: mms }, (_, i) => i),
    pages: coarse === true ? [1, pages] : Array.from({ length: pages }, (_, i) => i + 1),
  };
}

/** Whether an MM may have so many mappings. */
export function isWithin({ pages, mappings, coarse }: CountingBounds, mapped: number): boolean {
  const beyond = mapped % pages;
  return mapped >= 0 && mapped <= mappings && (coarse !== true || beyond <= 1 || pages - beyond <= 1);
}

/** An action that calls one of the functions, if the MM can do that. */
function calling(
  name: string,
  operation: OperationName,
  bounds: CountingBounds,
  notices: Notices,
): Action<CountingWorld, ExecutedFunctions> {
  const { pages } = bounds;
  return action(
    name,
    domainsOf(bounds),
    (world: CountingWorld, functions: ExecutedFunctions, { mm: position, pages: diff }) => {
      const mm = at(world.mms, position);
      const mapped = operation === "sub" ? mm.mapped - diff : mm.mapped + diff;
      const isNew = world.mms.every((each) => each.mapped === 0);
      if (!isWithin(bounds, mapped) || (operation === "set" && !isNew)) {
        return false;
      }
      const before = inRoles(world, position);
      const truth = truthAfter(NUMBERS, { operation, before, diff, nrPages: pages }, functions.limits);
      const { after, result, warning } = functions.run(operation, valuesOf(world.folio), pages, diff, position + 1);
      world.exact = truth.exact;
      mm.mapped = mapped;
      if (warning !== undefined) {
        notices.raise("no warning");
      }
      if (result !== undefined && result !== truth.mappings) {
        notices.raise("result");
      }
      if (!store(world.folio, after, bounds)) {
        notices.raise("range");
      }
      return true;
    },
  );
}

/** Properties of states and steps: the parts of an invariant, and the claims. Their ids are those of obligations. */
function propertiesOf(
  { parts }: Invariant,
  { limits, verdict }: ExecutedFunctions,
): readonly Property<ReadOnlyWorld>[] {
  const source = "docs/proof.md";
  return [
    ...NOTICED.map(({ code, id, claim }) => noWarning<ReadOnlyWorld>({ id, claim, source, codes: [code] })),
    ...STEP_PROPERTIES.filter(({ name }) => name === "moves" || name === "takes").map(({ name, sentence, holds }) =>
      alwaysStep<ReadOnlyWorld>({
        id: name,
        claim: sentence,
        source,
        holds: (before, after) => holds(NUMBERS, stepBetween(before, after), limits),
      }),
    ),
    ...parts.map(({ name, sentence, holds }) =>
      always<ReadOnlyWorld>({
        id: name,
        claim: sentence,
        source,
        holds: (world) => holds(NUMBERS, inRoles(world, 0), limits),
      }),
    ),
    ...STATE_CLAIMS.map(({ ids, sentence, holds }) =>
      always<ReadOnlyWorld>({
        id: ids.join(" "),
        claim: sentence,
        source,
        holds: (world) => holds(NUMBERS, inRoles(world, 0), verdict(valuesOf(world.folio), world.folio.nrPages)),
      }),
    ),
  ];
}

/** The step between two states, of which one MM's mappings tell the operation. */
function stepBetween(before: ReadOnlyWorld, after: ReadOnlyWorld): Step<boolean, number> {
  const actor = after.mms.findIndex((mm, i) => mm.mapped !== at(before.mms, i).mapped);
  const change = at(after.mms, actor).mapped - at(before.mms, actor).mapped;
  return {
    operation: change < 0 ? "sub" : "add",
    before: inRoles(before, actor),
    after: afterInRoles(before, after, actor),
    diff: Math.abs(change),
    nrPages: after.folio.nrPages,
    result: undefined,
    warned: false,
  };
}

/** The stored values after a step, with the ids that MMs have by their roles before it. */
function afterInRoles(before: ReadOnlyWorld, after: ReadOnlyWorld, actor: number): NumberState {
  const [slot0, slot1] = valuesOf(before.folio).slots;
  const stored = valuesOf(after.folio);
  const renamed = (id: number): number =>
    id === 0 ? 0 : id === slot0.id ? FIRST : id === slot1.id ? SECOND : id === actor + 1 ? STRANGER : STRANGER + id;
  const [first, second] = stored.slots;
  return {
    ...inRoles(after, actor),
    slots: [
      { ...first, id: renamed(first.id) },
      { ...second, id: renamed(second.id) },
    ],
  };
}

/** The machine with functions in it. */
export function countingMachine(
  functions: ExecutedFunctions,
  bounds: CountingBounds,
  invariant: Invariant,
): Model<CountingWorld, ExecutedFunctions, ReadOnlyWorld> {
  const notices = new Notices();
  return {
    name: "owner-tracking-proof",
    schema: schemaOf(bounds),
    context: functions,
    actions: [
      calling("mapNew", "set", bounds, notices),
      calling("map", "add", bounds, notices),
      calling("unmap", "sub", bounds, notices),
    ],
    view: (world) => world,
    properties: propertiesOf(invariant, functions),
    warnings: { log: notices },
  };
}
