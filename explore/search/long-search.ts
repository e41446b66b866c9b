/**
 * The number of states from which a search is long: V8's compile time for deep inlining pays off from there, and checks
 * of the machine, whose mistakes show early, become rarer.
 */
export const LONG_SEARCH: number = 1 << 18;
