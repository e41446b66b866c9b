/**
 * A state is described once, by a schema: every field with its range. From the schema come the TypeScript
 * type (`StateOf`), the packed layout (layout.ts), the packed drafts (packed.ts) and the JSON form (json.ts).
 */

/** An integer field. */
export interface IntField {
  readonly kind: "int";
  /** Smallest value the field can hold. */
  readonly min: number;
  /** Largest value the field can hold. */
  readonly max: number;
  readonly initial: number;
  readonly ghost?: true;
}

/** A flag. */
export interface BoolField {
  readonly kind: "bool";
  readonly initial: boolean;
  /** Set when the flag is false in every state. It then takes no space. */
  readonly never?: true;
  readonly ghost?: true;
}

/** A reference to one element of a symmetric array or list: 0 is "none", i + 1 is the element at position i. */
export interface RefField {
  readonly kind: "ref";
  /** Name of the sort that the array it points into was declared with. */
  readonly sort: string;
  /** Number of elements of the sort, 1 … 255. */
  readonly count: number;
}

/** A value that is the same in every state. It can be read like a field and takes no space. */
export interface ConstantField<V extends number | boolean = number | boolean> {
  readonly kind: "constant";
  readonly value: V;
}

/** The element's own position plus one, that is, the value a `ref` to it has. It takes no space. */
export interface SelfField {
  readonly kind: "self";
}

/** A record of named fields, holding a value of type `T`. */
export interface StructField<T = unknown> {
  readonly kind: "struct";
  readonly fields: { readonly [name: string]: AnyField };
  /** Never set: it only carries `T`, so that a schema is checked against the type it is used for. */
  readonly type?: T;
}

/** A fixed number of records of one type, each with a schema of its own. */
export interface ArrayField<T = unknown> {
  readonly kind: "array";
  readonly elements: readonly StructField<T>[];
  /** Set when elements with one and the same schema are interchangeable: the sort that `ref` fields name. */
  readonly sort?: string;
}

/** A field of any kind. */
export type AnyField = IntField | BoolField | RefField | ConstantField | SelfField | StructField | ArrayField;

/** The value that a field holds. */
export type ValueOf<F> = F extends IntField | RefField | SelfField
  ? number
  : F extends ConstantField<infer V>
    ? V extends boolean
      ? boolean
      : number
    : F extends BoolField
      ? boolean
      : F extends ArrayField<infer E>
        ? readonly E[]
        : F extends StructField<infer T>
          ? T
          : never;

/** The state type that a schema describes. */
export type StateOf<S> = S extends StructField<infer T> ? T : never;

/**
 * An integer field.
 *
 * @param min smallest value
 * @param max largest value; the range spans at most 2^31 values
 * @param initial value in the initial state, `min` unless given
 * @throws RangeError when the range is empty, too wide, beyond 32 bits, or does not contain `initial`
 */
export function int(min: number, max: number, initial: number = min): IntField {
  if (!Number.isInteger(min) || !Number.isInteger(max) || max < min || max - min >= 2 ** 31) {
    throw new RangeError(`int(${min}, ${max}): want integers with min <= max and at most 2^31 values`);
  }
  if (min < -(2 ** 31) || max >= 2 ** 31) {
    throw new RangeError(`int(${min}, ${max}): want numbers that 32 bits hold`);
  }
  if (!Number.isInteger(initial) || initial < min || initial > max) {
    throw new RangeError(`int(${min}, ${max}): the initial value ${initial} is outside the range`);
  }
  return { kind: "int", min, max, initial };
}

/** A flag, false in the initial state unless said otherwise. */
export function bool(initial: boolean = false): BoolField {
  return { kind: "bool", initial };
}

/**
 * A flag that is never true: reading gives false, and writing true is an error. It takes no space, so that one state type
 * serves scopes that do not use all of it.
 */
export function never(): BoolField {
  return { kind: "bool", initial: false, never: true };
}

/**
 * The same field as a ghost: it is there to follow what happens, and nothing that the code under check does depends on it. It
 * takes part in the state like any other; RecordBits leave it out.
 */
export function ghost<F extends IntField | BoolField>(field: F): F {
  return { ...field, ghost: true };
}

/** A reference (0 = none) to one of the `count` elements of the symmetric array that was declared with `sort`. */
export function ref(sort: string, count: number): RefField {
  if (!Number.isInteger(count) || count < 1 || count > 255) {
    throw new RangeError(`ref("${sort}", ${count}): want 1 to 255 elements`);
  }
  return { kind: "ref", sort, count };
}

/** A value that never changes and takes no space. */
export function constant<V extends number | boolean>(value: V): ConstantField<V> {
  return { kind: "constant", value };
}

/** The position plus one of the array element that has this field: what a `ref` to it holds. Takes no space. */
export function self(): SelfField {
  return { kind: "self" };
}

/**
 * A record of named fields.
 *
 * @throws RangeError when a field has a name that no field can have
 */
export function struct<F extends { readonly [name: string]: AnyField }>(
  fields: F,
): StructField<{ -readonly [K in keyof F]: ValueOf<F[K]> }> {
  for (const name of Object.keys(fields)) {
    if (!/^[A-Za-z_]\w*$/.test(name) || name in Object.prototype) {
      throw new RangeError(
        `a field cannot be named "${name}"; want letters, digits and underscores, and no name that every object has`,
      );
    }
  }
  return { kind: "struct", fields };
}

/**
 * A fixed number of records of one shape.
 *
 * @param options.symmetric names a sort: the elements are interchangeable, and `ref(sort, …)` fields point to them.
 *   Nothing but such references and the order of the array may tell one element from another.
 */
export function array<T>(
  element: StructField<T>,
  length: number,
  options: { readonly symmetric?: string } = {},
): ArrayField<T> {
  if (!Number.isInteger(length) || length < 0) {
    throw new RangeError(`array of ${length} elements: want a whole number, 0 or more`);
  }
  return list(
    Array.from({ length }, () => element),
    options,
  );
}

/**
 * Records of one type that need not have the same ranges, nor arrays of the same length. Elements that are alike should
 * be given as one and the same `struct` object: that makes them faster, and it is what `symmetric` goes by.
 *
 * @param options.symmetric names a sort, as for `array`: elements given as the same object are interchangeable with each
 *   other. References count over the whole list.
 */
export function list<T>(
  elements: readonly StructField<T>[],
  options: { readonly symmetric?: string } = {},
): ArrayField<T> {
  return { kind: "array", elements, ...(options.symmetric === undefined ? {} : { sort: options.symmetric }) };
}

/**
 * The element at `index`.
 *
 * @throws RangeError when there is none: a reference or parameter is outside the declared bounds
 */
export function at<T>(items: readonly T[], index: number): T {
  const item = items[index];
  return item === undefined ? noElement(items, index) : item;
}

/** Apart from `at`, so that `at` stays small enough to be inlined everywhere. */
function noElement(items: readonly unknown[], index: number): never {
  throw new RangeError(`no element ${index} in an array of ${items.length}`);
}
