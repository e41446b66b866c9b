/**
 * Exact symmetry reduction. Two states are in one orbit when a renaming of interchangeable elements turns one into the
 * other; the canonical form picks one state of each orbit, always the same one.
 *
 * One sort is canonicalised by sorting its elements by a full key: the element's own contents, and then which references
 * point to it. Two elements with equal keys are the same in every respect, so the order between them does not matter and
 * the sorted state is the same for the whole orbit. That argument fails when elements refer to elements of their own
 * sort, and it covers one sort only; all other sorts are canonicalised by trying every permutation and taking the
 * smallest result. Both are exact; neither is a heuristic.
 */
import { MachineError } from "./errors.ts";
import { type PlacedArray, type PlacedElement, type PlacedLeaf, placesOf, type StructLayout } from "./layout.ts";

interface Sort {
  readonly name: string;
  /** Number of elements, interchangeable or not. */
  readonly length: number;
  /** The sets of two or more elements that are interchangeable. */
  readonly groups: readonly Group[];
  /** Whether an interchangeable element of the sort holds a reference to the sort. */
  readonly refersToItself: boolean;
}

/** Elements of one sort that are interchangeable: those with one schema. */
interface Group {
  readonly layout: StructLayout;
  /** Positions in the whole array, in ascending order. */
  readonly positions: readonly number[];
  /** Offset of each in the state, in bits. */
  readonly at: readonly number[];
  /** Every reference to an element of the sort, of this group or not. */
  readonly refs: readonly PlacedLeaf[];
  /** Number of elements of the whole sort. */
  readonly length: number;
}

/**
 * The canonical form of a layout's states.
 *
 * @returns a function that rewrites the state in [0, words) of `memory`, or undefined when no sort is declared
 * @throws MachineError when a sort is declared twice or a reference names no sort
 */
export function canonicalizer(layout: StructLayout, memory: Int32Array, words: number): (() => void) | undefined {
  const sorts = sortsOf(layout).filter((sort) => sort.groups.length > 0);
  const sortable = sorts
    .filter((sort) => !sort.refersToItself)
    .reduce<Sort | undefined>((best, sort) => ((best?.length ?? 0) >= sort.length ? best : sort), undefined);
  const enumerated = sorts.filter((sort) => sort !== sortable).flatMap((sort) => sort.groups);
  const sorters = sortable?.groups.map((group) => sorter(group, memory)) ?? [];
  const sortElements =
    sorters.length === 1
      ? sorters[0]
      : () => {
          for (let i = 0; i < sorters.length; i++) {
            (sorters[i] as () => void)();
          }
        };
  if (enumerated.length === 0) {
    return sorters.length === 0 ? undefined : sortElements;
  }
  return smallestOfAll(enumerated, sortElements as () => void, memory, words);
}

/**
 * Renames interchangeable elements: for tests of symmetry.
 *
 * @returns a function that permutes the elements of every sort of the state in `memory`, in a way that the seed chooses
 */
export function renamer(layout: StructLayout, memory: Int32Array): (seed: number) => void {
  const all = sortsOf(layout).flatMap((sort) =>
    sort.groups.map((group) => ({ elements: new Elements(group, memory), length: group.at.length })),
  );
  return (seed) => {
    let random = seed;
    for (const { elements, length } of all) {
      const order = Array.from({ length }, (_, i) => i);
      for (let i = length - 1; i > 0; i--) {
        random = (Math.imul(random, 1_664_525) + 1_013_904_223) >>> 0;
        const j = Math.floor((random / 2 ** 32) * (i + 1));
        [order[i], order[j]] = [order[j] as number, order[i] as number];
      }
      elements.permute(order);
    }
  };
}

function sortsOf(layout: StructLayout): Sort[] {
  const { leaves, arrays } = placesOf(layout);
  const declared = arrays.filter((each) => each.sort !== undefined);
  for (const leaf of leaves) {
    if (leaf.kind === "ref" && !declared.some((each) => each.sort === leaf.sort)) {
      throw new MachineError(
        "not-symmetric",
        `field ${leaf.path} refers to the sort "${leaf.sort}", which no array declares`,
      );
    }
  }
  return declared.map((placed, index) => {
    const name = placed.sort as string;
    const { length } = placed.elements;
    if (declared.findIndex((each) => each.sort === name) !== index) {
      throw new MachineError("not-symmetric", `the sort "${name}" is declared by more than one array`);
    }
    const refs = leaves.filter((leaf) => leaf.kind === "ref" && leaf.sort === name);
    const odd = refs.find((leaf) => leaf.max !== length);
    if (odd !== undefined) {
      throw new MachineError(
        "not-symmetric",
        `field ${odd.path} refers to ${odd.max} elements of the sort "${name}", which has ${length}`,
      );
    }
    const groups = groupsOf(placed, refs);
    const refersToItself = groups.some(({ at, layout: { size } }) =>
      refs.some((leaf) => at.some((start) => leaf.at >= start && leaf.at < start + size)),
    );
    return { name, length, groups, refersToItself };
  });
}

function groupsOf({ elements }: PlacedArray, refs: readonly PlacedLeaf[]): Group[] {
  return [...new Set(elements.map((each) => each.layout))]
    .map((layout) => {
      const positions = elements.flatMap((each, i) => (each.layout === layout ? [i] : []));
      return {
        layout,
        positions,
        at: positions.map((i) => (elements[i] as PlacedElement).at),
        refs,
        length: elements.length,
      };
    })
    .filter((group) => group.positions.length > 1);
}

/** Sorts the elements of one group by their full keys, in place. */
function sorter(group: Group, memory: Int32Array): () => void {
  const { refs, layout } = group;
  return layout.size < 32 && layout.size + refs.length <= 30 ? narrowSorter(group, memory) : wideSorter(group, memory);
}

/** For elements within one word whose full key, contents and references, fits a small integer. */
function narrowSorter(group: Group, memory: Int32Array): () => void {
  const { layout, at, positions } = group;
  const { length } = positions;
  const contents = 2 ** layout.size - 1;
  const elementWord = Int32Array.from(at, (bit) => bit >> 5);
  const elementShift = Int32Array.from(at, (bit) => bit & 31);
  const refs = group.refs.length;
  const refWord = Int32Array.from(group.refs, (leaf) => leaf.at >> 5);
  const refShift = Int32Array.from(group.refs, (leaf) => leaf.at & 31);
  const refMask = Int32Array.from(group.refs, (leaf) => 2 ** leaf.bits - 1);
  const keys = new Int32Array(length);
  const order = new Int32Array(length);
  const { numbers, memberOf, ranks } = numbersOf(group);
  return () => {
    for (let i = 0; i < length; i++) {
      const word = memory[elementWord[i] as number] as number;
      keys[i] = ((word >>> (elementShift[i] as number)) & contents) << refs;
    }
    for (let r = 0; r < refs; r++) {
      const target = ((memory[refWord[r] as number] as number) >>> (refShift[r] as number)) & (refMask[r] as number);
      const member = memberOf[target] as number;
      if (member >= 0) {
        keys[member] = (keys[member] as number) | (1 << r);
      }
    }
    let sorted = true;
    for (let i = 1; i < length; i++) {
      if ((keys[i - 1] as number) > (keys[i] as number)) {
        sorted = false;
        break;
      }
    }
    if (sorted) {
      return;
    }
    for (let i = 0; i < length; i++) {
      const key = keys[i] as number;
      let rank = 0;
      for (let j = 0; j < length; j++) {
        const other = keys[j] as number;
        if (other < key || (other === key && j < i)) {
          rank++;
        }
      }
      ranks[numbers[i] as number] = numbers[rank] as number;
      order[i] = rank;
    }
    for (let i = 0; i < length; i++) {
      const to = order[i] as number;
      const word = elementWord[to] as number;
      const shift = elementShift[to] as number;
      memory[word] = ((memory[word] as number) & ~(contents << shift)) | (((keys[i] as number) >>> refs) << shift);
    }
    for (let r = 0; r < refs; r++) {
      const word = refWord[r] as number;
      const shift = refShift[r] as number;
      const mask = refMask[r] as number;
      const target = ((memory[word] as number) >>> shift) & mask;
      if (target !== 0) {
        memory[word] = ((memory[word] as number) & ~(mask << shift)) | ((ranks[target] as number) << shift);
      }
    }
  };
}

/** What references say: the number of each member of a group, and the way back. */
interface Numbers {
  readonly numbers: Int32Array;
  /** The member that has a number; −1 for none and for elements outside the group. */
  readonly memberOf: Int32Array;
  /** A place to write each number's new one; numbers outside the group stay as they are. */
  readonly ranks: Int32Array;
}

function numbersOf({ positions, length }: Group): Numbers {
  const memberOf = new Int32Array(length + 1).fill(-1);
  positions.forEach((position, member) => {
    memberOf[position + 1] = member;
  });
  return {
    numbers: Int32Array.from(positions, (position) => position + 1),
    memberOf,
    ranks: Int32Array.from({ length: length + 1 }, (_, number) => number),
  };
}

/** For elements of any size. */
function wideSorter(group: Group, memory: Int32Array): () => void {
  const { length } = group.positions;
  const order = new Int32Array(length);
  const elements = new Elements(group, memory);
  return () => {
    elements.load();
    order[0] = 0;
    let sorted = true;
    for (let i = 1; i < length; i++) {
      let to = i;
      while (to > 0 && elements.compare(order[to - 1] as number, i) > 0) {
        order[to] = order[to - 1] as number;
        to--;
        sorted = false;
      }
      order[to] = i;
    }
    if (!sorted) {
      elements.permute(order);
    }
  };
}

/** The elements of one group in the current state, and the references to them. */
class Elements {
  private readonly memory: Int32Array;
  private readonly length: number;
  private readonly wordsEach: number;
  /** Where each word of each element lies. */
  private readonly word: Int32Array;
  /** Position of each element in its word, and its bits there: for elements narrower than a word. */
  private readonly shift: Int32Array;
  private readonly mask: number;
  /** Contents of the elements, as loaded. */
  private readonly contents: Int32Array;
  private readonly places: Numbers;
  private readonly refWord: Int32Array;
  private readonly refShift: Int32Array;
  private readonly refMask: Int32Array;

  constructor(group: Group, memory: Int32Array) {
    const { at, layout, refs } = group;
    const { length } = at;
    const wordsEach = Math.ceil(layout.size / 32);
    this.memory = memory;
    this.length = length;
    this.wordsEach = wordsEach;
    const bitOf = (i: number): number => (at[Math.floor(i / wordsEach)] as number) + (i % wordsEach) * 32;
    this.word = Int32Array.from({ length: length * wordsEach }, (_, i) => bitOf(i) >> 5);
    this.shift = Int32Array.from({ length: length * wordsEach }, (_, i) => bitOf(i) & 31);
    this.mask = layout.size < 32 ? 2 ** layout.size - 1 : -1;
    this.contents = new Int32Array(length * wordsEach);
    this.places = numbersOf(group);
    this.refWord = Int32Array.from(refs, (leaf) => leaf.at >> 5);
    this.refShift = Int32Array.from(refs, (leaf) => leaf.at & 31);
    this.refMask = Int32Array.from(refs, (leaf) => 2 ** leaf.bits - 1);
  }

  /** Reads the elements' contents: before `compare` and `permute`. */
  load(): void {
    const { memory, contents, word, shift, mask } = this;
    for (let i = 0; i < contents.length; i++) {
      contents[i] = ((memory[word[i] as number] as number) >>> (shift[i] as number)) & mask;
    }
  }

  /** Orders two elements by contents, then by the first reference that points to one of them. */
  compare(a: number, b: number): number {
    const { contents, wordsEach } = this;
    for (let i = 0; i < wordsEach; i++) {
      const difference = (contents[a * wordsEach + i] as number) - (contents[b * wordsEach + i] as number);
      if (difference !== 0) {
        return difference;
      }
    }
    for (let r = 0; r < this.refWord.length; r++) {
      const target = this.places.memberOf[this.target(r)];
      if (target === a) {
        return -1;
      }
      if (target === b) {
        return 1;
      }
    }
    return 0;
  }

  private target(r: number): number {
    const word = this.memory[this.refWord[r] as number] as number;
    return (word >>> (this.refShift[r] as number)) & (this.refMask[r] as number);
  }

  /** Puts the element at `order[i]` at position i, and makes every reference follow its element. */
  permute(order: ArrayLike<number>): void {
    const { memory, wordsEach, length } = this;
    const { numbers, ranks } = this.places;
    for (let to = 0; to < length; to++) {
      ranks[numbers[order[to] as number] as number] = numbers[to] as number;
    }
    for (let r = 0; r < this.refWord.length; r++) {
      const target = this.target(r);
      if (target !== 0) {
        const word = this.refWord[r] as number;
        const shift = this.refShift[r] as number;
        const mask = this.refMask[r] as number;
        memory[word] = ((memory[word] as number) & ~(mask << shift)) | ((ranks[target] as number) << shift);
      }
    }
    // References inside the elements have just followed theirs.
    this.load();
    const { contents, word, shift, mask } = this;
    for (let to = 0; to < length; to++) {
      for (let i = 0; i < wordsEach; i++) {
        const at = word[to * wordsEach + i] as number;
        const bits = shift[to * wordsEach + i] as number;
        const value = contents[(order[to] as number) * wordsEach + i] as number;
        memory[at] = ((memory[at] as number) & ~(mask << bits)) | (value << bits);
      }
    }
  }
}

/** Tries every permutation of the given groups, canonicalises the rest of each result, and keeps the smallest. */
function smallestOfAll(
  groups: readonly Group[],
  canonicalizeRest: () => void,
  memory: Int32Array,
  words: number,
): () => void {
  const elements = groups.map((group) => new Elements(group, memory));
  const count = groups.reduce((product, group) => product * factorial(group.at.length), 1);
  if (count > MOST_PERMUTATIONS) {
    throw new MachineError(
      "not-symmetric",
      `symmetry of groups of ${groups.map((group) => group.at.length).join(", ")} interchangeable elements would try ` +
        `${count} permutations for each state; declare fewer or smaller sorts`,
    );
  }
  let choices: (readonly number[])[][] = [[]];
  for (const group of groups) {
    const all = permutations(group.at.length);
    choices = choices.flatMap((choice) => all.map((permutation) => [...choice, permutation]));
  }
  const original = new Int32Array(words);
  const best = new Int32Array(words);
  return () => {
    for (let i = 0; i < words; i++) {
      original[i] = memory[i] as number;
    }
    for (let c = 0; c < choices.length; c++) {
      const choice = choices[c] as (readonly number[])[];
      for (let i = 0; i < words; i++) {
        memory[i] = original[i] as number;
      }
      for (let s = 0; s < elements.length; s++) {
        (elements[s] as Elements).permute(choice[s] as readonly number[]);
      }
      canonicalizeRest();
      if (c === 0 || isSmaller(memory, best, words)) {
        for (let i = 0; i < words; i++) {
          best[i] = memory[i] as number;
        }
      }
    }
    for (let i = 0; i < words; i++) {
      memory[i] = best[i] as number;
    }
  };
}

function isSmaller(a: Int32Array, b: Int32Array, words: number): boolean {
  for (let i = 0; i < words; i++) {
    if (a[i] !== b[i]) {
      return (a[i] as number) < (b[i] as number);
    }
  }
  return false;
}

/** More than this would be tried for every state. */
const MOST_PERMUTATIONS = 5040;

function factorial(n: number): number {
  return n < 2 ? 1 : n * factorial(n - 1);
}

function permutations(length: number): number[][] {
  if (length === 0) {
    return [[]];
  }
  return permutations(length - 1).flatMap((rest) =>
    Array.from({ length }, (_, at) => [...rest.slice(0, at), length - 1, ...rest.slice(at)]),
  );
}
