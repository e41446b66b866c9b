/**
 * The operations in which the invariant is written. It is written once: with numbers it is evaluated, with terms it is a
 * formula for a solver.
 */

/** Truth values `B`, and integers `N` that never overflow. */
export interface Logic<B, N> {
  readonly constant: (value: number) => N;
  readonly add: (one: N, other: N) => N;
  readonly subtract: (one: N, other: N) => N;
  readonly equal: (one: N, other: N) => B;
  /** Whether `one` is at most `other`. */
  readonly atMost: (one: N, other: N) => B;
  readonly not: (condition: B) => B;
  readonly and: (...conditions: readonly B[]) => B;
  readonly or: (...conditions: readonly B[]) => B;
  readonly choose: (condition: B, ifTrue: N, ifFalse: N) => N;
}

/** Evaluates. */
export const NUMBERS: Logic<boolean, number> = {
  constant: (value) => value,
  add: (one, other) => one + other,
  subtract: (one, other) => one - other,
  equal: (one, other) => one === other,
  atMost: (one, other) => one <= other,
  not: (condition) => !condition,
  and: (...conditions) => conditions.every(Boolean),
  or: (...conditions) => conditions.some(Boolean),
  choose: (condition, ifTrue, ifFalse) => (condition ? ifTrue : ifFalse),
};

/** Whether `premise` implies `conclusion`. */
export function implies<B, N>({ not, or }: Logic<B, N>, premise: B, conclusion: B): B {
  return or(not(premise), conclusion);
}

/** Whether both hold, or neither. */
export function sameTruth<B, N>(logic: Logic<B, N>, one: B, other: B): B {
  return logic.and(implies(logic, one, other), implies(logic, other, one));
}
