/**
 * Loops over the words of a state, generated for a number of words: unrolled, they run about twice as fast as loops
 * shared by all machines.
 */

/** Copies a state between arrays. */
export type CopyWords = (from: Int32Array, fromOffset: number, to: Int32Array, toOffset: number) => void;

/** Whether two states are equal. */
export type SameWords = (one: Int32Array, offset: number, other: Int32Array, otherOffset: number) => boolean;

/** @param words length of a state */
export function copyWords(words: number): CopyWords {
  const each = wordsOf(words, (i) => `to[toOffset + ${i}] = from[fromOffset + ${i}];`).join(" ");
  return new Function("from", "fromOffset", "to", "toOffset", each) as CopyWords;
}

/** @param words length of a state */
export function sameWords(words: number): SameWords {
  const each = wordsOf(words, (i) => `one[offset + ${i}] === other[otherOffset + ${i}]`).join(" && ");
  return new Function("one", "offset", "other", "otherOffset", `return ${each || "true"};`) as SameWords;
}

function wordsOf(words: number, text: (word: number) => string): readonly string[] {
  return Array.from({ length: words }, (_, word) => text(word));
}
