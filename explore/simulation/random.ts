/** Pseudo-random numbers, determined by a seed. @source Chris Doty-Humphrey, PractRand: sfc32 */

/** Number of initial outputs to discard, so that similar seeds do not give similar numbers. */
const WARM_UP = 15;

/** A stream of numbers. Streams of one seed with different numbers are independent. */
export class Random {
  private a: number;
  private b: number;
  private c: number;
  private counter = 1;

  /** @param seed a whole number up to 2^53 − 1 */
  constructor(seed: number, stream: number) {
    this.a = seed | 0;
    this.b = Math.floor(seed / 2 ** 32) | 0;
    this.c = stream | 0;
    for (let i = 0; i < WARM_UP; i++) {
      this.next();
    }
  }

  /** A number from 0 to `end` − 1, uniformly distributed. @param end up to 2^31 */
  below(end: number): number {
    return Math.floor(((this.next() >>> 0) / 2 ** 32) * end);
  }

  /** 32 bits. */
  private next(): number {
    const result = (this.a + this.b + this.counter) | 0;
    this.counter = (this.counter + 1) | 0;
    this.a = this.b ^ (this.b >>> 9);
    this.b = (this.c + (this.c << 3)) | 0;
    this.c = (((this.c << 21) | (this.c >>> 11)) + result) | 0;
    return result;
  }
}
