/**
 * A second explorer without any code of the packed one: a Map of JSON strings over immutable states, breadth-first,
 * with symmetry by trying every renaming. Slow and simple; the real explorer must agree with it.
 */
import { type Interpreter, interpret } from "../../explore/model/interpreter.ts";
import type { ActionCall, DeepReadonly, Model, Property } from "../../explore/model/model.ts";
import type { AnyField, StructField } from "../../explore/model/schema.ts";

/** The naive explorer's results for one property. */
export interface NaiveProperty {
  readonly id: string;
  readonly verdict: "holds" | "violated" | "reached" | "unreached";
  /** Steps of the shortest counterexample or witness. */
  readonly shortest?: number;
  /** Number of states, or steps, in which the premise of an `always` or `always-step` property is true. */
  readonly checked: number;
}

export interface NaiveResult {
  readonly states: number;
  readonly transitions: number;
  readonly depth: number;
  readonly actions: readonly { readonly name: string; readonly enabled: number; readonly newStates: number }[];
  readonly properties: readonly NaiveProperty[];
  /** Depth of the nearest state without an enabled action. */
  readonly deadlock?: number;
}

/** Visits all states, regardless of violations. `upToRenaming` visits one state of each orbit. */
export function exploreNaively<S, C, V>(
  model: Model<S, C, V>,
  options: { readonly upToRenaming?: boolean } = {},
): NaiveResult {
  const interpreter = interpret(model);
  const renamings = options.upToRenaming ? allRenamings(model.schema) : [];
  const keyOf = (state: S): string =>
    options.upToRenaming ? smallestKey(model.schema, state, renamings) : JSON.stringify(state);
  const calls = model.actions.map((each) =>
    each.choices.map((parameters): ActionCall => ({ action: each.name, parameters })),
  );
  const depths = new Map<string, number>();
  const queue: { readonly state: S; readonly depth: number }[] = [];
  const enabled = calls.map(() => 0);
  const newStates = calls.map(() => 0);
  const evaluations = model.warnings?.log.evaluations;
  const evaluationsBefore = evaluations?.slice();
  const records = model.properties.map((property) => new PropertyRecord(property));
  let transitions = 0;
  let deadlock: number | undefined;

  const visit = (state: S, depth: number): boolean => {
    const key = keyOf(state);
    if (depths.has(key)) {
      return false;
    }
    depths.set(key, depth);
    queue.push({ state, depth });
    records.forEach((record, p) => {
      record.lookAtState(model, interpreter, p, state, depth);
    });
    return true;
  };

  for (const state of interpreter.initialStates) {
    visit(state, 0);
  }
  for (const { state, depth } of queue) {
    let live = false;
    calls.forEach((instances, a) => {
      for (const call of instances) {
        const outcome = interpreter.attempt(state, call);
        if (!outcome.enabled) {
          continue;
        }
        live = true;
        transitions += 1;
        enabled[a] = (enabled[a] ?? 0) + 1;
        records.forEach((record, p) => {
          record.lookAtStep(model, interpreter, p, state, outcome.state, outcome.warning, depth + 1);
        });
        if (visit(outcome.state, depth + 1)) {
          newStates[a] = (newStates[a] ?? 0) + 1;
        }
      }
    });
    if (!live) {
      deadlock ??= depth;
    }
  }
  return {
    states: depths.size,
    transitions,
    depth: Math.max(0, ...queue.map((each) => each.depth)),
    actions: model.actions.map(({ name }, a) => ({ name, enabled: enabled[a] ?? 0, newStates: newStates[a] ?? 0 })),
    properties: records.map((record) =>
      record.summary((code) => (evaluations?.[code] ?? 0) - (evaluationsBefore?.[code] ?? 0)),
    ),
    ...(deadlock === undefined ? {} : { deadlock }),
  };
}

function viewOf<S, C, V>({ view, context }: Model<S, C, V>, state: S): DeepReadonly<V> {
  return view(state as DeepReadonly<S>, context) as DeepReadonly<V>;
}

class PropertyRecord<V> {
  private readonly property: Property<V>;
  private shortest: number | undefined;
  private checked = 0;

  constructor(property: Property<V>) {
    this.property = property;
  }

  lookAtState<S, C>(model: Model<S, C, V>, interpreter: Interpreter<S>, index: number, state: S, depth: number): void {
    const { property } = this;
    if (property.kind !== "always" && property.kind !== "sometimes") {
      return;
    }
    if (property.kind === "always" && property.holds(viewOf(model, state)) !== undefined) {
      this.checked += 1;
    }
    this.decide(interpreter.decides(index, undefined, state), depth);
  }

  lookAtStep<S, C>(
    model: Model<S, C, V>,
    interpreter: Interpreter<S>,
    index: number,
    before: S,
    after: S,
    warning: number | undefined,
    depth: number,
  ): void {
    const { property } = this;
    if (property.kind === "warning") {
      this.checked += 1;
      this.decide(warning !== undefined && property.codes.includes(warning), depth);
    } else if (property.kind === "always-step" || property.kind === "sometimes-step") {
      if (
        property.kind === "always-step" &&
        property.holds(viewOf(model, before), viewOf(model, after)) !== undefined
      ) {
        this.checked += 1;
      }
      this.decide(interpreter.decides(index, before, after), depth);
    }
  }

  private decide(decided: boolean, depth: number): void {
    if (decided) {
      this.shortest = Math.min(this.shortest ?? depth, depth);
    }
  }

  /** @param evaluations returns the number of evaluations of a warning's condition in recipes */
  summary(evaluations: (code: number) => number): NaiveProperty {
    const { shortest, property } = this;
    const { id, kind } = property;
    const isCounted = property.kind === "warning" && property.counted === true;
    const checked = isCounted ? property.codes.reduce((sum, code) => sum + evaluations(code), 0) : this.checked;
    const isDecided = shortest !== undefined;
    const isWitness = kind === "sometimes" || kind === "sometimes-step";
    const verdict = isWitness ? (isDecided ? "reached" : "unreached") : isDecided ? "violated" : "holds";
    return { id, verdict, checked, ...(isDecided ? { shortest } : {}) };
  }
}

/** For each scalarset, the new position of the element at each position. */
export type Renaming = ReadonlyMap<string, readonly number[]>;

/** All renamings of the interchangeable elements of a schema. */
export function allRenamings(schema: StructField): Renaming[] {
  let renamings: Renaming[] = [new Map()];
  const arrays = arraysIn(schema);
  for (const scalarset of new Set(arrays.map((each) => each.scalarset))) {
    const parts = arrays.filter((each) => each.scalarset === scalarset).map(({ elements }) => elements);
    const permutations = permutationsOf(parts[0]?.length ?? 0).filter((permutation) =>
      permutation.every((to, from) => parts.every((elements) => elements[to] === elements[from])),
    );
    renamings = renamings.flatMap((renaming) =>
      permutations.map((permutation) => new Map([...renaming, [scalarset, permutation]])),
    );
  }
  return renamings;
}

/** The arrays that declare scalarsets. Arrays of one scalarset contain parts of the same elements. */
function arraysIn(field: AnyField): { readonly scalarset: string; readonly elements: readonly StructField[] }[] {
  switch (field.kind) {
    case "struct":
      return Object.values(field.fields).flatMap(arraysIn);
    case "array": {
      const { scalarset, elements } = field;
      return [...(scalarset === undefined ? [] : [{ scalarset, elements }]), ...elements.flatMap(arraysIn)];
    }
    default:
      return [];
  }
}

function permutationsOf(length: number): number[][] {
  const all = (rest: readonly number[]): number[][] =>
    rest.length === 0
      ? [[]]
      : rest.flatMap((first) =>
          all(rest.filter((each) => each !== first)).map((permutation) => [first, ...permutation]),
        );
  return all(Array.from({ length }, (_, i) => i));
}

/** The state with moved elements and updated references. */
export function renamed<S>(schema: StructField<S>, state: S, renaming: Renaming): S {
  return renamedValue(schema, state, renaming, 0) as S;
}

function renamedValue(field: AnyField, value: unknown, renaming: Renaming, self: number): unknown {
  switch (field.kind) {
    case "ref": {
      const target = value as number;
      return target === 0 ? 0 : (renaming.get(field.scalarset)?.[target - 1] ?? Number.NaN) + 1;
    }
    case "self":
      return self;
    case "struct": {
      const record = value as { readonly [name: string]: unknown };
      return Object.fromEntries(
        Object.entries(field.fields).map(([name, each]) => [name, renamedValue(each, record[name], renaming, self)]),
      );
    }
    case "array": {
      const permutation = field.scalarset === undefined ? undefined : renaming.get(field.scalarset);
      const moved: unknown[] = new Array(field.elements.length);
      field.elements.forEach((element, i) => {
        const to = permutation?.[i] ?? i;
        moved[to] = renamedValue(element, (value as readonly unknown[])[i], renaming, to + 1);
      });
      return moved;
    }
    default:
      return value;
  }
}

/** A string that is equal for all states of an orbit, and different for different orbits. */
export function smallestKey<S>(schema: StructField<S>, state: S, renamings: readonly Renaming[]): string {
  let smallest: string | undefined;
  for (const renaming of renamings) {
    const key = JSON.stringify(renamed(schema, state, renaming));
    if (smallest === undefined || key < smallest) {
      smallest = key;
    }
  }
  return smallest ?? JSON.stringify(state);
}
