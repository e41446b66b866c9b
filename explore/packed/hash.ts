/**
 * Hash of a state. It has two lanes, one for words at even and one for words at odd positions, which a processor
 * computes in parallel; with one lane each word depends on the one before it.
 */

const SEED_EVEN = 0x9e3779b9 | 0;
const SEED_ODD = 0x7f4a7c15;
/** With this multiplier the upper bits of a product depend on all bits. */
export const FACTOR: number = 0x85ebca6b | 0;
const LAST_FACTOR = 0xc2b2ae35 | 0;

/** Hashes `words` words of `memory` starting at `offset`. */
export function hashState(memory: Int32Array, offset: number, words: number): number {
  let even = SEED_EVEN;
  let odd = SEED_ODD;
  for (let i = 0; i < words; i += 2) {
    even = Math.imul(even ^ (memory[offset + i] as number), FACTOR);
    even ^= even >>> 15;
    if (i + 1 < words) {
      odd = Math.imul(odd ^ (memory[offset + i + 1] as number), FACTOR);
      odd ^= odd >>> 15;
    }
  }
  const hash = Math.imul(even ^ Math.imul(odd, FACTOR), LAST_FACTOR);
  return hash ^ (hash >>> 16);
}

/**
 * JavaScript source of `hashState` for words in local variables; it sets a variable `hash`.
 *
 * @param nameOf returns the variable of a word
 */
export function hashSource(words: number, nameOf: (word: number) => string): string {
  const lines = [`let even = ${SEED_EVEN}, odd = ${SEED_ODD};`];
  for (let i = 0; i < words; i++) {
    const lane = i % 2 === 0 ? "even" : "odd";
    lines.push(`${lane} = Math.imul(${lane} ^ ${nameOf(i)}, ${FACTOR}); ${lane} ^= ${lane} >>> 15;`);
  }
  lines.push(`hash = Math.imul(even ^ Math.imul(odd, ${FACTOR}), ${LAST_FACTOR}); hash ^= hash >>> 16;`);
  return `{ ${lines.join(" ")} }`;
}
