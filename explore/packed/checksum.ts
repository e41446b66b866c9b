/** Checksums of states that are written to files. */

/** Words of states, or their parents. */
export type Words = Int32Array | Uint32Array;

/** @param from the checksum of what precedes the words, or 0 */
export function checksum(words: Words, from: number): number {
  let sum = from;
  for (let i = 0; i < words.length; i++) {
    sum = Math.imul(sum ^ (words[i] as number), 0x85eb_ca6b) + i;
    sum ^= sum >>> 15;
  }
  return sum | 0;
}
