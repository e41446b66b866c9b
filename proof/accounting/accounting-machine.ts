/**
 * The machine in which states of accounting are reached: MMs of a fixed number map one folio by PTEs and, if it has
 * more than two pages, by PMDs, and unmap it.
 */
import type { WarningLog } from "../../explore/model/machine.ts";
import {
  type Action,
  action,
  always,
  type DeepReadonly,
  type Model,
  noWarning,
  type Property,
} from "../../explore/model/model.ts";
import { array, at, bool, int, type StructField, struct } from "../../explore/model/schema.ts";
import type { AccountedNumbers } from "../check-obligations.ts";
import {
  type CountingBounds,
  type CountingFolio,
  type CountingMm,
  domainsOf,
  folioSchema,
  inRoles,
  isWithin,
  store,
  valuesOf,
} from "../counting-machine.ts";
import { NUMBERS } from "../logic.ts";
import type { Invariant } from "../theory.ts";
import type { TrackedMm } from "../tracked-state.ts";
import { type Contribution, STATISTICS } from "./accounted-state.ts";
import { executedStep, type NumberCall } from "./accounted-steps.ts";
import { ACCOUNTING_CLAIMS } from "./accounting-claims.ts";
import type { ExecutedAccounting, NumberFolio } from "./executed-accounting.ts";
import { isOfPmd, isRemoval, mayCallRmap, type RmapOperation } from "./rmap-operations.ts";
import { RMAP_STEP_PROPERTIES } from "./rmap-step-properties.ts";

/** An MM: its mappings, and the PMDs among them. */
interface AccountingMm extends CountingMm {
  byPmd: number;
}

/** The values of the folio that owner tracking has no use for, as AccountedFolio has them. */
interface AccountingValues {
  entireMapcount: number;
  partiallyMapped: boolean;
  queued: boolean;
  anon: boolean;
  swapcache: boolean;
  shmem: boolean;
  pmdSized: boolean;
  readonly statistics: { -readonly [name in keyof Contribution<number>]: number };
}

/** A state. */
export interface AccountingWorld {
  readonly mms: readonly AccountingMm[];
  readonly folio: CountingFolio;
  readonly accounting: AccountingValues;
  /** The ghost of TrackedState. */
  exact: boolean;
}

type ReadOnlyWorld = DeepReadonly<AccountingWorld>;

function schemaOf(bounds: CountingBounds): StructField<AccountingWorld> {
  const { pages, mms, mappings } = bounds;
  const count = int(-pages, 2 * pages, 0);
  return struct({
    mms: array(struct({ mapped: int(0, mappings), byPmd: int(0, mappings) }), mms, { symmetric: "mm" }),
    folio: folioSchema(bounds),
    accounting: struct({
      entireMapcount: int(-2, mappings * mms, -1),
      partiallyMapped: bool(),
      queued: bool(),
      anon: bool(),
      swapcache: bool(),
      shmem: bool(),
      pmdSized: bool(),
      statistics: struct({ nrAnonMapped: count, nrFileMapped: count, nrAnonThps: count, nrFilePmdmapped: count }),
    }),
    exact: bool(true),
  });
}

/** The values of the folio. */
function accountedValuesOf({ folio, accounting }: ReadOnlyWorld): NumberFolio {
  const { entireMapcount, partiallyMapped, queued, anon, swapcache, shmem, pmdSized, statistics } = accounting;
  const { nrAnonMapped, nrFileMapped, nrAnonThps, nrFilePmdmapped } = statistics;
  return {
    ...valuesOf(folio),
    nrPages: folio.nrPages,
    pmdSized,
    anon,
    swapcache,
    shmem,
    entireMapcount,
    partiallyMapped,
    queued,
    statistics: { nrAnonMapped, nrFileMapped, nrAnonThps, nrFilePmdmapped },
  };
}

/**
 * A state of the machine with its MMs in roles.
 *
 * @param actor position of the MM that acts
 */
export function accountedInRoles(world: ReadOnlyWorld, actor: number): AccountedNumbers {
  return {
    ...accountedValuesOf(world),
    ...inRoles(world, actor),
    pmdMappings: world.mms.reduce((sum, { byPmd }) => sum + byPmd, 0),
  };
}

/** The same, with the ids that the MMs have here instead of those of roles. */
function withOwnIds(world: ReadOnlyWorld, actor: number): AccountedNumbers {
  const state = accountedInRoles(world, actor);
  const { slots } = valuesOf(world.folio);
  const [owner0, owner1, acting] = state.mms;
  const mms: readonly [TrackedMm<number>, TrackedMm<number>, TrackedMm<number>] = [
    { ...owner0, id: slots[0].id },
    { ...owner1, id: slots[1].id },
    { ...acting, id: actor + 1 },
  ];
  return { ...state, slots, mms };
}

/** Stores the values in the folio, if it can have them. @returns whether it can */
function storeAccounting(
  { folio, accounting }: AccountingWorld,
  after: AccountedNumbers,
  bounds: CountingBounds,
): boolean {
  const { pages, mms, mappings } = bounds;
  const { entireMapcount, partiallyMapped, queued, anon, swapcache, statistics } = after;
  const fits =
    entireMapcount >= -2 &&
    entireMapcount <= mms * mappings &&
    STATISTICS.every((name) => statistics[name] >= -pages && statistics[name] <= 2 * pages);
  if (fits) {
    Object.assign(accounting, { entireMapcount, partiallyMapped, queued, anon, swapcache });
    Object.assign(accounting.statistics, statistics);
  }
  return store(folio, after, bounds) && fits;
}

/** Obligations that a step can fail. Their codes are positions, from 1. */
const NOTICED: readonly { readonly id: string; readonly claim: string }[] = [
  ...RMAP_STEP_PROPERTIES.map(({ name, sentence }) => ({ id: name, claim: sentence })),
  { id: "range", claim: "The functions store values that the folio can have" },
];

/** Notices of a step: the first. */
class Notices implements WarningLog {
  first = 0;

  raise(id: string): void {
    if (this.first === 0) {
      this.first = NOTICED.findIndex((each) => each.id === id) + 1;
    }
  }
}

/** Mappings that a call adds, and those by PMD among them: negative of those that it removes. */
function changeBy({ operation, diff }: NumberCall): { readonly mappings: number; readonly pmdMappings: number } {
  const mappings = isRemoval(operation) ? -diff : diff;
  return { mappings, pmdMappings: isOfPmd(operation) ? mappings : 0 };
}

/** An action that calls one of the functions, if the MM can do that. */
function calling(
  operation: RmapOperation,
  name: string,
  bounds: CountingBounds,
  notices: Notices,
): Action<AccountingWorld, ExecutedAccounting> {
  const { pages } = bounds;
  const { mm: positions, pages: numbers } = domainsOf(bounds);
  const domains = { mm: positions, pages: isOfPmd(operation) ? [pages] : numbers };
  return action(
    name,
    domains,
    (world: AccountingWorld, functions: ExecutedAccounting, { mm: position, pages: number }) => {
      const mm = at(world.mms, position);
      const before = withOwnIds(world, position);
      const call = { operation, before, diff: isOfPmd(operation) ? 1 : number, page: 0, nrPages: pages };
      const { mappings: added, pmdMappings: addedByPmd } = changeBy(call);
      const [mapped, byPmd] = [mm.mapped + added, mm.byPmd + addedByPmd];
      // The premise of a call does not know which of its mappings an MM has by PMD.
      if (!mayCallRmap(NUMBERS, call) || !isWithin(bounds, mapped) || byPmd < 0 || byPmd > mapped) {
        return false;
      }
      const step = executedStep(functions, call);
      const { after } = step;
      mm.mapped = mapped;
      mm.byPmd = byPmd;
      world.exact = after.exact;
      for (const { name: property, holds } of RMAP_STEP_PROPERTIES) {
        if (!holds(NUMBERS, step, functions.tracking.limits)) {
          notices.raise(property);
        }
      }
      if (!storeAccounting(world, after, bounds)) {
        notices.raise("range");
      }
      return true;
    },
  );
}

/** Properties of steps and states: the parts of the invariants, and the claims. Their ids are those of obligations. */
function propertiesOf(
  { parts, given = [] }: Invariant<"accounting">,
  { limits }: ExecutedAccounting["tracking"],
): readonly Property<ReadOnlyWorld>[] {
  const source = "docs/proof.md";
  return [
    ...NOTICED.map(({ id, claim }, i) => noWarning<ReadOnlyWorld>({ id, claim, source, codes: [i + 1] })),
    ...[...given, ...parts].map(({ name, sentence, holds }) =>
      always<ReadOnlyWorld>({
        id: name,
        claim: sentence,
        source,
        holds: (world) => holds(NUMBERS, accountedInRoles(world, 0), limits),
      }),
    ),
    ...ACCOUNTING_CLAIMS.map(({ ids, sentence, holds }) =>
      always<ReadOnlyWorld>({
        id: ids.join(" "),
        claim: sentence,
        source,
        holds: (world) => holds(NUMBERS, accountedInRoles(world, 0), false),
      }),
    ),
  ];
}

/** An anon folio, in the swap cache or not, and a file folio, of shmem or not; each as large as a PMD maps, or not. */
function initialStates({ pages }: CountingBounds): readonly ((world: AccountingWorld) => void)[] {
  const kinds: readonly Partial<AccountingValues>[] = [
    { anon: true },
    { anon: true, swapcache: true },
    { shmem: true },
    {},
  ];
  return (pages > 2 ? [true, false] : [false]).flatMap((pmdSized) =>
    kinds.map((kind) => ({ accounting }: AccountingWorld) => {
      Object.assign(accounting, { ...kind, pmdSized });
    }),
  );
}

/** The machine with functions in it. It begins with any kind of folio. */
export function accountingMachine(
  functions: ExecutedAccounting,
  bounds: CountingBounds,
  invariant: Invariant<"accounting">,
): Model<AccountingWorld, ExecutedAccounting, ReadOnlyWorld> {
  const notices = new Notices();
  return {
    name: "accounting-proof",
    schema: schemaOf(bounds),
    context: functions,
    initial: initialStates(bounds),
    actions: [
      calling("add-ptes", "mapPtes", bounds, notices),
      calling("add-pmd", "mapPmd", bounds, notices),
      calling("remove-ptes", "unmapPtes", bounds, notices),
      calling("remove-pmd", "unmapPmd", bounds, notices),
    ],
    view: (world) => world,
    properties: propertiesOf(invariant, functions.tracking),
    warnings: { log: notices },
  };
}
