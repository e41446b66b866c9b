/** Orders in which classes of locks are taken, over all executions of an image, as lockdep collects them. */
import type { ImageReport, LockClass } from "./image-report.ts";

/** The first place at which a class was taken while another one was held. */
interface Seen {
  /** Number of the order, in that of discovery. */
  readonly number: number;
  readonly function: string;
}

/** The orders that executions showed so far. */
export class LockOrders {
  /** By both classes, as text. */
  private readonly seen: Map<string, Seen> = new Map();

  /**
   * Adds an order.
   *
   * @param findFunction returns the function that takes the lock
   * @returns a report if the opposite order was seen before. It does not depend on which execution is repeated: of two
   *   opposite orders, the later one is reported, each time
   */
  add(held: LockClass, taken: LockClass, findFunction: () => string): ImageReport | undefined {
    const order = keyOf(held, taken);
    const { number, function: name } = this.seen.get(order) ?? { number: this.seen.size, function: findFunction() };
    this.seen.set(order, { number, function: name });
    const opposite = this.seen.get(keyOf(taken, held)) as Seen | undefined;
    return opposite === undefined || opposite.number > number
      ? undefined
      : { kind: "lock-order", held, taken, function: name, opposite: opposite.function };
  }
}

const keyOf = (held: LockClass, taken: LockClass): string => JSON.stringify([held, taken]);
