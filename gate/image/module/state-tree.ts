/**
 * Exact states, compressed: a state is cut into chunks, equal chunks have one number, and a tree over these numbers, equal nodes
 * stored once, gives each state one number. States that differ in a few chunks share the rest.
 *
 * Most chunks never change. So a chunk gets a leaf when it changes first, next to those that changed before; a leaf whose number is
 * 0 has its first content, and a node whose number is 0 has such leaves only. While there are few leaves, a state is a node one level
 * below the root.
 *
 * @see Laarman, van de Pol, Weber: Parallel Recursive State Compression for Free (SPIN 2011), with pairs instead of wider nodes
 */

const FIRST_BITS = 12;

/** Children of a node. */
const CHILD_BITS = 4;
const CHILDREN = 1 << CHILD_BITS;

/** Distinct nodes, numbered from 1 in the order in which they came. */
class Nodes {
  private records: Int32Array = new Int32Array((CHILDREN << FIRST_BITS) >> 1);
  private slots: Int32Array = new Int32Array(1 << FIRST_BITS);
  private bits: number = FIRST_BITS;
  private count = 1;

  get bytes(): number {
    return this.records.byteLength + this.slots.byteLength;
  }

  /** The children of nodes. */
  get data(): Int32Array {
    return this.records;
  }

  /** The number of the node with the children at an offset of an array. */
  number(from: Int32Array, offset: number): number {
    const { records, slots } = this;
    const mask = slots.length - 1;
    let slot = hash(from, offset) & mask;
    for (let number = slots[slot] as number; number !== 0; number = slots[slot] as number) {
      if (isSame(records, number * CHILDREN, from, offset)) {
        return number;
      }
      slot = (slot + 1) & mask;
    }
    return this.add(from, offset, slot);
  }

  private add(from: Int32Array, offset: number, slot: number): number {
    if (this.count * 2 >= this.slots.length) {
      this.grow();
      return this.number(from, offset);
    }
    const number = this.count++;
    for (let i = 0; i < CHILDREN; i++) {
      this.records[number * CHILDREN + i] = from[offset + i] as number;
    }
    this.slots[slot] = number;
    return number;
  }

  private grow(): void {
    const { records, count } = this;
    this.bits += 1;
    this.records = new Int32Array((CHILDREN << this.bits) >> 1);
    this.records.set(records);
    this.slots = new Int32Array(1 << this.bits);
    const mask = this.slots.length - 1;
    for (let number = 1; number < count; number++) {
      let slot = hash(this.records, number * CHILDREN) & mask;
      while (this.slots[slot] !== 0) {
        slot = (slot + 1) & mask;
      }
      this.slots[slot] = number;
    }
  }
}

const MULTIPLIER = 0x85eb_ca6b;

/** Four sums at a time: none waits for the multiplication of another one. */
function hash(from: Int32Array, offset: number): number {
  let a = 0x9e37_79b9;
  let b = 0x3c6e_f372;
  let c = 0xdaa6_6d2b;
  let d = 0x78dd_e6e4;
  for (let i = offset; i < offset + CHILDREN; i += 4) {
    a = Math.imul(a ^ (from[i] as number), MULTIPLIER);
    b = Math.imul(b ^ (from[i + 1] as number), MULTIPLIER);
    c = Math.imul(c ^ (from[i + 2] as number), MULTIPLIER);
    d = Math.imul(d ^ (from[i + 3] as number), MULTIPLIER);
    a ^= a >>> 15;
    b ^= b >>> 14;
    c ^= c >>> 13;
    d ^= d >>> 16;
  }
  const value = Math.imul(Math.imul(a, 3) ^ Math.imul(b, 5) ^ Math.imul(c, 7) ^ d, MULTIPLIER);
  return value ^ (value >>> 15);
}

function isSame(a: Int32Array, at: number, b: Int32Array, offset: number): boolean {
  for (let i = 0; i < CHILDREN; i++) {
    if (a[at + i] !== b[offset + i]) {
      return false;
    }
  }
  return true;
}

/** The states of one memory area. A chunk is known by its position and the number of its content, which is 0 in the first state. */
export class StateTree {
  private readonly nodes: Nodes = new Nodes();
  /** The leaf of each chunk, plus 1; 0 for one that has none yet. */
  private readonly leafOf: Uint16Array;
  /** The chunk of each leaf. */
  private readonly chunkOf: Uint16Array;
  private leaves = 0;
  /** The first node of each level, from the root to the leaves, in `current`. */
  private readonly levels: readonly number[];
  /** Numbers of the nodes of the current state, level by level; of leaves, those of their contents. */
  private readonly current: Int32Array;
  private readonly isTouched: Uint8Array;
  private readonly touched: Int32Array;
  private readonly before: Int32Array;

  /** @param chunks how many there are */
  constructor(chunks: number) {
    this.leafOf = new Uint16Array(chunks);
    this.chunkOf = new Uint16Array(chunks);
    const widths = [1];
    while ((widths.at(-1) as number) < chunks || widths.length < 3) {
      widths.push((widths.at(-1) as number) * CHILDREN);
    }
    let end = 0;
    this.levels = widths.map((width) => {
      end += width;
      return end - width;
    });
    this.current = new Int32Array(end);
    this.isTouched = new Uint8Array(end);
    this.touched = new Int32Array(end);
    this.before = new Int32Array(end);
  }

  get bytes(): number {
    return this.nodes.bytes;
  }

  /** The number of the current state. */
  get root(): number {
    return this.current[0] as number;
  }

  /**
   * The number of a state that differs from the current one in some chunks.
   *
   * @param changed positions of the chunks that differ
   * @param contents the numbers of their contents
   */
  rootOf(changed: Uint16Array, contents: Int32Array, count: number): number {
    const { current, isTouched, touched, before, levels } = this;
    let end = 0;
    let level = levels.length - 1;
    for (let i = 0; i < count; i++) {
      const node = (levels[level] as number) + this.leaf(changed[i] as number);
      before[end] = current[node] as number;
      touched[end++] = node;
      current[node] = contents[i] as number;
    }
    // Level by level: the parents of what was touched, below the root.
    let from = 0;
    for (; level > 1; level--) {
      const own = levels[level] as number;
      const above = levels[level - 1] as number;
      const last = end;
      for (; from < last; from++) {
        const parent = above + (((touched[from] as number) - own) >> CHILD_BITS);
        if (isTouched[parent] === 1) {
          continue;
        }
        isTouched[parent] = 1;
        before[end] = current[parent] as number;
        touched[end++] = parent;
        current[parent] = this.node(own + (parent - above) * CHILDREN);
      }
    }
    const root = end === 0 ? this.root : this.top();
    for (let i = 0; i < end; i++) {
      const node = touched[i] as number;
      current[node] = before[i] as number;
      isTouched[node] = 0;
    }
    return root;
  }

  /**
   * Makes a state the current one.
   *
   * @param changed gets the positions of the chunks that differ
   * @param contents gets the numbers of their contents
   * @returns how many chunks differ
   */
  load(root: number, changed: Uint16Array, contents: Int32Array): number {
    if (root === this.root) {
      return 0;
    }
    this.current[0] = root;
    const isWhole = root % 2 === 1;
    const number = (root - (isWhole ? 1 : 0)) / 2;
    let end = 0;
    for (let i = 0; i < CHILDREN; i++) {
      const child = isWhole ? (this.nodes.data[number * CHILDREN + i] as number) : i === 0 ? number : 0;
      end = this.loadNode(1, i, child, changed, contents, end);
    }
    return end;
  }

  private loadNode(
    level: number,
    position: number,
    number: number,
    changed: Uint16Array,
    contents: Int32Array,
    count: number,
  ): number {
    const { current, levels } = this;
    const node = (levels[level] as number) + position;
    if (current[node] === number) {
      return count;
    }
    current[node] = number;
    if (level === levels.length - 1) {
      changed[count] = this.chunkOf[position] as number;
      contents[count] = number;
      return count + 1;
    }
    let end = count;
    for (let i = 0; i < CHILDREN; i++) {
      const child = this.nodes.data[number * CHILDREN + i] as number;
      end = this.loadNode(level + 1, position * CHILDREN + i, child, changed, contents, end);
    }
    return end;
  }

  /** The leaf of a chunk. */
  private leaf(chunk: number): number {
    const known = this.leafOf[chunk] as number;
    if (known !== 0) {
      return known - 1;
    }
    this.chunkOf[this.leaves] = chunk;
    this.leafOf[chunk] = ++this.leaves;
    return this.leaves - 1;
  }

  /** The number of the root: an even one where all of its children but the first are 0, which then stands for it. */
  private top(): number {
    const [, children = 0] = this.levels;
    for (let i = 1; i < CHILDREN; i++) {
      if (this.current[children + i] !== 0) {
        return 2 * this.nodes.number(this.current, children) + 1;
      }
    }
    return 2 * (this.current[children] as number);
  }

  /** The number of the node with the children from a position on. */
  private node(children: number): number {
    for (let i = 0; i < CHILDREN; i++) {
      if (this.current[children + i] !== 0) {
        return this.nodes.number(this.current, children);
      }
    }
    return 0;
  }
}
