/** Turns a model into a machine: packed memory, one action table per action, properties bound to drafts. */
import { MachineError } from "./errors.ts";
import { describeLayout, placesOf, type StructLayout } from "./layout.ts";
import type { ActionTable, Machine, PropertyCheck } from "./machine.ts";
import { type Action, formatCall, type Model, type Parameters, type Property } from "./model.ts";
import { packedState } from "./packed.ts";
import { canonicalizer, renamer } from "./symmetry.ts";

/** Compiles a model for the explorer. */
export function compile<S, C, V>(model: Model<S, C, V>): Machine {
  const { schema, context, warnings } = model;
  const packed = packedState(schema);
  const { memory, words, draft, layout } = packed;
  writeInitialValues(memory, layout);
  const fresh = memory.slice(0, words);
  memory.set(fresh, words);
  // Views may look at the states that they are made on: both hold the schema's initial values now.
  const after = model.view(draft, context);
  const before = model.view(packed.before, context);
  const initial = model.initial ?? [() => {}];
  const canonicalize = canonicalizer(layout, memory, words);
  const warningOwner = new Map<number, number>();
  model.properties.forEach((property, index) => {
    if (property.kind === "warning") {
      for (const code of property.codes) {
        warningOwner.set(code, index);
        if (property.counted === true && !(code < (warnings?.log.asked?.length ?? 0))) {
          throw new Error(
            `property ${property.id} counts warning ${code}, for which the log has no counter in "asked"`,
          );
        }
      }
    }
  });
  return {
    name: model.name,
    words,
    layout: describeLayout(layout),
    memory,
    initialStates: initial.length,
    loadInitial(index) {
      memory.set(fresh);
      initial[index]?.(draft, context);
    },
    actions: model.actions.map((each) => actionTable(each, draft, context)),
    properties: model.properties.map((property) => bind(property, before, after)),
    refresh: () => model.refresh?.(after),
    refreshBefore: () => model.refresh?.(before),
    warnings: warnings?.log ?? { first: 0 },
    propertyOfWarning(code) {
      const owner = warningOwner.get(code);
      if (owner === undefined) {
        throw new Error(`warning ${code} (${warnings?.text(code)}) belongs to no property of machine ${model.name}`);
      }
      return owner;
    },
    ...mayEndOf(model, after),
    ...(model.onRepetition === undefined ? {} : { onRepetition: model.onRepetition }),
    ...(canonicalize === undefined ? {} : { canonicalize, rename: renamer(layout, memory) }),
    firstDifference(other) {
      const changed = placesOf(layout).leaves.find((leaf) => {
        const mask = 2 ** leaf.bits - 1;
        const read = (words: Int32Array): number => ((words[leaf.at >> 5] as number) >>> (leaf.at & 31)) & mask;
        return read(memory) !== read(other);
      });
      return changed?.path ?? "none";
    },
  };
}

function writeInitialValues(memory: Int32Array, layout: StructLayout): void {
  for (const leaf of placesOf(layout).leaves) {
    const word = leaf.at >> 5;
    memory[word] = (memory[word] as number) | ((leaf.initial - leaf.min) << (leaf.at & 31));
  }
}

function actionTable<S, C>(action: Action<S, C>, draft: S, context: C): ActionTable {
  // Built alike, so that they share one hidden class: reading a parameter is the first thing that every recipe does.
  const choices = action.choices.map((choice): Parameters => Object.fromEntries(Object.entries(choice)));
  return {
    name: action.name,
    instances: choices.length,
    apply: bindRecipe(action.recipe, draft, context, choices),
    label: (instance) => formatCall({ action: action.name, parameters: choices[instance] ?? {} }),
  };
}

/**
 * Binds a recipe to its arguments. Generated, so that each action has a function of its own: functions made by one
 * closure expression share what V8 learns about them, and then it can inline none of the recipes.
 */
function bindRecipe<S, C>(
  recipe: Action<S, C>["recipe"],
  draft: S,
  context: C,
  choices: readonly Parameters[],
): (instance: number) => boolean {
  const source = `
    const recipe = givenRecipe, draft = givenDraft, context = givenContext, choices = givenChoices;
    return (instance) => recipe(draft, context, choices[instance]);`;
  return new Function("givenRecipe", "givenDraft", "givenContext", "givenChoices", source)(
    recipe,
    draft,
    context,
    choices,
  ) as (instance: number) => boolean;
}

/** Binds a question to what it looks at. Generated, for the reason that `bindRecipe` gives. */
function bindQuestion<V, A>(question: (...views: V[]) => A, ...views: V[]): () => A {
  const names = views.map((_, i) => `view${i}`).join(", ");
  return new Function("question", names, `return () => question(${names});`)(question, ...views) as () => A;
}

/** The predicate of legal ends, if not every state is one. */
function mayEndOf<S, C, V>({ name, deadlock = "allowed" }: Model<S, C, V>, view: V): Pick<Machine, "mayEnd"> {
  if (deadlock === "allowed") {
    return {};
  }
  if (deadlock === "error") {
    return { mayEnd: () => false };
  }
  return {
    mayEnd: () => {
      const answer: unknown = deadlock(view);
      if (typeof answer !== "boolean") {
        throw new MachineError(
          "not-boolean",
          `the predicate of legal ends ("deadlock") of machine ${name} answered ${String(answer)}; return true or false`,
        );
      }
      return answer;
    },
  };
}

function bind<V>(property: Property<V>, before: V, after: V): PropertyCheck {
  const { id, kind } = property;
  switch (kind) {
    case "always":
      return { id, kind, evaluate: bindQuestion(property.holds, after) };
    case "sometimes":
      return { id, kind, evaluate: bindQuestion(property.reached, after) };
    case "always-step":
      return { id, kind, evaluate: bindQuestion(property.holds, before, after) };
    case "sometimes-step":
      return { id, kind, evaluate: bindQuestion(property.reached, before, after) };
    case "warning": {
      const { codes, counted } = property;
      return { id, kind, evaluate: () => true, ...(counted === true ? { counted: codes } : {}) };
    }
  }
}
