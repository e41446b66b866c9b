/**
 * The number of states from which a search is a long one: V8's time for deep inlining pays from there, and checks of the
 * machine, whose mistakes show early, become rarer.
 */
export const LONG_SEARCH: number = 1 << 18;
