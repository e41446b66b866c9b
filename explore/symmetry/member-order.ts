/**
 * Sorts interchangeable elements. The code is generated for each group: with constant offsets and unrolled loops over
 * references, it runs several times as fast as loops over tables of offsets.
 */
import { type Group, ones, type Reference } from "./scalarsets.ts";

/** Permutes the members of one group in the current state. */
export interface Members {
  readonly count: number;
  /** Puts the member at place `order[i]` at place i, for every i, and updates every reference to it. */
  permute(order: Int32Array): void;
}

/** Sorts the members of one group in the current state. */
export interface SortedMembers extends Members {
  /**
   * Puts the members in ascending order of their keys.
   *
   * @returns whether keys leave the order open: members with equal keys may differ
   */
  sort(): boolean;
  /** After `sort` returned true: for each place, the end of the run of places whose order is open. */
  readonly ends: Int32Array;
}

/**
 * The sort key of members.
 *
 * `full`: the contents, then the last reference to the member. Members with equal keys are indistinguishable, if no
 * member holds a reference to their scalarset.
 *
 * `invariant`: the part that no renaming changes: the contents without references to interchangeable elements, then the
 * roles of the references to the member.
 */
export type Key = "full" | "invariant";

/** Makes the permutation of a group of the state in `memory`. */
export function membersOf(group: Group, memory: Int32Array): Members {
  return generate(group, memory, permuteSource(group), "{ count, permute }");
}

/** Makes the sort of a group of the state in `memory`. */
export function sortedMembersOf(group: Group, memory: Int32Array, key: Key): SortedMembers {
  return generate(group, memory, permuteSource(group) + sortSource(group, key), "{ count, permute, sort, ends }");
}

function generate<M>({ numbers, refs, pieces }: Group, memory: Int32Array, source: string, result: string): M {
  const largest = Math.max(...numbers, ...refs.map(({ bits }) => ones(bits)));
  const tables = {
    memory,
    numbers: Int32Array.from(numbers),
    ranks: Int32Array.from({ length: largest + 1 }, (_, number) => number),
    incoming: new Int32Array(largest + 1),
    contents: new Int32Array(numbers.length * pieces.length),
    order: new Int32Array(numbers.length),
    ends: new Int32Array(numbers.length),
    words: pieces.map(({ at }) => Int32Array.from(at, (bit) => bit >> 5)),
    shifts: pieces.map(({ at }) => Int32Array.from(at, (bit) => bit & 31)),
  };
  const body = `
    const { memory, numbers, ranks, incoming, contents, order, ends } = tables;
    ${lines(pieces, (_, p) => `const words${p} = tables.words[${p}], shifts${p} = tables.shifts[${p}];`)}
    const count = ${numbers.length};
    ${source}
    return ${result};`;
  return new Function("tables", body)(tables) as M;
}

function lines<T>(items: readonly T[], line: (item: T, index: number) => string): string {
  return items.map(line).join("\n");
}

/** Source of an expression: the masked bits at a constant offset. */
function read(at: number, mask: number): string {
  return `(memory[${at >> 5}] >>> ${at & 31} & ${mask})`;
}

function permuteSource({ numbers, pieces, refs }: Group): string {
  const follow = (word: number): string => {
    const here = refs.filter(({ at }) => at >> 5 === word);
    const mask = here.reduce((all, { at, bits }) => all | (ones(bits) << (at & 31)), 0);
    const renamed = here.map(({ at, bits }) => `ranks[word >>> ${at & 31} & ${ones(bits)}] << ${at & 31}`);
    return `
      word = memory[${word}];
      if ((word & ${mask}) !== 0) memory[${word}] = word & ${~mask} | ${renamed.join(" | ")};`;
  };
  const write = (at: number, bits: number, value: string): string => {
    const word = `memory[${at >> 5}]`;
    return bits === 32
      ? `${word} = ${value};`
      : `${word} = ${word} & ${~(ones(bits) << (at & 31))} | ${value} << ${at & 31};`;
  };
  const each = pieces.length;
  // References are renamed first, also those inside members; then the members move.
  return `
    const permute = (order) => {
      let word = 0;
      ${lines(numbers, (number, place) => `ranks[numbers[order[${place}]]] = ${number};`)}
      ${lines([...new Set(refs.map(({ at }) => at >> 5))], follow)}
      ${lines(pieces, ({ at, bits }, p) => lines(at, (bit, m) => `contents[${m * each + p}] = ${read(bit, ones(bits))};`))}
      ${lines(numbers, (_, place) => `const from${place} = order[${place}] * ${each};`)}
      ${lines(pieces, ({ at, bits }, p) => lines(at, (bit, place) => write(bit, bits, `contents[from${place} + ${p}]`)))}
    };`;
}

function sortSource({ numbers, pieces, refs }: Group, key: Key): string {
  const all = pieces.map(({ at, bits, own }, p) => ({ p, at, mask: key === "full" ? ones(bits) : own }));
  const compared = all.filter(({ mask }) => mask !== 0);
  const difference = (p: number, mask: number, result: string): string => `
      x = memory[words${p}[a]] >>> shifts${p}[a] & ${mask};
      y = memory[words${p}[b]] >>> shifts${p}[b] & ${mask};
      if (x !== y) return ${result};`;
  return `
    const byContents = (a, b) => {
      let x = 0, y = 0;
      ${lines(compared, ({ p, mask }) => difference(p, mask, "x < y ? -1 : 1"))}
      return 0;
    };
    const byKey = (a, b) => byContents(a, b) || incoming[numbers[a]] - incoming[numbers[b]];
    const areSame = (a, b) => {
      let x = 0, y = 0;
      ${lines(pieces, ({ bits }, p) => difference(p, ones(bits), "false"))}
      return incoming[numbers[a]] === 0;
    };
    const sort = () => {
      ${lines(compared.slice(0, 1), ({ at, mask }) => inOrderSource(at, mask))}
      let moved = false, tied = false;
      ${insertionSource("byContents")}
      let open = false;
      if (tied) {
        ${key === "full" ? lastReferenceSource(numbers, refs) : rolesSource(numbers, refs)}
        ${insertionSource("byKey")}
        ${key === "full" ? "" : RUNS_SOURCE}
      }
      if (moved) permute(order);
      return open;
    };`;
}

/** Source of an early return: one piece alone can show that the members are in order. */
function inOrderSource(at: readonly number[], mask: number): string {
  const ascending = at.slice(1).map((_, m) => `value${m} < value${m + 1}`);
  return `
      ${lines(at, (bit, m) => `const value${m} = ${read(bit, mask)};`)}
      if (${ascending.join(" && ")}) return false;`;
}

/** Source of an insertion sort. It is stable. */
function insertionSource(compare: string): string {
  return `
        moved = false;
        order[0] = 0;
        for (let i = 1; i < count; i++) {
          let to = i;
          while (to > 0) {
            const difference = ${compare}(order[to - 1], i);
            if (difference === 0) tied = true;
            if (difference <= 0) break;
            order[to] = order[to - 1];
            to--;
            moved = true;
          }
          order[to] = i;
        }`;
}

/** Source that computes the position of the last reference to each element, −1 if there is none. */
function lastReferenceSource(numbers: readonly number[], refs: readonly Reference[]): string {
  return `
        ${lines(numbers, (number) => `incoming[${number}] = -1;`)}
        ${lines(refs, ({ at, bits }, r) => `incoming[${read(at, ones(bits))}] = ${r};`)}`;
}

/** Source that computes, for each element, a sum over the roles of the references to it, 0 only without references. */
function rolesSource(numbers: readonly number[], refs: readonly Reference[]): string {
  const roles = [...new Set(refs.map(({ role }) => role))];
  // Positive and spread out, so that different roles rarely have the same sum. Equal sums only cost time.
  const weightOf = (role: number): number => 1 + ((roles.indexOf(role) * 7919) % 65_521);
  return `
        ${lines(numbers, (number) => `incoming[${number}] = 0;`)}
        ${lines(refs, ({ at, bits, role }) => `incoming[${read(at, ones(bits))}] += ${weightOf(role)};`)}`;
}

/**
 * Source that finds the runs of members with equal keys. The order within a run is irrelevant if its members are equal
 * and without references to them.
 */
const RUNS_SOURCE = `
        for (let i = 1, from = 0, isOpen = false; i <= count; i++) {
          if (i < count && byKey(order[i - 1], order[i]) === 0) {
            isOpen = isOpen || !areSame(order[i - 1], order[i]);
            continue;
          }
          for (let place = from; place < i; place++) ends[place] = isOpen ? i : place + 1;
          open = open || isOpen;
          from = i;
          isOpen = false;
        }`;
