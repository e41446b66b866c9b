/**
 * Faults: places where a state violates a claim, with the actual and the expected value. Computed for states of traces
 * only.
 */

/** Value of a state, or result of a query. */
export type FaultValue = number | boolean;

/** Value or range that a claim requires. */
export type ExpectedValue = FaultValue | { readonly least: number } | { readonly most: number };

/** Place in a state, by positions: of a page in its folio, of an entry in its VMA. */
export interface FaultPlace {
  readonly folio?: number;
  readonly page?: number;
  readonly ownerSlot?: number;
  readonly mm?: number;
  readonly vma?: number;
  readonly entry?: number;
  readonly swapSlot?: number;
  readonly holder?: number;
  /** Page of the file. */
  readonly filePage?: number;
}

/** Value that differs from the expected one, with its place. */
export interface Fault extends FaultPlace {
  /** Field of the state, function of the kernel, or statistic. Mapcounts are logical: numbers of mappings. */
  readonly field: string;
  readonly actual: FaultValue;
  readonly expected: ExpectedValue;
}

/** Returns a fault if a value differs from the expected one, otherwise none. */
export function unequal(
  field: string,
  actual: FaultValue,
  expected: FaultValue,
  place: FaultPlace = {},
): readonly Fault[] {
  return actual === expected ? [] : [{ ...place, field, actual, expected }];
}

/** Returns the faults of all elements of an array. */
export function ofEach<T>(
  elements: readonly T[],
  faultsOf: (element: T, index: number) => readonly Fault[],
): readonly Fault[] {
  return elements.flatMap((element, index) => faultsOf(element, index));
}
