/**
 * The model as a walk needs it: one packed state that any of the model's calls can be applied to, and the canonical form
 * of the state, alone or with the parties of a call marked.
 *
 * The tour counts (state, call) pairs up to the renaming of MMs and folios. A call names its MMs and folios, so a pair's
 * canonical form must know them: each element that can be renamed gets a *mark*, 0 but while a pair is being looked at.
 * A pair is then nothing but a state in which the parties of the call are marked, and the canonical form is exact.
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

/** Parameters that name an element which can be renamed: the array it is in, and its mark. */
const PARTIES: Readonly<Record<string, { readonly array: "mms" | "folios"; readonly mark: number }>> = {
  mm: { array: "mms", mark: 1 },
  parent: { array: "mms", mark: 1 },
  child: { array: "mms", mark: 2 },
  folio: { array: "folios", mark: 1 },
};

interface Marked {
  mark: number;
}

/** One choice of parameters of one action. */
interface BoundCall extends ActionCall {
  readonly recipe: (state: World, kernel: Kernel, parameters: never) => boolean;
  /** A number that is the same for calls of one action that differ in their parties only. */
  readonly shape: number;
  readonly parties: readonly { readonly array: "mms" | "folios"; readonly index: number; readonly mark: number }[];
}

/** A packed state with the calls of its model. */
export class PackedWorld {
  /** The state as recipes see it. It stays the same object: `load` and `apply` change what it holds. */
  readonly world: World;
  readonly kernel: Kernel;
  /** Length of a state in 32-bit words. */
  readonly words: number;
  /** The state, in [0, words). */
  readonly memory: Int32Array;
  readonly calls: readonly BoundCall[];
  /** Whether some call was not enabled for that reason only. */
  leftRange = false;
  private readonly before: Int32Array;
  private readonly indices: ReadonlyMap<string, number>;
  private readonly marks: { readonly mms: readonly Marked[]; readonly folios: readonly Marked[] };
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
    this.marks = draft as unknown as { readonly mms: readonly Marked[]; readonly folios: readonly Marked[] };
    this.memory = memory;
    this.words = words;
    this.before = new Int32Array(words);
    this.canonicalizeMemory = canonicalizer(layout, memory, words) ?? (() => {});
    this.calls = boundCalls(model);
    this.indices = new Map(this.calls.map((call, index) => [nameOf(call), index]));
    this.loadInitial();
  }

  /** Index of a call in `calls`, or -1 when the model has no such call. */
  indexOf(call: ActionCall): number {
    return this.indices.get(nameOf(call)) ?? -1;
  }

  /** Makes the model's first initial state the current one. */
  loadInitial(): void {
    assign(this.schema, this.world, initialValue(this.schema));
    this.model.initial?.[0]?.(this.world, this.kernel);
  }

  /** Makes a saved state the current one. */
  load(state: Int32Array): void {
    const { memory, words } = this;
    for (let i = 0; i < words; i++) {
      memory[i] = state[i] as number;
    }
  }

  /** Copies the current state. */
  save(state: Int32Array): void {
    const { memory, words } = this;
    for (let i = 0; i < words; i++) {
      state[i] = memory[i] as number;
    }
  }

  /**
   * Applies a call to the current state, which is unchanged when the call is not enabled. Where a faulty kernel counts a
   * field out of its range, there is no state after the call: it is not enabled either.
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
      this.leftRange = true;
      this.load(before);
      return false;
    }
  }

  /** Replaces the current state by the representative of its orbit. */
  canonicalize(): void {
    this.canonicalizeMemory();
  }

  /**
   * Writes the canonical form of the pair that the current state makes with a call: that of the state with the call's
   * parties marked, then what the call is besides. Overwrites the state.
   *
   * @param pair gets one word more than a state has
   */
  savePair(call: number, pair: Int32Array): void {
    for (const { array, index, mark } of (this.calls[call] as BoundCall).parties) {
      (this.marks[array][index] as Marked).mark = mark;
    }
    this.canonicalizeMemory();
    this.save(pair);
    pair[this.words] = (this.calls[call] as BoundCall).shape;
  }
}

/** A call as text, whatever the order of its parameters. */
function nameOf({ action, parameters }: ActionCall): string {
  return JSON.stringify([action, ...Object.entries(parameters).sort(([a], [b]) => (a < b ? -1 : 1))]);
}

function boundCalls({ actions }: WorldModel): BoundCall[] {
  const shapes = new Map<string, number>();
  const shapeOf = (action: string, parameters: Parameters): number => {
    const rest = Object.entries(parameters).filter(([name]) => PARTIES[name] === undefined);
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
      parties: Object.entries(parameters).flatMap(([parameter, index]) => {
        const party = PARTIES[parameter];
        return party === undefined ? [] : [{ ...party, index: index as number }];
      }),
    })),
  );
}

/** The schema with a mark in every MM and folio. Elements that were interchangeable still are. */
function withMarks(schema: StructField<World>): StructField<World> {
  const marked = new Map<AnyField, StructField>();
  const withMark = (element: AnyField): StructField => {
    const known = marked.get(element) ?? struct({ ...(element as StructField).fields, mark: int(0, 2) });
    marked.set(element, known as StructField);
    return known as StructField;
  };
  const fields = schema.fields as { readonly [name: string]: AnyField };
  const markElements = (name: "mms" | "folios"): ArrayField => {
    const array = fields[name] as ArrayField;
    return { ...array, elements: array.elements.map(withMark) };
  };
  return { ...schema, fields: { ...fields, mms: markElements("mms"), folios: markElements("folios") } };
}
