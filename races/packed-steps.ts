/**
 * Steps of CPUs on packed states, by tables, under sequential consistency. The effect of an access depends on the bits
 * of its cells only, and the next node on its result: both are looked up in tables, which are filled on demand. The
 * rules of steps are those of RaceSteps, which works on any state.
 */

import type { PackedMemory, Place } from "../explore/model/packed-memory.ts";
import { at } from "../explore/model/schema.ts";
import type { Access, Memory } from "./access.ts";
import { type AccessTrees, IDLE } from "./access-tree.ts";
import type { Cell, Cells } from "./cells.ts";
import { isMemoryAccess, isWrite } from "./data-races.ts";
import type { NodeClasses } from "./node-classes.ts";
import { StartableOperations } from "./startable.ts";

/** The rules of steps, shared with steps on any state. `S` is the state, `C` one of its CPUs. */
export interface StepRules<S, C> {
  readonly trees: AccessTrees;
  readonly classes: NodeClasses;
  readonly cells: Cells;
  readonly cpus: number;
  /** Classes of cells: accesses to different classes never conflict. */
  readonly cellClasses: readonly number[];
  /** Whether any operation observes a condition. */
  readonly hasObservers: boolean;
  /** Whether the start of an operation includes its first access. */
  readonly mergesStarts: boolean;
  /** Operations with their elements. */
  readonly startable: readonly Startable[];
  /** Whether an operation may start, independent of CPUs. */
  mayStart(state: S, template: number, elements: readonly number[]): boolean;
  /** Begins an operation. @returns the node of its first access; IDLE if it cannot start */
  begin(state: S, own: C, template: number, elements: readonly number[]): number;
  /** The part of a start after `begin`. */
  startFrom(state: S, cpu: number, own: C, node: number): void;
  step(state: S, cpu: number): boolean;
  /** Performs the accesses that need no interleaving. @param isChanged whether the step has changed an observed cell */
  performMerged(state: S, cpu: number, own: C, node: number, isChanged: boolean): void;
  isMerged(node: number): boolean;
  changesObserved(access: Access): boolean;
  /** Whether the operation of a node observes a condition. */
  observes(node: number): boolean;
  /** Evaluates the conditions that operations observe. */
  observe(state: S): void;
  checkDataRace(own: C, node: number, theirs: C): void;
  raise(warning: number): void;
  /** Ends the operation of a CPU. */
  end(state: S, own: C): void;
  /** @throws AssumptionFailed if the search is void */
  requireAssumptions(): void;
  /** Memory as seen by a CPU. */
  memoryOf(state: S, own: C): Memory;
}

/** An operation with its elements: positions by role. */
export interface Startable {
  readonly template: number;
  readonly elements: readonly number[];
}

/** A start of an operation on a CPU. */
export interface Start extends Startable {
  readonly cpu: number;
}

/** Traits of nodes. */
const Flag = {
  merged: 1,
  notMerged: 2,
  changesObserved: 4,
  memory: 8,
  plain: 16,
  write: 32,
  observes: 64,
} as const;

/** Special numbers of accesses: the thread has ended; the access has no table; the node is not analysed yet. */
const ENDED = -1;
const NO_TABLE = -2;
const NOT_ANALYSED = -3;

/** Special table entries: not computed yet; the access is not enabled. */
const UNKNOWN = -1;
const DISABLED = -2;

/** Maximum number of bits that determine the effect of an access. */
const MOST_BITS = 12;
const BITS_MASK = (1 << MOST_BITS) - 1;

/** Maximum number of entries in all tables: threads that create a new object for each access would need too many. */
const MOST_ENTRIES = 1 << 22;

/** Location of the cells of an access: bits of one word. */
interface Span {
  readonly word: number;
  readonly shift: number;
  readonly bits: number;
}

/** An access with a table. */
interface TabledAccess {
  readonly access: Access;
  /** Its results so far. */
  readonly results: number[];
  readonly numbers: Map<number, number>;
}

interface PackedState<C> {
  readonly cpus: readonly C[];
}

/** Executes steps on one packed state. */
export class PackedSteps<C, S extends PackedState<C>> {
  private readonly rules: StepRules<S, C>;
  private readonly state: S;
  private readonly memory: Int32Array;
  private readonly places: ReadonlyMap<string, Place>;
  private readonly checkedMemory: CheckedMemory = new CheckedMemory();
  private readonly startable: StartableOperations<S>;

  // For each CPU.
  private readonly nodeWord: Int32Array;
  private readonly nodeShift: Int32Array;
  private readonly nodeMask: number;
  /** By CPU and role. Absent roles have no bits. */
  private readonly roleWord: Int32Array;
  private readonly roleShift: Int32Array;
  private readonly roleMask: number;
  private readonly roleBits: number;

  // By node.
  private accessOf: Int32Array = new Int32Array(0);
  private flags: Int32Array = new Int32Array(0);
  private nextFrom: Int32Array = new Int32Array(0);
  private nextCount: Int32Array = new Int32Array(0);
  /** Set of the cell classes of its access. */
  private conflictSet: Int32Array = new Int32Array(0);
  /** Nodes after the accesses of nodes, by the number of the result: 0 if not computed yet. */
  private next: Int32Array = new Int32Array(1 << 10);
  private warning: Int32Array = new Int32Array(1 << 10);
  private nextUsed = 0;

  // By access.
  private readonly accesses: TabledAccess[] = [];
  private readonly numberOf: Map<Access, number> = new Map();
  /** Role of the MM that contains the cells, plus one; 0 for none. */
  private readonly roleOf: number[] = [];
  private readonly maskOf: number[] = [];
  /** Width of the cells, if the effect also depends on the roles of the CPU; otherwise 0. */
  private readonly rolesAbove: number[] = [];
  private readonly tableOf: number[] = [];
  /** By access and by the position of the MM plus one, or 0. */
  private readonly spanWord: number[] = [];
  private readonly spanShift: number[] = [];
  private readonly positions: number;
  /** Effects of accesses: the bits afterwards in the low bits, and the number of the result above. */
  private table: Int32Array = new Int32Array(1 << 12).fill(UNKNOWN);
  private tableUsed = 0;

  private readonly conflictSets: Map<string, number> = new Map();
  private readonly classesOfSet: (readonly number[])[] = [];
  /** By two sets: 1 if they have a class in common. */
  private conflicts: Uint8Array = new Uint8Array(16 * 16);
  /** Capacity of `conflicts`, in sets. */
  private mostSets = 16;

  /** @param elements number of elements of the scalarset */
  constructor(rules: StepRules<S, C>, packed: PackedMemory<S>, elements: number) {
    const { memory, draft, places } = packed;
    const { startable } = rules;
    this.startable = new StartableOperations(packed, startable.length, (index) => {
      const { template, elements: own } = startable[index] as Startable;
      return rules.mayStart(draft, template, own);
    });
    this.rules = rules;
    this.state = draft;
    this.memory = memory;
    this.places = places;
    this.positions = elements + 1;
    const none: Place = { word: 0, shift: 0, bits: 0, min: 0 };
    const placeOf = (path: string): Place => places.get(path) ?? none;
    const cpus = Array.from({ length: rules.cpus }, (_, cpu) => cpu);
    const nodes = cpus.map((cpu) => placeOf(`cpus[${cpu}].node`));
    this.nodeWord = Int32Array.from(nodes, ({ word }) => word);
    this.nodeShift = Int32Array.from(nodes, ({ shift }) => shift);
    this.nodeMask = maskOf(at(nodes, 0).bits);
    const roles = cpus.flatMap((cpu) => [placeOf(`cpus[${cpu}].role0`), placeOf(`cpus[${cpu}].role1`)]);
    this.roleWord = Int32Array.from(roles, ({ word }) => word);
    this.roleShift = Int32Array.from(roles, ({ shift }) => shift);
    this.roleBits = at(roles, 0).bits;
    this.roleMask = maskOf(this.roleBits);
  }

  /** Performs the next access of a CPU, and the following ones that need no interleaving. */
  step(cpu: number): boolean {
    const node = this.nodeOf(cpu);
    if (node === IDLE) {
      return false;
    }
    return this.accessAt(node) < 0 ? this.rules.step(this.state, cpu) : this.run(cpu, node);
  }

  /** Whether this object executes steps on the given state. */
  isOn({ memory }: PackedMemory<S>): boolean {
    return this.memory === memory;
  }

  /** Makes the recipe of the starts of an operation. */
  starts(all: readonly Start[]): (instance: number) => boolean {
    const indices = all.map(({ template, elements }) =>
      this.rules.startable.findIndex((each) => each.template === template && `${each.elements}` === `${elements}`),
    );
    return (instance) => {
      const { cpu, template, elements } = all[instance] as Start;
      return (
        this.nodeOf(cpu) === IDLE &&
        this.startable.has(indices[instance] as number) &&
        this.start(cpu, template, elements)
      );
    };
  }

  private start(cpu: number, template: number, elements: readonly number[]): boolean {
    const { rules, state } = this;
    const own = at(state.cpus, cpu);
    const node = rules.begin(state, own, template, elements);
    if (node === IDLE) {
      return false;
    }
    if (!rules.mergesStarts || this.accessAt(node) < 0) {
      rules.startFrom(state, cpu, own, node);
      return true;
    }
    this.findDataRaces(cpu, node);
    return this.run(cpu, node);
  }

  /**
   * Performs the access of a node, and the following ones that need no interleaving.
   *
   * @returns whether the access is enabled
   */
  private run(cpu: number, first: number): boolean {
    const { rules, memory } = this;
    let node = first;
    let isChanged = false;
    for (let isFirst = true; ; isFirst = false) {
      const access = this.accessAt(node);
      if (!isFirst) {
        if (!this.isMerged(node)) {
          break;
        }
        if (access < 0) {
          rules.performMerged(this.state, cpu, at(this.state.cpus, cpu), node, isChanged);
          return true;
        }
      }
      const changes = ((this.flags[node] as number) & Flag.changesObserved) !== 0;
      if (!isFirst && changes && rules.cpus > 1) {
        // As in RaceSteps: properties must see every value of an observed cell.
        if (isChanged || rules.hasObservers) {
          break;
        }
      }
      const role = this.roleOf[access] as number;
      const span = access * this.positions + (role === 0 ? 0 : this.roleValue(cpu, role - 1));
      const word = this.spanWord[span] as number;
      const shift = this.spanShift[span] as number;
      const mask = this.maskOf[access] as number;
      const above = this.rolesAbove[access] as number;
      let index = ((memory[word] as number) >>> shift) & mask;
      if (above !== 0) {
        index |= (this.roleValue(cpu, 0) | (this.roleValue(cpu, 1) << this.roleBits)) << above;
      }
      const place = (this.tableOf[access] as number) + index;
      let entry = this.table[place] as number;
      if (entry === UNKNOWN) {
        entry = this.computeEntry(cpu, access, place, word, shift);
      }
      if (entry === DISABLED) {
        if (isFirst) {
          return false;
        }
        break;
      }
      memory[word] = ((memory[word] as number) & ~(mask << shift)) | ((entry & BITS_MASK) << shift);
      rules.classes.step();
      const result = entry >>> MOST_BITS;
      let child = 0;
      if (result < (this.nextCount[node] as number)) {
        const edge = (this.nextFrom[node] as number) + result;
        child = this.next[edge] as number;
        if ((this.warning[edge] as number) !== 0) {
          rules.raise(this.warning[edge] as number);
        }
      }
      if (child === 0) {
        child = this.computeNext(node, access, result);
      }
      isChanged ||= changes;
      if (isFirst && changes && rules.hasObservers && this.observesAnywhere()) {
        rules.observe(this.state);
      }
      node = child;
    }
    rules.requireAssumptions();
    this.arrive(cpu, node);
    return true;
  }

  /** Sets the CPU to a node, or ends its operation. */
  private arrive(cpu: number, node: number): void {
    const { memory, rules, state } = this;
    const word = this.nodeWord[cpu] as number;
    const shift = this.nodeShift[cpu] as number;
    memory[word] = ((memory[word] as number) & ~(this.nodeMask << shift)) | (node << shift);
    if ((this.accessOf[node] as number) === ENDED) {
      rules.end(state, at(state.cpus, cpu));
    } else {
      this.findDataRaces(cpu, node);
    }
  }

  private findDataRaces(cpu: number, node: number): void {
    const { rules, state, flags } = this;
    const own = flags[node] as number;
    if ((own & Flag.memory) === 0) {
      return;
    }
    for (let other = 0; other < rules.cpus; other++) {
      const theirNode = this.nodeOf(other);
      if (other === cpu || theirNode === IDLE || this.accessAt(theirNode) === ENDED) {
        continue;
      }
      const theirs = this.flags[theirNode] as number;
      const both = own | theirs;
      if ((theirs & Flag.memory) !== 0 && (both & Flag.plain) !== 0 && (both & Flag.write) !== 0) {
        const sets = (this.conflictSet[node] as number) * this.mostSets + (this.conflictSet[theirNode] as number);
        if (this.conflicts[sets] === 1) {
          rules.checkDataRace(at(state.cpus, cpu), node, at(state.cpus, other));
        }
      }
    }
  }

  /** Whether an operation in progress observes a condition. */
  private observesAnywhere(): boolean {
    for (let cpu = 0; cpu < this.rules.cpus; cpu++) {
      const node = this.nodeOf(cpu);
      if (
        node !== IDLE &&
        this.accessAt(node) !== NOT_ANALYSED &&
        ((this.flags[node] as number) & Flag.observes) !== 0
      ) {
        return true;
      }
    }
    return false;
  }

  private nodeOf(cpu: number): number {
    return ((this.memory[this.nodeWord[cpu] as number] as number) >>> (this.nodeShift[cpu] as number)) & this.nodeMask;
  }

  /** Position plus one of the MM in a role; 0 for none. */
  private roleValue(cpu: number, role: number): number {
    const i = 2 * cpu + role;
    return ((this.memory[this.roleWord[i] as number] as number) >>> (this.roleShift[i] as number)) & this.roleMask;
  }

  /** The number of the next access of a node; negative for none. */
  private accessAt(node: number): number {
    const number = node < this.accessOf.length ? (this.accessOf[node] as number) : NOT_ANALYSED;
    return number === NOT_ANALYSED ? this.analyse(node) : number;
  }

  private isMerged(node: number): boolean {
    const cached = (this.flags[node] as number) & (Flag.merged | Flag.notMerged);
    if (cached === 0) {
      const merged = this.rules.isMerged(node);
      this.flags[node] = (this.flags[node] as number) | (merged ? Flag.merged : Flag.notMerged);
      return merged;
    }
    return cached === Flag.merged;
  }

  /** Performs an access and fills the table entry for the current values of its cells. */
  private computeEntry(cpu: number, number: number, place: number, word: number, shift: number): number {
    const { state, rules } = this;
    const { access, results, numbers } = this.accesses[number] as TabledAccess;
    const memory = this.checkedMemory.of(rules.memoryOf(state, at(state.cpus, cpu)), access);
    if (access.enabled !== undefined && !access.enabled(memory)) {
      this.table[place] = DISABLED;
      return DISABLED;
    }
    const value = access.perform(memory);
    let result = numbers.get(value);
    if (result === undefined) {
      result = results.push(value) - 1;
      numbers.set(value, result);
    }
    const bits = ((this.memory[word] as number) >>> shift) & (this.maskOf[number] as number);
    const entry = (result << MOST_BITS) | bits;
    this.table[place] = entry;
    return entry;
  }

  /** Finds the node after an access, and caches it. */
  private computeNext(node: number, access: number, result: number): number {
    const { trees, classes } = this.rules;
    const { results } = this.accesses[access] as TabledAccess;
    const edge = classes.edge(node, results[result] as number);
    const warning = trees.warningOf(edge);
    this.rules.raise(warning);
    const child = classes.reach(trees.childOf(edge));
    this.reserve(node, result);
    const index = (this.nextFrom[node] as number) + result;
    this.next[index] = child;
    this.warning[index] = warning;
    return child;
  }

  /** Reserves space for the successors of a node up to a result. */
  private reserve(node: number, result: number): void {
    const count = this.nextCount[node] as number;
    if (result < count) {
      return;
    }
    const more = Math.max(2 * count, result + 1);
    if (this.nextUsed + more > this.next.length) {
      this.next = longer(this.next, 2 * this.next.length + more);
      this.warning = longer(this.warning, this.next.length);
    }
    const from = this.nextFrom[node] as number;
    for (const values of [this.next, this.warning]) {
      values.copyWithin(this.nextUsed, from, from + count);
    }
    this.nextFrom[node] = this.nextUsed;
    this.nextCount[node] = more;
    this.nextUsed += more;
  }

  /** Computes the traits of a node. @returns the number of its access */
  private analyse(node: number): number {
    const { rules } = this;
    if (node >= this.accessOf.length) {
      const length = Math.max(1 << 8, 2 * node);
      const { length: before } = this.accessOf;
      this.accessOf = longer(this.accessOf, length).fill(NOT_ANALYSED, before);
      this.flags = longer(this.flags, length);
      this.nextFrom = longer(this.nextFrom, length);
      this.nextCount = longer(this.nextCount, length);
      this.conflictSet = longer(this.conflictSet, length);
    }
    const { access } = rules.trees.node(node);
    this.flags[node] = this.flagsOf(node, access);
    this.conflictSet[node] = access === undefined ? 0 : this.conflictSetOf(access);
    const number = access === undefined ? ENDED : (this.numberOf.get(access) ?? this.add(access));
    this.accessOf[node] = number;
    return number;
  }

  private flagsOf(node: number, access: Access | undefined): number {
    const { rules } = this;
    const observes = rules.observes(node) ? Flag.observes : 0;
    if (access === undefined) {
      return observes;
    }
    const conflicts = isMemoryAccess(access)
      ? Flag.memory | (access.marked ? 0 : Flag.plain) | (isWrite(access) ? Flag.write : 0)
      : 0;
    return observes | conflicts | (rules.changesObserved(access) ? Flag.changesObserved : 0);
  }

  /** Adds an access with a table. @returns its number */
  private add(access: Access): number {
    const { cells } = this.rules;
    const own = access.cells.map((cell) => at(cells.all, cell));
    const roles = [...new Set(own.map(({ role }) => role))];
    const [role = -1] = roles;
    const spans = roles.length > 1 ? undefined : this.spansOf(own, role);
    const dependsOnRoles = own.some(({ isElement }) => isElement);
    const [span] = spans ?? [];
    const bits = span?.bits ?? 0;
    const width = bits + (dependsOnRoles ? 2 * this.roleBits : 0);
    if (spans === undefined || width > MOST_BITS || this.tableUsed + (1 << width) > MOST_ENTRIES) {
      this.numberOf.set(access, NO_TABLE);
      return NO_TABLE;
    }
    const number = this.accesses.push({ access, results: [], numbers: new Map() }) - 1;
    this.numberOf.set(access, number);
    this.roleOf.push(role + 1);
    this.maskOf.push(maskOf(bits));
    this.rolesAbove.push(dependsOnRoles ? bits : 0);
    this.spanWord.push(...spans.map(({ word }) => word));
    this.spanShift.push(...spans.map(({ shift }) => shift));
    this.tableOf.push(this.tableUsed);
    this.tableUsed += 1 << width;
    if (this.tableUsed > this.table.length) {
      const { length: before } = this.table;
      this.table = longer(this.table, 2 * this.tableUsed).fill(UNKNOWN, before);
    }
    return number;
  }

  /**
   * Locations of cells: without an MM, then for each position of their MM; undefined unless each is within one word.
   */
  private spansOf(cells: readonly Cell[], role: number): Span[] | undefined {
    const nowhere: Span = { word: 0, shift: 0, bits: 0 };
    if (role < 0) {
      const span = this.spanOf(cells.map(({ path }) => path));
      return span && [span, ...Array.from({ length: this.positions - 1 }, () => nowhere)];
    }
    const spans = Array.from({ length: this.positions - 1 }, (_, position) =>
      this.spanOf(cells.map(({ path }) => path.replace(/\[\d+\]/, `[${position}]`))),
    );
    const isComplete = spans.every((span) => span !== undefined && span.bits === spans[0]?.bits);
    return isComplete ? [spans[0] as Span, ...(spans as Span[])] : undefined;
  }

  private spanOf(paths: readonly string[]): Span | undefined {
    const places = paths.map((path) => this.places.get(path));
    const existing = places.filter((place) => place !== undefined);
    if (existing.length < places.length || existing.some(({ word }) => word !== existing[0]?.word)) {
      return undefined;
    }
    const shift = Math.min(...existing.map((place) => place.shift));
    const end = Math.max(...existing.map((place) => place.shift + place.bits));
    return existing.length === 0
      ? { word: 0, shift: 0, bits: 0 }
      : { word: at(existing, 0).word, shift, bits: end - shift };
  }

  private conflictSetOf({ cells }: Access): number {
    const { cellClasses } = this.rules;
    const classes = [...new Set(cells.map((cell) => cellClasses[cell] as number))].sort((a, b) => a - b);
    const key = classes.join();
    let set = this.conflictSets.get(key);
    if (set === undefined) {
      set = this.classesOfSet.push(classes) - 1;
      this.conflictSets.set(key, set);
      this.addConflictsOf(set);
    }
    return set;
  }

  /** Records the sets with which a new set of classes has a class in common. */
  private addConflictsOf(set: number): void {
    const { classesOfSet } = this;
    if (set === this.mostSets) {
      const old = this.conflicts;
      const most = 2 * set;
      this.conflicts = new Uint8Array(most * most);
      for (let one = 0; one < set; one++) {
        this.conflicts.set(old.subarray(one * set, (one + 1) * set), one * most);
      }
      this.mostSets = most;
    }
    const classes = at(classesOfSet, set);
    for (const [other, theirs] of classesOfSet.entries()) {
      const isCommon = classes.some((each) => theirs.includes(each)) ? 1 : 0;
      this.conflicts[set * this.mostSets + other] = isCommon;
      this.conflicts[other * this.mostSets + set] = isCommon;
    }
  }
}

/** Memory for one access. It rejects cells that the access does not declare. */
class CheckedMemory implements Memory {
  private memory: Memory | undefined;
  private access: Access | undefined;

  of(memory: Memory, access: Access): this {
    this.memory = memory;
    this.access = access;
    return this;
  }

  read(cell: number): number {
    return this.for(cell).read(cell);
  }

  write(cell: number, value: number): void {
    this.for(cell).write(cell, value);
  }

  private for(cell: number): Memory {
    const { cells, text } = this.access as Access;
    if (!cells.includes(cell)) {
      throw new RangeError(`the access "${text}" touches cell ${cell}, which it does not declare`);
    }
    return this.memory as Memory;
  }
}

/** Mask of the lowest `bits` bits. */
function maskOf(bits: number): number {
  return (1 << bits) - 1;
}

function longer(values: Int32Array, length: number): Int32Array {
  const all = new Int32Array(length);
  all.set(values);
  return all;
}
