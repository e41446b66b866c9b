/**
 * The model in the form that walks use: one packed state to which calls can be applied, and its canonical form, either
 * alone or with a call as a transition.
 *
 * The tour counts transitions, as pairs of a state and an enabled call, up to symmetry: the renaming of MMs and folios.
 * A call refers to MMs and folios by position, so the canonical form of a transition must identify them: each element
 * of a scalarset has a *mark*, which is 0 except while a transition is encoded. A transition is then a state in which
 * the elements that the call refers to are marked, and its canonical form is exact.
 */
import { FieldRangeError } from "../../explore/model/errors.ts";
import { assign, initialValue } from "../../explore/model/json.ts";
import type { ActionCall, Model, Parameters } from "../../explore/model/model.ts";
import { type AnyField, type ArrayField, int, type StructField, struct } from "../../explore/model/schema.ts";
import { allowDeepInlining } from "../../explore/packed/jit.ts";
import { packedState } from "../../explore/packed/packed.ts";
import { canonicalizer } from "../../explore/symmetry/symmetry.ts";
import type { WorldView } from "../../model/environment/view.ts";
import type { Kernel } from "../../model/kernel/kernel.ts";
import type { World } from "../../model/state/world.ts";

/** The model of a machine with page tables. */
export type WorldModel = Model<World, Kernel, WorldView>;

/** Parameters that refer to an element of a scalarset: the array, and the mark. */
const REFERENCES: Readonly<Record<string, { readonly array: "mms" | "folios"; readonly mark: number }>> = {
  mm: { array: "mms", mark: 1 },
  parent: { array: "mms", mark: 1 },
  child: { array: "mms", mark: 2 },
  folio: { array: "folios", mark: 1 },
};

interface WithMark {
  mark: number;
}

/** One choice of parameters of one action. */
interface BoundCall extends ActionCall {
  readonly recipe: (state: World, kernel: Kernel, parameters: never) => boolean;
  /** Equal for calls of an action that differ only in the elements that they refer to. */
  readonly shape: number;
  readonly references: readonly { readonly array: "mms" | "folios"; readonly index: number; readonly mark: number }[];
}

/** A packed state, with the calls of its model. */
export class PackedWorld {
  /** The state in the form that recipes use. The object stays the same: `load` and `apply` change its contents. */
  readonly world: World;
  readonly kernel: Kernel;
  /** Length of a state in 32-bit words. */
  readonly words: number;
  /** The state, in [0, words). */
  readonly memory: Int32Array;
  readonly calls: readonly BoundCall[];
  /** Whether a call was disabled only because a field would have exceeded its range. */
  exceededRange = false;
  private readonly before: Int32Array;
  private readonly indices: ReadonlyMap<string, number>;
  private readonly marks: { readonly mms: readonly WithMark[]; readonly folios: readonly WithMark[] };
  private readonly canonicalizeMemory: () => void;
  private readonly model: WorldModel;
  private readonly schema: StructField<World>;

  constructor(model: WorldModel) {
    allowDeepInlining();
    const schema = withMarks(model.schema);
    const { layout, memory, words, draft } = packedState(schema);
    this.model = model;
    this.schema = schema;
    this.kernel = model.context;
    this.world = draft;
    this.marks = draft as unknown as { readonly mms: readonly WithMark[]; readonly folios: readonly WithMark[] };
    this.memory = memory;
    this.words = words;
    this.before = new Int32Array(words);
    this.canonicalizeMemory = canonicalizer(layout, memory, words) ?? (() => {});
    this.calls = boundCalls(model);
    this.indices = new Map(this.calls.map((call, index) => [nameOf(call), index]));
    this.loadInitial();
  }

  /** Returns the index of a call in `calls`; -1 if the model has no such call. */
  indexOf(call: ActionCall): number {
    return this.indices.get(nameOf(call)) ?? -1;
  }

  /** Sets the current state to the model's first initial state. */
  loadInitial(): void {
    assign(this.schema, this.world, initialValue(this.schema));
    this.model.initial?.[0]?.(this.world, this.kernel);
  }

  /** Sets the current state to a saved state. */
  load(state: Int32Array): void {
    const { memory, words } = this;
    for (let i = 0; i < words; i++) {
      memory[i] = state[i] as number;
    }
  }

  /** Copies the current state to `state`. */
  save(state: Int32Array): void {
    const { memory, words } = this;
    for (let i = 0; i < words; i++) {
      state[i] = memory[i] as number;
    }
  }

  /**
   * Applies a call to the current state, which is unchanged if the call is not enabled. A call is also disabled if a
   * faulty kernel counts a field out of its range: there is no state after it.
   */
  apply(call: number): boolean {
    const { recipe, parameters } = this.calls[call] as BoundCall;
    const { memory, words, before } = this;
    for (let i = 0; i < words; i++) {
      before[i] = memory[i] as number;
    }
    try {
      return recipe(this.world, this.kernel, parameters as never);
    } catch (error) {
      if (!(error instanceof FieldRangeError)) {
        throw error;
      }
      this.exceededRange = true;
      this.load(before);
      return false;
    }
  }

  /** Replaces the current state by its canonical form. */
  canonicalize(): void {
    this.canonicalizeMemory();
  }

  /**
   * Writes the canonical form of the transition that a call makes from the current state: that of the state with marked
   * elements, then the shape of the call. Overwrites the state.
   *
   * @param transition must have one word more than a state
   */
  saveTransition(call: number, transition: Int32Array): void {
    for (const { array, index, mark } of (this.calls[call] as BoundCall).references) {
      (this.marks[array][index] as WithMark).mark = mark;
    }
    this.canonicalizeMemory();
    this.save(transition);
    transition[this.words] = (this.calls[call] as BoundCall).shape;
  }
}

/** Returns a text that identifies a call, independent of the order of its parameters. */
function nameOf({ action, parameters }: ActionCall): string {
  return JSON.stringify([action, ...Object.entries(parameters).sort(([a], [b]) => (a < b ? -1 : 1))]);
}

function boundCalls({ actions }: WorldModel): BoundCall[] {
  const shapes = new Map<string, number>();
  const shapeOf = (action: string, parameters: Parameters): number => {
    const rest = Object.entries(parameters).filter(([name]) => REFERENCES[name] === undefined);
    const text = JSON.stringify([action, rest]);
    const shape = shapes.get(text) ?? shapes.size;
    shapes.set(text, shape);
    return shape;
  };
  return actions.flatMap(({ name, choices, recipe }) =>
    choices.map((parameters) => ({
      action: name,
      parameters,
      recipe,
      shape: shapeOf(name, parameters),
      references: Object.entries(parameters).flatMap(([parameter, index]) => {
        const reference = REFERENCES[parameter];
        return reference === undefined ? [] : [{ ...reference, index: index as number }];
      }),
    })),
  );
}

/** Returns the schema with a mark in each MM and folio. Scalarsets are preserved. */
function withMarks(schema: StructField<World>): StructField<World> {
  const elements = new Map<AnyField, StructField>();
  const withMark = (element: AnyField): StructField => {
    const field = elements.get(element) ?? struct({ ...(element as StructField).fields, mark: int(0, 2) });
    elements.set(element, field as StructField);
    return field as StructField;
  };
  const fields = schema.fields as { readonly [name: string]: AnyField };
  const markElements = (name: "mms" | "folios"): ArrayField => {
    const array = fields[name] as ArrayField;
    return { ...array, elements: array.elements.map(withMark) };
  };
  return { ...schema, fields: { ...fields, mms: markElements("mms"), folios: markElements("folios") } };
}
