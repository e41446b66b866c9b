/** Faults: where a state violates a claim, with the actual and the expected value. Found for states of traces only. */

/** A value of a state, or the answer of a query. */
export type FaultValue = number | boolean;

/** A value that a claim asks for: one, or a range. */
export type ExpectedValue = FaultValue | { readonly least: number } | { readonly most: number };

/** A place in a state, by positions: of a page in its folio, of an entry in its VMA. */
export interface FaultPlace {
  readonly folio?: number;
  readonly page?: number;
  readonly ownerSlot?: number;
  readonly mm?: number;
  readonly vma?: number;
  readonly entry?: number;
  readonly swapSlot?: number;
  readonly holder?: number;
  /** A page of the file. */
  readonly filePage?: number;
}

/** A fault. */
export interface Fault extends FaultPlace {
  /** A field of the state, a function of the kernel, or a statistic. Mapcounts are logical: numbers of mappings. */
  readonly field: string;
  readonly actual: FaultValue;
  readonly expected: ExpectedValue;
}

/** The fault of a value that must be equal to another one; none where it is. */
export function unequal(
  field: string,
  actual: FaultValue,
  expected: FaultValue,
  place: FaultPlace = {},
): readonly Fault[] {
  return actual === expected ? [] : [{ ...place, field, actual, expected }];
}

/** The faults of every element of an array. */
export function ofEach<T>(
  elements: readonly T[],
  faultsOf: (element: T, index: number) => readonly Fault[],
): readonly Fault[] {
  return elements.flatMap((element, index) => faultsOf(element, index));
}
