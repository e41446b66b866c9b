/**
 * Exact symmetry reduction. Two states are in one orbit if a renaming of interchangeable elements turns one into the
 * other; the canonical form picks one state of each orbit, always the same one.
 *
 * One scalarset whose elements do not refer to each other is sorted last, by a full key: an element's contents, and
 * then the references to it. Elements with equal keys are indistinguishable, so their order is irrelevant: given the
 * order of all other elements, the result is the same for the whole orbit.
 *
 * All other scalarsets are sorted first, by a key that no renaming changes. It distinguishes most elements. For the
 * rest, every order is tried, and the smallest result is taken. Both steps are exact; neither is a heuristic.
 */

import { MachineError } from "../model/errors.ts";
import type { StructLayout } from "../packed/layout.ts";
import { membersOf, type SortedMembers, sortedMembersOf } from "./member-order.ts";
import { type Group, type Scalarset, scalarsetsOf } from "./scalarsets.ts";

/**
 * Makes the canonical form of a layout's states.
 *
 * @returns a function that rewrites the state in [0, words) of `memory`, or undefined without interchangeable elements
 * @throws MachineError (`not-symmetric`) for wrong declarations of scalarsets, or too many orders
 */
export function canonicalizer(layout: StructLayout, memory: Int32Array, words: number): (() => void) | undefined {
  const scalarsets = scalarsetsOf(layout);
  if (scalarsets.length === 0) {
    return undefined;
  }
  const last = scalarsets
    .filter((each) => !each.refersToItself)
    .reduce<Scalarset | undefined>((most, each) => (ordersOf(most) >= ordersOf(each) ? most : each), undefined);
  const first = scalarsets.filter((each) => each !== last);
  const count = first.reduce((product, each) => product * ordersOf(each), 1);
  if (count > MOST_ORDERS) {
    const names = first.map(({ name }) => `"${name}"`).join(", ");
    throw new MachineError(
      "not-symmetric",
      `symmetry of the scalarsets ${names} might try ${count} orders for one state; declare fewer or smaller ones`,
    );
  }
  const membersBy = (key: "invariant" | "full", group: Group): SortedMembers => sortedMembersOf(group, memory, key);
  const sortedFirst = first.flatMap(({ groups }) => groups.map((group) => membersBy("invariant", group)));
  const sortedLast = last?.groups.map((group) => membersBy("full", group)) ?? [];
  return inTurn(sortedFirst, sortedLast, new OpenOrders(sortedFirst, sortedLast, memory, words));
}

/** Limit on the orders to try for one state. */
const MOST_ORDERS = 5040;

/** Number of orders of the elements of a scalarset. */
function ordersOf(scalarset: Scalarset | undefined): number {
  const factorial = (n: number): number => (n < 2 ? 1 : n * factorial(n - 1));
  return (scalarset?.groups ?? []).reduce((product, { numbers }) => product * factorial(numbers.length), 1);
}

/** Generated, so that V8 can inline each group's code at its call. */
function inTurn(first: readonly SortedMembers[], last: readonly SortedMembers[], orders: OpenOrders): () => void {
  const source = `
    const { first, last, orders } = given;
    ${first.map((_, i) => `const first${i} = first[${i}].sort;`).join("\n")}
    ${last.map((_, i) => `const last${i} = last[${i}].sort;`).join("\n")}
    return () => {
      let open = 0;
      ${first.map((_, i) => `if (first${i}()) open |= ${1 << i};`).join("\n")}
      if (open !== 0) {
        orders.tryAll(open);
      } else {
        ${last.map((_, i) => `last${i}();`).join("\n")}
      }
    };`;
  return new Function("given", source)({ first, last, orders }) as () => void;
}

/** Tries the orders that keys leave open. */
class OpenOrders {
  private readonly first: readonly SortedMembers[];
  private readonly last: readonly SortedMembers[];
  private readonly memory: Int32Array;
  private readonly words: number;
  private readonly original: Int32Array;
  private readonly best: Int32Array;
  /** The order to try next, for each group that is sorted first. */
  private readonly orders: readonly Int32Array[];
  private open = 0;
  private isFirst = true;

  constructor(first: readonly SortedMembers[], last: readonly SortedMembers[], memory: Int32Array, words: number) {
    this.first = first;
    this.last = last;
    this.memory = memory;
    this.words = words;
    this.original = new Int32Array(words);
    this.best = new Int32Array(words);
    this.orders = first.map(({ count }) => Int32Array.from({ length: count }, (_, place) => place));
  }

  /**
   * Tries all open orders, sorts the remaining groups for each, and leaves the smallest resulting state.
   *
   * @param open bit mask of the groups that are sorted first and whose order is open
   */
  tryAll(open: number): void {
    const { memory, words, original, best } = this;
    copy(memory, original, words);
    this.open = open;
    this.isFirst = true;
    this.tryFrom(0, 0);
    copy(best, memory, words);
  }

  /** Tries all orders of a group's members from a place on, with all orders of the following groups. */
  private tryFrom(group: number, place: number): void {
    if (group === this.first.length) {
      this.tryOne();
      return;
    }
    const { count, ends } = this.first[group] as SortedMembers;
    if (place === count || (this.open & (1 << group)) === 0) {
      this.tryFrom(group + 1, 0);
      return;
    }
    const order = this.orders[group] as Int32Array;
    for (let other = place; other < (ends[place] as number); other++) {
      swap(order, place, other);
      this.tryFrom(group, place + 1);
      swap(order, place, other);
    }
  }

  private tryOne(): void {
    const { first, last, orders, memory, words, original, best } = this;
    copy(original, memory, words);
    for (let group = 0; group < first.length; group++) {
      if ((this.open & (1 << group)) !== 0) {
        (first[group] as SortedMembers).permute(orders[group] as Int32Array);
      }
    }
    for (let group = 0; group < last.length; group++) {
      (last[group] as SortedMembers).sort();
    }
    if (this.isFirst || isSmaller(memory, best, words)) {
      copy(memory, best, words);
      this.isFirst = false;
    }
  }
}

function copy(from: Int32Array, to: Int32Array, words: number): void {
  for (let i = 0; i < words; i++) {
    to[i] = from[i] as number;
  }
}

function swap(order: Int32Array, a: number, b: number): void {
  const member = order[a] as number;
  order[a] = order[b] as number;
  order[b] = member;
}

function isSmaller(a: Int32Array, b: Int32Array, words: number): boolean {
  for (let i = 0; i < words; i++) {
    if (a[i] !== b[i]) {
      return (a[i] as number) < (b[i] as number);
    }
  }
  return false;
}

/**
 * Makes a renaming of interchangeable elements, for tests of symmetry.
 *
 * @returns a function that permutes the elements of every scalarset of the state in `memory`, depending on the seed
 */
export function renamer(layout: StructLayout, memory: Int32Array): (seed: number) => void {
  const all = scalarsetsOf(layout).flatMap(({ groups }) => groups.map((group) => membersOf(group, memory)));
  return (seed) => {
    let random = Math.imul(seed + 1, 0x9e37_79b9);
    for (const { count, permute } of all) {
      const order = Int32Array.from({ length: count }, (_, place) => place);
      for (let place = count - 1; place > 0; place--) {
        random = Math.imul(random ^ (random >>> 15), 0x85eb_ca6b);
        swap(order, place, (random >>> 8) % (place + 1));
      }
      permute(order);
    }
  };
}
