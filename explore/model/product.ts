/**
 * Product of two models in lockstep: its states are pairs, and each action is taken on both sides with the same
 * parameters. It compares two versions of one system.
 */
import { MachineError } from "./errors.ts";
import type { WarningLog } from "./machine.ts";
import type { Action, Model, Property } from "./model.ts";
import { type StructField, struct } from "./schema.ts";

/** One value for each side. */
export interface Pair<T> {
  readonly one: T;
  readonly other: T;
}

/** Codes of the warnings that a product raises: an action does something on one side only. */
export const OneSided = {
  enabledInOne: 1,
  enabledInOther: 2,
  warnedInOne: 3,
  warnedInOther: 4,
} as const;

/**
 * The product of two models. A scalarset that both declare is one scalarset: its elements are renamed on both sides at
 * once.
 *
 * @param names of the two models, for the texts of warnings
 * @param properties of the pairs; one of them must have the codes of OneSided
 * @throws MachineError (`bad-action`) when the models do not have the same actions
 */
export function product<S, C, V>(
  { one, other }: Pair<Model<S, C, V>>,
  names: Pair<string>,
  properties: readonly Property<Pair<V>>[],
): Model<Pair<S>, Pair<C>, Pair<V>> {
  const log: WarningLog = { first: 0 };
  const [starts, otherStarts] = [initialOf(one), initialOf(other)];
  if (signatureOf(one) !== signatureOf(other) || starts.length !== otherStarts.length) {
    throw new MachineError(
      "bad-action",
      `machines ${one.name} (${names.one}) and ${other.name} (${names.other}) differ in their actions or in the number of ` +
        "initial states; only machines that agree in these can be compared",
    );
  }
  return {
    name: one.name === other.name ? one.name : `${one.name} and ${other.name}`,
    schema: struct({ one: one.schema, other: other.schema }) as StructField<Pair<S>>,
    context: { one: one.context, other: other.context },
    initial: starts.map((start, index) => (pair, contexts) => {
      start(pair.one, contexts.one);
      otherStarts[index]?.(pair.other, contexts.other);
    }),
    actions: one.actions.map(({ name, choices, recipe }, index) => ({
      name,
      choices,
      recipe: onBothSides(
        { one: recipe, other: (other.actions[index] as Action<S, C>).recipe },
        { one: logOf(one), other: logOf(other) },
        log,
      ),
    })),
    view: (pair, contexts) => ({
      one: one.view(pair.one, contexts.one),
      other: other.view(pair.other, contexts.other),
    }),
    ...refreshOf(one, other),
    ...learnedOf(one, other),
    properties,
    warnings: { log, data: (code) => oneSidedStep(code, names) },
  };
}

/** Views are made for each state, unless both models have `refresh`. */
function refreshOf<S, C, V>(
  one: Model<S, C, V>,
  other: Model<S, C, V>,
): Pick<Model<Pair<S>, Pair<C>, Pair<V>>, "refresh"> {
  const { refresh } = one;
  const { refresh: refreshOther } = other;
  if (refresh === undefined || refreshOther === undefined) {
    return {};
  }
  return {
    refresh: (views) => {
      refresh(views.one);
      refreshOther(views.other);
    },
  };
}

/** Restores the derived data of both sides, or of neither. */
function learnedOf<S, C, V>(one: Model<S, C, V>, other: Model<S, C, V>): Pick<Model<S, C, V>, "learned"> {
  if (one.learned === undefined && other.learned === undefined) {
    return {};
  }
  const sides = [one, other];
  return {
    learned: {
      save: () => sides.map(({ learned }) => learned?.save() ?? null),
      restore: (saved) => sides.every(({ learned }, i) => learned?.restore((saved as unknown[])[i]) ?? true),
    },
  };
}

function initialOf<S, C, V>({ initial }: Model<S, C, V>): readonly ((state: S, context: C) => void)[] {
  return initial ?? [() => {}];
}

function signatureOf<S, C, V>({ actions }: Model<S, C, V>): string {
  return JSON.stringify(actions.map(({ name, choices }) => [name, choices]));
}

function logOf<S, C, V>({ warnings }: Model<S, C, V>): WarningLog {
  return warnings?.log ?? { first: 0 };
}

/** Takes an action on both sides. If only one side takes it, the other side's state is unchanged. */
function onBothSides<S, C>(
  recipes: Pair<Action<S, C>["recipe"]>,
  logs: Pair<WarningLog>,
  log: WarningLog,
): Action<Pair<S>, Pair<C>>["recipe"] {
  const { one, other } = recipes;
  return (pair, contexts, parameters) => {
    logs.one.first = 0;
    logs.other.first = 0;
    const inOne = one(pair.one, contexts.one, parameters);
    const inOther = other(pair.other, contexts.other, parameters);
    if (inOne !== inOther) {
      log.first = inOne ? OneSided.enabledInOne : OneSided.enabledInOther;
      return true;
    }
    const warnedInOne = logs.one.first !== 0;
    if (inOne && warnedInOne !== (logs.other.first !== 0)) {
      log.first = warnedInOne ? OneSided.warnedInOne : OneSided.warnedInOther;
    }
    return inOne;
  };
}

/** A step that only one side takes, or that raises a warning on one side only. */
export interface OneSidedStep {
  readonly kind: "one-sided";
  readonly what: "enabled" | "warning";
  /** Name of the side that has it, and of the other side. */
  readonly under: string;
  readonly notUnder: string;
}

function oneSidedStep(code: number, { one, other }: Pair<string>): OneSidedStep | undefined {
  switch (code) {
    case OneSided.enabledInOne:
      return { kind: "one-sided", what: "enabled", under: one, notUnder: other };
    case OneSided.enabledInOther:
      return { kind: "one-sided", what: "enabled", under: other, notUnder: one };
    case OneSided.warnedInOne:
      return { kind: "one-sided", what: "warning", under: one, notUnder: other };
    case OneSided.warnedInOther:
      return { kind: "one-sided", what: "warning", under: other, notUnder: one };
    default:
      return undefined;
  }
}
