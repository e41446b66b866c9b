/**
 * Access trees. A thread is a deterministic function of the values that its accesses returned: its position is the values
 * so far, and the access that comes next is found by running it once more from its start, with those values. What is
 * found is remembered, so that interleaving threads takes no thread code at all.
 *
 * Two positions are one node when everything that follows is the same for both. That is decided by what the thread can
 * still know: when a function returns, the values that it got are gone, but for its result (*call frames*). Every node
 * has one sequence of values that leads to it, which is what a later run starts from.
 */
import { type MachineError, notDeterministic } from "../explore/model/errors.ts";
import type { Access, Port } from "./access.ts";

/** A thread: an operation with its arguments. */
export interface Program {
  readonly name: string;
  /** Programs that end alike, with the same results, have the same. */
  readonly kind: string;
  /** Runs it. @returns its result, a 32-bit integer */
  readonly run: () => number;
}

/** Where threads leave warnings while they run. */
export interface ThreadWarnings {
  first: number;
}

/** Number of no node: the CPU executes nothing. */
export const IDLE = 0;

/** The nodes of all access trees of a machine. Numbers follow the order in which nodes were found. */
export interface Node {
  readonly program: number;
  /** The access that comes next; undefined where the thread has ended. */
  readonly access: Access | undefined;
  /** The thread's result, where it has ended. */
  readonly result: number;
  /** The functions that the thread is in, the outermost first. */
  readonly functions: readonly string[];
  /** Cells of the locks that the thread holds. */
  readonly locks: readonly number[];
  /** Node before it, on the sequence of values that leads to it; IDLE for the first. */
  readonly parent: number;
  /** Value that the access of the node before returned on that sequence. */
  readonly value: number;
  /** Call frames that are open. */
  readonly frame: Frame | undefined;
  /** Its identity. */
  readonly point: number;
}

/** A function that has not returned. */
interface Frame {
  /** The point where it began. */
  readonly entry: number;
  readonly name: string;
  readonly outer: Frame | undefined;
  /** How many frames it is in. A function and one that it calls first can begin at the same point. */
  readonly depth: number;
}

/** Target of an edge. */
export interface Edge {
  readonly child: number;
  /** Code of the first warning on the way to it; 0 for none. */
  readonly warning: number;
}

/** Options of the trees. */
export interface TreeOptions {
  /** Whether functions that have returned are forgotten but for their results. */
  readonly callFrames: boolean;
  /** Called with every node when it is found. */
  readonly onNode: (node: Node, index: number) => void;
}

const NO_EDGES: readonly number[] = [];

/** Thrown through a thread to stop it. */
const STOP = Object.freeze({ name: "the thread stops before its next access" });

/** The access trees of a machine's programs. It is the port that the threads call. */
export class AccessTrees implements Port {
  readonly nodes: (Node | undefined)[] = [undefined];
  private readonly programs: readonly Program[];
  private readonly warnings: ThreadWarnings;
  private readonly options: TreeOptions;
  private readonly beforeRun: () => void;
  /** Points by the point before and the event between. */
  private readonly points: Map<string, number> = new Map();
  private readonly nodeOfPoint: Map<number, number> = new Map();
  private readonly roots: (Edge | undefined)[];
  private readonly edges: EdgeTable = new EdgeTable();
  private readonly edgesByNode: number[][] = [];
  /** All edges, as they were found: node, value and child. Of a first node: IDLE, its program and itself. */
  private readonly found: number[] = [];

  // The run that is under way.
  private program = 0;
  private feed: number[] = [];
  /** The nodes whose accesses returned the values of the feed. */
  private path: Node[] = [];
  private position = 0;
  /** The node that it started from; undefined for the first run of a program. */
  private start: Node | undefined;
  private point = 0;
  private frame: Frame | undefined;
  private locks: readonly number[] = [];
  private next: Access | undefined;

  constructor(
    programs: readonly Program[],
    warnings: ThreadWarnings,
    options: TreeOptions,
    beforeRun: () => void = () => {},
  ) {
    this.programs = programs;
    this.warnings = warnings;
    this.options = options;
    this.beforeRun = beforeRun;
    this.roots = Array.from(programs, () => undefined);
  }

  node(index: number): Node {
    return this.nodes[index] as Node;
  }

  /** See Program. */
  kindOf({ program }: Node): string {
    return (this.programs[program] as Program).kind;
  }

  /** The first node of a program. */
  root(program: number): Edge {
    let root = this.roots[program];
    if (root === undefined) {
      root = this.explore(program, IDLE, 0);
      this.found.push(IDLE, program, root.child);
      this.roots[program] = root;
    }
    return root;
  }

  /**
   * Index of the edge that a value leads along, for `childOf` and `warningOf`. The thread is run when the edge is new.
   *
   * @param value what the access of the node returned
   * @throws MachineError (`not-deterministic`) when the thread, run once more, does not do what it did, or when what it
   *   does depends on more of a function that has returned than on its result
   */
  edge(node: number, value: number): number {
    const found = this.edges.find(node, value);
    return found >= 0 && this.childOf(found) !== IDLE ? found : this.addEdge(node, value);
  }

  /** The same for an edge that is known; −1 for one that is not. */
  knownEdge(node: number, value: number): number {
    return this.edges.find(node, value);
  }

  /** The known edges of a node, in the order in which they were found. */
  edgesOf(node: number): readonly number[] {
    return this.edgesByNode[node] ?? NO_EDGES;
  }

  /** Remembers that a thread throws after a value: an edge to IDLE. */
  addFailure(node: number, value: number): number {
    return this.keep(node, value, IDLE, 0);
  }

  valueOf(edge: number): number {
    return this.edges.value[edge] as number;
  }

  /** IDLE where the thread throws. */
  childOf(edge: number): number {
    return this.edges.child[edge] as number;
  }

  warningOf(edge: number): number {
    return this.edges.warning[edge] as number;
  }

  /** The edges in the order in which they were found, three numbers for each: see `found`. */
  save(): number[] {
    return this.found;
  }

  /** Finds edges in the order in which others were found. @returns false when they turn out to be others */
  restore(saved: readonly number[]): boolean {
    for (let i = 0; i < saved.length; i += 3) {
      const [node, value, child] = saved.slice(i, i + 3) as [number, number, number];
      if (node === IDLE ? this.root(value).child !== child : !this.isEdge(node, value, child)) {
        return false;
      }
    }
    return true;
  }

  private isEdge(node: number, value: number, child: number): boolean {
    return this.childOf(child === IDLE ? this.addFailure(node, value) : this.edge(node, value)) === child;
  }

  private addEdge(node: number, value: number): number {
    const { child, warning } = this.explore(this.node(node).program, node, value);
    return this.keep(node, value, child, warning);
  }

  private keep(node: number, value: number, child: number, warning: number): number {
    const edge = this.edges.add(node, value, child, warning);
    this.found.push(node, value, child);
    const all = this.edgesByNode[node];
    if (all === undefined) {
      this.edgesByNode[node] = [edge];
    } else {
      all.push(edge);
    }
    return edge;
  }

  /** Runs a thread up to the access after the one of `node`, which returns `value`; up to its first access for IDLE. */
  private explore(program: number, node: number, value: number): Edge {
    const { warnings } = this;
    const before = warnings.first;
    warnings.first = 0;
    this.program = program;
    this.setFeed(node, value);
    this.position = 0;
    this.frame = undefined;
    this.locks = [];
    this.next = undefined;
    this.point = this.intern(0, `program ${program}`);
    this.start = node === IDLE ? undefined : this.node(node);
    this.beforeRun();
    let result = 0;
    try {
      result = (this.programs[program] as Program).run();
      if (this.position < this.feed.length) {
        throw this.notDeterministic(`it ended before ${textOf(this.path[this.position]?.access)}`);
      }
    } catch (error) {
      if (error !== STOP) {
        throw error;
      }
    }
    const warning = warnings.first;
    warnings.first = before;
    return { child: this.nodeAt(program, node, value, result), warning };
  }

  /** Sets the values that lead from the start of a thread to `node`, and the one that its access returns. */
  private setFeed(node: number, value: number): void {
    const values: number[] = [];
    const path: Node[] = [];
    let last = value;
    for (let i = node; i !== IDLE; ) {
      const each = this.node(i);
      values.push(last);
      path.push(each);
      last = each.value;
      i = each.parent;
    }
    this.feed = values.reverse();
    this.path = path.reverse();
  }

  private notDeterministic(what: string): MachineError {
    return notDeterministic(
      `${this.programs[this.program]?.name}, run again with the same values, did not do what it had done: ${what}`,
      "a thread must depend on nothing but its arguments and the values that its accesses return (no clock, no random " +
        "numbers, no memory of its own)",
    );
  }

  private nodeAt(program: number, parent: number, value: number, result: number): number {
    const { next: access, locks, frame } = this;
    // Of a thread that has ended only its result matters.
    const point = access === undefined ? this.intern(0, `${program} ends ${result} ${locks.join()}`) : this.point;
    const known = this.nodeOfPoint.get(point);
    if (known !== undefined) {
      this.requireSame(this.node(known), access);
      return known;
    }
    const functions: string[] = [];
    for (let each = frame; each !== undefined; each = each.outer) {
      functions.unshift(each.name);
    }
    const node: Node = { program, access, result, functions, locks, parent, value, frame, point };
    const index = this.nodes.push(node) - 1;
    this.nodeOfPoint.set(point, index);
    this.options.onNode(node, index);
    return index;
  }

  /** The next access of a thread at a point must not depend on the path that led there. */
  private requireSame(known: Node, access: Access | undefined): void {
    if (!isSameAccess(known.access, access)) {
      throw notDeterministic(
        `${this.programs[this.program]?.name} does different things after calls with the same results: ` +
          `${textOf(known.access)}, and ${textOf(access)}`,
        "a function must influence its caller by nothing but its result",
      );
    }
  }

  private intern(point: number, event: string): number {
    const key = `${point} ${event}`;
    let known = this.points.get(key);
    if (known === undefined) {
      known = this.points.size + 1;
      this.points.set(key, known);
    }
    return known;
  }

  access(access: Access): number {
    const { feed, position } = this;
    if (position === feed.length) {
      this.next = access;
      throw STOP;
    }
    const before = (this.path[position] as Node).access;
    if (!isSameAccess(before, access)) {
      throw this.notDeterministic(`${textOf(before)} was ${textOf(access)}`);
    }
    const value = feed[position] as number;
    this.position = position + 1;
    if (this.isNew) {
      const { point, frame, locks } = this.start as Node;
      this.point = this.intern(point, String(value));
      this.frame = frame;
      this.locks = afterAccess(locks, access);
      this.warnings.first = 0;
    }
    return value;
  }

  enter(name: string): void {
    if (this.isNew) {
      const { point, frame } = this;
      this.frame = { entry: point, name, outer: frame, depth: 1 + (frame?.depth ?? 0) };
    }
  }

  leave(result: number | string): void {
    if (!this.isNew) {
      return;
    }
    const { entry, outer, depth } = this.frame as Frame;
    this.frame = outer;
    if (this.options.callFrames && this.point !== entry) {
      this.point = this.intern(entry, `${depth} returns ${result} ${this.locks.join()}`);
    }
  }

  /** Whether the run is beyond the values that lead to the node that it started from. */
  private get isNew(): boolean {
    return this.position === this.feed.length;
  }
}

/** Whether two accesses do the same. Threads may make them anew in each run. */
function isSameAccess(one: Access | undefined, other: Access | undefined): boolean {
  if (one === other) {
    return true;
  }
  return (
    one !== undefined &&
    other !== undefined &&
    one.kind === other.kind &&
    one.object === other.object &&
    one.text === other.text &&
    one.cells.length === other.cells.length &&
    one.cells.every((cell, i) => cell === other.cells[i])
  );
}

function textOf(access: Access | undefined): string {
  return access === undefined ? "its end" : `"${access.text}"`;
}

function afterAccess(locks: readonly number[], { kind, cells }: Access): readonly number[] {
  if (kind === "lock") {
    return [...locks, ...cells].sort((a, b) => a - b);
  }
  return kind === "unlock" ? locks.filter((each) => !cells.includes(each)) : locks;
}

/** Edges by node and value: open addressing, so that finding one allocates nothing. */
class EdgeTable {
  private slots: Int32Array = new Int32Array(1 << 12).fill(-1);
  private node: Int32Array = new Int32Array(1 << 11);
  value: Int32Array = new Int32Array(1 << 11);
  child: Int32Array = new Int32Array(1 << 11);
  warning: Int32Array = new Int32Array(1 << 11);
  private count = 0;

  find(node: number, value: number): number {
    const { slots } = this;
    const mask = slots.length - 1;
    for (let i = hash(node, value) & mask; ; i = (i + 1) & mask) {
      const edge = slots[i] as number;
      if (edge < 0 || (this.node[edge] === node && this.value[edge] === value)) {
        return edge;
      }
    }
  }

  add(node: number, value: number, child: number, warning: number): number {
    if (this.count === this.node.length) {
      this.grow();
    }
    const edge = this.count++;
    this.node[edge] = node;
    this.value[edge] = value;
    this.child[edge] = child;
    this.warning[edge] = warning;
    this.place(edge);
    return edge;
  }

  private place(edge: number): void {
    const { slots } = this;
    const mask = slots.length - 1;
    let i = hash(this.node[edge] as number, this.value[edge] as number) & mask;
    while ((slots[i] as number) >= 0) {
      i = (i + 1) & mask;
    }
    slots[i] = edge;
  }

  private grow(): void {
    const twice = (array: Int32Array): Int32Array => {
      const longer = new Int32Array(2 * array.length);
      longer.set(array);
      return longer;
    };
    this.node = twice(this.node);
    this.value = twice(this.value);
    this.child = twice(this.child);
    this.warning = twice(this.warning);
    this.slots = new Int32Array(2 * this.slots.length).fill(-1);
    for (let edge = 0; edge < this.count; edge++) {
      this.place(edge);
    }
  }
}

function hash(node: number, value: number): number {
  const mixed = Math.imul(Math.imul(node, 0x9e3779b1) ^ value, 0x85ebca6b);
  return mixed ^ (mixed >>> 15);
}
