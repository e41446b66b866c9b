// @ts-check
/**
 * Counts what a search would send over a network if its states were divided among hosts by their hash: explores the
 * state spaces of real machines, and plays every transition for 2 to 64 partitions. Prints the table of
 * docs/partitions.md.
 *
 *     npm run build && node bench/partitions.mjs
 */

/** @param {string} path */
const built = (path) => import(new URL(`../dist/${path}`, import.meta.url).href);

const { modelOf, resolve } = await built("verify/job/job.js");
const { compile } = await built("explore/search/compile.js");
const { hashState } = await built("explore/packed/hash.js");
const { NO_PARENT, StateStore } = await built("explore/visited/state-store.js");

/** Numbers of partitions: powers of two, at most 64. */
const PARTITIONS = [2, 4, 8, 16, 32, 64];

/** Log2 of the number of states in the cache of recent states of a partition. */
const CACHE_BITS = 15;

/** Bytes of a message besides the state: the partition and the number of its predecessor. */
const PARENT_BYTES = 8;

/** Bytes of a packet, in which a partition collects the messages for another one. A level ends with a part of one. */
const PACKET_BYTES = 65_536;

/** @type {readonly { readonly name: string, readonly request: object }[]} */
const SUBJECTS = [
  { name: "OT(8,4)", request: { machine: "owner-tracking", bounds: { pages: 8, mms: 4 }, symmetry: false } },
  { name: "OT(12,4), symmetry", request: { machine: "owner-tracking", bounds: { pages: 12, mms: 4 } } },
  { name: "`cow`, 4 pages, 2 MMs", request: { machine: "cow", bounds: { pages: 4, mms: 2 } } },
];

/** One number of partitions, and what is counted for it. */
class Division {
  /** Successors of another partition. */
  crossing = 0;
  /** Those that are not in the sender's cache of recent states. */
  afterCache = 0;
  /** Those that are sent when each partition sends a state once in a level. */
  afterLevel = 0;
  packets = 0;
  /** For each level, the states of the partition that has most, times the number of partitions. */
  slowest = 0;

  /** @param {number} count */
  constructor(count) {
    this.count = count;
    this.shift = 32 - Math.log2(count);
    this.caches = new Int32Array(count << CACHE_BITS).fill(-1);
    /** For each pair of partitions, the messages of the current level. */
    this.pairs = new Float64Array(count * count);
    /** For each state that was found in this level, the partitions that have sent it: 64 bits. */
    this.senders = new Uint32Array(2);
    /** States of the current level in each partition. */
    this.sizes = new Float64Array(count);
  }

  /** @param {number} hash */
  partitionOf(hash) {
    // Multiplied, because the tables of the partitions use the low bits.
    return Math.imul(hash, 0x9e37_79b1) >>> this.shift;
  }

  /**
   * @param {number} from hash of a state
   * @param {number} to hash of its successor
   * @param {number} state index of its successor
   * @param {number} inLevel its index among the successors of this level
   */
  step(from, to, state, inLevel) {
    const sender = this.partitionOf(from);
    const receiver = this.partitionOf(to);
    if (sender === receiver) {
      return;
    }
    this.crossing += 1;
    const place = (sender << CACHE_BITS) | ((to >>> 7) & ((1 << CACHE_BITS) - 1));
    if (this.caches[place] === state) {
      return;
    }
    this.caches[place] = state;
    this.afterCache += 1;
    const word = 2 * inLevel + (sender >>> 5);
    if (word >= this.senders.length) {
      const larger = new Uint32Array(2 * word + 2);
      larger.set(this.senders);
      this.senders = larger;
    }
    const senders = /** @type {number} */ (this.senders[word]);
    if (((senders >>> (sender & 31)) & 1) === 0) {
      this.senders[word] = senders | (1 << (sender & 31));
      this.afterLevel += 1;
      const pair = sender * this.count + receiver;
      this.pairs[pair] = /** @type {number} */ (this.pairs[pair]) + 1;
    }
  }

  /** @param {number} messageBytes */
  endLevel(messageBytes) {
    for (const messages of this.pairs) {
      this.packets += Math.ceil((messages * messageBytes) / PACKET_BYTES);
    }
    this.slowest += Math.max(...this.sizes) * this.count;
    this.sizes.fill(0);
    this.pairs.fill(0);
    this.senders.fill(0);
  }
}

/** @param {object} request */
function explore(request) {
  const resolved = resolve(request);
  const machine = compile(modelOf(resolved));
  const { memory, words, actions } = machine;
  const canonicalize = resolved.job.symmetry ? machine.canonicalize : undefined;
  const divisions = PARTITIONS.map((count) => new Division(count));
  const store = new StateStore(words);
  const source = new Int32Array(words);
  const found = { index: 0, hash: 0 };
  const visit = () => {
    canonicalize?.();
    found.hash = hashState(memory, 0, words);
    const index = store.insert(memory, 0, found.hash, NO_PARENT);
    found.index = index >= 0 ? index : store.indexOf(memory, 0, found.hash);
  };
  for (let i = 0; i < machine.initialStates; i++) {
    machine.loadInitial(i);
    visit();
  }
  let transitions = 0;
  let levels = 0;
  for (let state = 0, levelEnd = 0; state < store.count; levels++) {
    levelEnd = store.count;
    const ofLevel = new StateStore(words);
    for (; state < levelEnd; state++) {
      store.load(state, source, 0);
      const hash = hashState(source, 0, words);
      for (const division of divisions) {
        const partition = division.partitionOf(hash);
        division.sizes[partition] = /** @type {number} */ (division.sizes[partition]) + 1;
      }
      for (const { instances, apply } of actions) {
        for (let instance = 0; instance < instances; instance++) {
          memory.set(source);
          if (!apply(instance)) {
            continue;
          }
          transitions += 1;
          visit();
          const inserted = ofLevel.insert(memory, 0, found.hash, NO_PARENT);
          const inLevel = inserted >= 0 ? inserted : ofLevel.indexOf(memory, 0, found.hash);
          for (const division of divisions) {
            division.step(hash, found.hash, found.index, inLevel);
          }
        }
      }
    }
    for (const division of divisions) {
      division.endLevel(4 * words + PARENT_BYTES);
    }
  }
  return { states: store.count, transitions, levels, words, divisions };
}

/** @param {number} count */
const grouped = (count) => count.toLocaleString("en");

/** @param {number} part */
const percent = (part) => `${(100 * part).toFixed(part < 0.1 ? 1 : 0)} %`;

const only = process.argv[2] ?? "";
for (const { name, request } of SUBJECTS.filter((each) => each.name.includes(only))) {
  const { states, transitions, levels, words, divisions } = explore(request);
  const messageBytes = 4 * words + PARENT_BYTES;
  console.log(
    `\n${name}: ${grouped(states)} states, ${grouped(transitions)} transitions, ${levels} levels, ` +
      `${messageBytes} bytes a message\n\n` +
      "| partitions | transitions that cross | after the cache | once a level | messages a state | bytes | packets | imbalance |\n" +
      "| --- | --- | --- | --- | --- | --- | --- | --- |",
  );
  for (const { count, crossing, afterCache, afterLevel, packets, slowest } of divisions) {
    const cells = [
      count,
      percent(crossing / transitions),
      percent(afterCache / transitions),
      percent(afterLevel / transitions),
      (afterLevel / states).toFixed(1),
      `${grouped(Math.round((afterLevel * messageBytes) / 1e6))} MB`,
      grouped(packets),
      (slowest / states).toFixed(2),
    ];
    console.log(`| ${cells.join(" | ")} |`);
  }
}
