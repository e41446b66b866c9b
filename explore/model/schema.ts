/**
 * Schemas. A schema describes a state once: every field with its range. Derived from it are the TypeScript type
 * (`StateOf`), the packed layout (layout.ts), the packed drafts (packed.ts) and the JSON form (json.ts).
 */

/** An integer field. */
export interface IntField {
  readonly kind: "int";
  /** Smallest value of the field. */
  readonly min: number;
  /** Largest value of the field. */
  readonly max: number;
  readonly initial: number;
  readonly ghost?: true;
}

/** A flag. */
export interface BoolField {
  readonly kind: "bool";
  readonly initial: boolean;
  /** Set when the flag is false in every state. It then occupies no bits. */
  readonly never?: true;
  readonly ghost?: true;
}

/** A reference to one element of a symmetric array or list: 0 is "none", i + 1 is the element at position i. */
export interface RefField {
  readonly kind: "ref";
  /** The scalarset of the array that it refers to. */
  readonly scalarset: string;
  /** Number of elements of the scalarset, 1 … 255. */
  readonly count: number;
}

/** A value that is the same in every state. It reads like a field and occupies no bits. */
export interface ConstantField<V extends number | boolean = number | boolean> {
  readonly kind: "constant";
  readonly value: V;
}

/** The element's own position plus one: the value of a `ref` to it. It occupies no bits. */
export interface SelfField {
  readonly kind: "self";
}

/** A record of named fields, holding a value of type `T`. */
export interface StructField<T = unknown> {
  readonly kind: "struct";
  readonly fields: { readonly [name: string]: AnyField };
  /** Never set: it only carries `T`, for type checks of schemas. */
  readonly type?: T;
}

/** A fixed number of records of one type. Each has its own schema. */
export interface ArrayField<T = unknown> {
  readonly kind: "array";
  readonly elements: readonly StructField<T>[];
  /** Set when elements with the same schema object are interchangeable: the scalarset that `ref` fields name. */
  readonly scalarset?: string;
}

/** A field of any kind. */
export type AnyField = IntField | BoolField | RefField | ConstantField | SelfField | StructField | ArrayField;

/** The type of a field's value. */
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

/** A flag, initially false unless `initial` is true. */
export function bool(initial: boolean = false): BoolField {
  return { kind: "bool", initial };
}

/**
 * A flag that is never true: it reads as false, and writing true is an error. It occupies no bits, so that one state
 * type serves models that do not use all of it.
 */
export function never(): BoolField {
  return { kind: "bool", initial: false, never: true };
}

/**
 * Marks a field as a ghost: a history variable on which no decision of the code under check depends. It is part of the
 * state like any other field; RecordBits omits it.
 */
export function ghost<F extends IntField | BoolField>(field: F): F {
  return { ...field, ghost: true };
}

/** A reference (0 = none) to one of the `count` elements of a scalarset. */
export function ref(scalarset: string, count: number): RefField {
  if (!Number.isInteger(count) || count < 1 || count > 255) {
    throw new RangeError(`ref("${scalarset}", ${count}): want 1 to 255 elements`);
  }
  return { kind: "ref", scalarset, count };
}

/** A value that never changes and occupies no bits. */
export function constant<V extends number | boolean>(value: V): ConstantField<V> {
  return { kind: "constant", value };
}

/** The position plus one of the array element that has this field: the value of a `ref` to it. Occupies no bits. */
export function self(): SelfField {
  return { kind: "self" };
}

/**
 * A record of named fields.
 *
 * @throws RangeError for an invalid field name
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
 * @param options.symmetric names a scalarset: the elements are interchangeable, and `ref(scalarset, …)` fields refer to
 *   them. Elements may be distinguished by such references and by their position in the array only.
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
 * Records of one type that may differ in ranges and in lengths of inner arrays. Pass one and the same `struct` object
 * for elements that are alike: this is faster, and `symmetric` depends on it.
 *
 * @param options.symmetric names a scalarset, as for `array`: elements with the same `struct` object are
 *   interchangeable with each other. References count over the whole list.
 */
export function list<T>(
  elements: readonly StructField<T>[],
  options: { readonly symmetric?: string } = {},
): ArrayField<T> {
  return { kind: "array", elements, ...(options.symmetric === undefined ? {} : { scalarset: options.symmetric }) };
}

/**
 * The element at `index`.
 *
 * @throws RangeError for an index outside the array: a reference or parameter is outside the declared bounds
 */
export function at<T>(items: readonly T[], index: number): T {
  const item = items[index];
  return item === undefined ? noElement(items, index) : item;
}

/** Separate from `at`, which stays small enough to be inlined everywhere. */
function noElement(items: readonly unknown[], index: number): never {
  throw new RangeError(`no element ${index} in an array of ${items.length}`);
}
