/**
 * A state of owner tracking, for any number of MMs: the values that the kernel stores in the folio, and the truth about who
 * maps it. MMs appear in roles: the owner of slot 0, the owner of slot 1, the MM that acts, and all others together. Of the
 * others only the sum of their mappings is known, and whether they are none, one or more MMs: that is all that a claim asks of
 * MMs that neither own a slot nor act. So one state of this type stands for a state with any number of MMs.
 */
import { implies, type Logic, sameTruth } from "./logic.ts";

/** `_mm_id[i]` without its flag bit, and `_mm_id_mapcount[i]`. */
export interface Slot<N> {
  /** 0: the slot is free. */
  readonly id: N;
  /** Stored: one less than the mappings that it counts. */
  readonly count: N;
}

/** The values that the kernel stores. */
export interface StoredFolio<B, N> {
  /** `_large_mapcount`, stored. */
  readonly largeMapcount: N;
  readonly slots: readonly [Slot<N>, Slot<N>];
  /** The shared bit of `_mm_ids`. */
  readonly shared: B;
  /** The lock bit of `_mm_ids`. */
  readonly locked: B;
}

/** An MM by itself. Where nobody has the role, or the MM has an earlier one as well, it has no mappings here. */
export interface TrackedMm<N> {
  readonly id: N;
  /** Page table entries of this MM that map the folio. */
  readonly mappings: N;
}

/** All other MMs together. */
export interface OtherMms<B, N> {
  readonly mappings: N;
  /** Whether at least one, and at least two of them map the folio. */
  readonly some: B;
  readonly many: B;
}

/** Who really maps the folio. */
export interface Truth<B, N> {
  /** Page table entries that map the folio. */
  readonly mappings: N;
  /** The owners of the slots before an operation, and the MM that acts. */
  readonly mms: readonly [owner0: TrackedMm<N>, owner1: TrackedMm<N>, actor: TrackedMm<N>];
  readonly others: OtherMms<B, N>;
  /**
   * A ghost, the premise of C2: since the folio was last unmapped at most two MMs mapped it at a time, and none of them more
   * often than a slot can count.
   */
  readonly exact: B;
}

/** Stored values and truth. */
export interface TrackedState<B, N> extends StoredFolio<B, N>, Truth<B, N> {}

/** Numbers that a kernel configuration fixes. */
export interface Limits {
  /** MM_ID_MAPCOUNT_MAX: the largest stored count of a slot. */
  readonly slotMax: number;
  /** MM_ID_MAX. */
  readonly idMax: number;
}

/** The most mappings of a folio: `_large_mapcount` is an int, and the functions return the logical value. */
export const MAPPINGS_MAX: number = 2 ** 31 - 1;

/** Whether a slot tracks an MM. */
export function isTaken<B, N>({ not, equal, constant }: Logic<B, N>, { id }: Slot<N>): B {
  return not(equal(id, constant(0)));
}

/** The mappings of the MM with an id. Of an id that no MM of the state has, 0: no owner of a slot may have that. */
export function mappingsOf<B, N>(logic: Logic<B, N>, { mms: [owner0, owner1, actor] }: Truth<B, N>, id: N): N {
  const { choose, equal, constant } = logic;
  return choose(
    equal(id, owner0.id),
    owner0.mappings,
    choose(equal(id, owner1.id), owner1.mappings, choose(equal(id, actor.id), actor.mappings, constant(0))),
  );
}

/** Mappings of the acting MM, in whichever role it has them. */
export function mappingsOfActor<B, N>(logic: Logic<B, N>, { mms: [owner0, owner1, actor] }: Truth<B, N>): N {
  const { choose, equal } = logic;
  return choose(
    equal(actor.id, owner0.id),
    owner0.mappings,
    choose(equal(actor.id, owner1.id), owner1.mappings, actor.mappings),
  );
}

/** Whether an MM has mappings of the folio. */
export function maps<B, N>({ atMost, constant }: Logic<B, N>, mappings: N): B {
  return atMost(constant(1), mappings);
}

/** Whether at least two MMs map the folio. */
export function mapsTwice<B, N>(logic: Logic<B, N>, { mms, others }: Truth<B, N>): B {
  const [one, two, three] = mms.map(({ mappings }) => maps(logic, mappings)) as [B, B, B];
  const { and, or } = logic;
  return or(and(one, two), and(one, three), and(two, three), and(or(one, two, three), others.some), others.many);
}

/** Whether at least three MMs map the folio; of the others, two count as many. */
export function mapsThrice<B, N>(logic: Logic<B, N>, { mms, others }: Truth<B, N>): B {
  const [one, two, three] = mms.map(({ mappings }) => maps(logic, mappings)) as [B, B, B];
  const { and, or } = logic;
  return or(
    and(one, two, three),
    and(or(and(one, two), and(one, three), and(two, three)), others.some),
    and(or(one, two, three), others.many),
  );
}

/** Whether the large mapcount is the number of mappings. */
export function countsMappings<B, N>(
  { equal, add, constant }: Logic<B, N>,
  { largeMapcount, mappings }: TrackedState<B, N>,
): B {
  return equal(add(largeMapcount, constant(1)), mappings);
}

/** Whether no slot counts more than its owner maps. */
export function neverOvercounts<B, N>(logic: Logic<B, N>, state: TrackedState<B, N>): B {
  const { and, add, atMost, constant } = logic;
  return and(
    ...state.slots.map((slot) =>
      implies(logic, isTaken(logic, slot), atMost(add(slot.count, constant(1)), mappingsOf(logic, state, slot.id))),
    ),
  );
}

/** Whether mappings of MMs add up to those of the folio. */
export function addsUp<B, N>({ equal, add }: Logic<B, N>, { mappings, mms, others }: Truth<B, N>): B {
  const [one, two, three] = mms;
  return equal(mappings, add(add(one.mappings, two.mappings), add(three.mappings, others.mappings)));
}

/**
 * Further conditions of every truth, whatever the kernel does: no number is negative, no two add up to more than the mappings of the folio, ids
 * are those of MMs and distinct, and an MM is counted in one role.
 */
export function isTruth<B, N>(logic: Logic<B, N>, state: TrackedState<B, N>, { idMax }: Limits): B {
  const { and, or, not, equal, atMost, add, constant } = logic;
  const {
    slots: [slot0, slot1],
    mms: [owner0, owner1, actor],
    others,
    mappings,
  } = state;
  const zero = constant(0);
  const all = [owner0, owner1, actor, others].map((each) => each.mappings);
  const isId = (id: N, least: number): B => and(atMost(constant(least), id), atMost(id, constant(idMax)));
  const isOwner = or(equal(actor.id, slot0.id), equal(actor.id, slot1.id));
  const isTwice = and(equal(slot0.id, slot1.id), isTaken(logic, slot1));
  return and(
    atMost(zero, mappings),
    atMost(mappings, constant(MAPPINGS_MAX)),
    ...all.map((each) => and(atMost(zero, each), atMost(each, mappings))),
    ...all.flatMap((one, i) => all.slice(i + 1).map((other) => atMost(add(one, other), mappings))),
    equal(owner0.id, slot0.id),
    equal(owner1.id, slot1.id),
    isId(slot0.id, 0),
    isId(slot1.id, 0),
    isId(actor.id, 1),
    or(isTaken(logic, slot0), equal(owner0.mappings, zero)),
    or(and(isTaken(logic, slot1), not(isTwice)), equal(owner1.mappings, zero)),
    or(not(isOwner), equal(actor.mappings, zero)),
    sameTruth(logic, others.some, maps(logic, others.mappings)),
    or(not(others.many), atMost(constant(2), others.mappings)),
    or(others.some, not(others.many)),
  );
}
