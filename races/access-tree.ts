/**
 * Access trees. A thread is a deterministic function of the values that its accesses returned: a position of the thread
 * is the sequence of these values, and its next access is found by running the thread once more from its start with
 * these values. Results are cached, so that interleaving threads executes no thread code.
 *
 * Two positions are one node if their futures are equal. The criterion is the information that the thread can still
 * have: when a function returns, the values that it read are lost, except through its result (*call frames*). Every
 * node has one sequence of values that leads to it; later runs use that one.
 */
import { type MachineError, notDeterministic } from "../explore/model/errors.ts";
import type { Access, Port } from "./access.ts";

/** A thread: an operation with its arguments. */
export interface Program {
  readonly name: string;
  /** Equal for programs whose ends have equal effects, given equal results. */
  readonly kind: string;
  /** Runs the thread. @returns its result, a 32-bit integer */
  readonly run: () => number;
}

/** Receives warnings of running threads. */
export interface ThreadWarnings {
  first: number;
}

/** The number that stands for no node: the CPU executes nothing. */
export const IDLE = 0;

/** A position in an access tree. Nodes are numbered in the order of their discovery. */
export interface Node {
  readonly program: number;
  /** The next access; undefined if the thread has ended. */
  readonly access: Access | undefined;
  /** The thread's result, if it has ended. */
  readonly result: number;
  /** The functions on the thread's call stack, the outermost first. */
  readonly functions: readonly string[];
  /** Cells of the locks that the thread holds. */
  readonly locks: readonly number[];
  /** The preceding node on the sequence of values that leads to it; IDLE for the first. */
  readonly parent: number;
  /** The value that the access of the preceding node returned on that sequence. */
  readonly value: number;
  /** The innermost open call frame. */
  readonly frame: Frame | undefined;
  /** Interned identity. */
  readonly point: number;
}

/** A function that has not returned. */
interface Frame {
  /** The point of its entry. */
  readonly entry: number;
  readonly name: string;
  readonly outer: Frame | undefined;
  /** Number of enclosing frames plus one. A function and its first callee can have the same entry. */
  readonly depth: number;
}

/** Target of an edge. */
export interface Edge {
  readonly child: number;
  /** Code of the first warning along the edge; 0 for none. */
  readonly warning: number;
}

/** Options of the trees. */
export interface TreeOptions {
  /** Whether values read by functions that have returned are forgotten, except through their results. */
  readonly callFrames: boolean;
  /** Called with every new node. */
  readonly onNode: (node: Node, index: number) => void;
}

const NO_EDGES: readonly number[] = [];

/** Thrown to stop a thread before its next access. */
const STOP = Object.freeze({ name: "the thread stops before its next access" });

/** The access trees of a machine's programs. It is also the port that the threads call. */
export class AccessTrees implements Port {
  readonly nodes: (Node | undefined)[] = [undefined];
  private readonly programs: readonly Program[];
  private readonly warnings: ThreadWarnings;
  private readonly options: TreeOptions;
  private readonly beforeRun: () => void;
  /** Points by the preceding point and the event between them. */
  private readonly points: Map<string, number> = new Map();
  private readonly nodeOfPoint: Map<number, number> = new Map();
  private readonly roots: (Edge | undefined)[];
  private readonly edges: EdgeTable = new EdgeTable();
  private readonly edgesByNode: number[][] = [];
  /**
   * All edges in order of discovery, three numbers each: node, value, child. For a root: IDLE, its program, the root.
   */
  private readonly edgeLog: number[] = [];

  // State of the current run.
  private program = 0;
  /** The values that its accesses return, up to the new one. */
  private inputs: number[] = [];
  /** The nodes whose accesses return the inputs. */
  private path: Node[] = [];
  private position = 0;
  /** The node before its new access; undefined for the first run of a program. */
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

  /** See Program.kind. */
  kindOf({ program }: Node): string {
    return (this.programs[program] as Program).kind;
  }

  /** The first node of a program. */
  root(program: number): Edge {
    let root = this.roots[program];
    if (root === undefined) {
      root = this.explore(program, IDLE, 0);
      this.edgeLog.push(IDLE, program, root.child);
      this.roots[program] = root;
    }
    return root;
  }

  /**
   * Index of the edge of a node for a value, for `childOf` and `warningOf`. Runs the thread if the edge is new.
   *
   * @param value result of the node's access
   * @throws MachineError (`not-deterministic`) if the thread behaves differently in another run, or if its behaviour
   *   depends on a function that has returned other than through its result
   */
  edge(node: number, value: number): number {
    const edge = this.edges.find(node, value);
    return edge >= 0 && this.childOf(edge) !== IDLE ? edge : this.addEdge(node, value);
  }

  /** Index of an existing edge; −1 if there is none. */
  findEdge(node: number, value: number): number {
    return this.edges.find(node, value);
  }

  /** The existing edges of a node, in order of discovery. */
  edgesOf(node: number): readonly number[] {
    return this.edgesByNode[node] ?? NO_EDGES;
  }

  /** Records that the thread throws after a value: an edge to IDLE. */
  addFailure(node: number, value: number): number {
    return this.insertEdge(node, value, IDLE, 0);
  }

  valueOf(edge: number): number {
    return this.edges.value[edge] as number;
  }

  /** Target of an edge; IDLE if the thread throws. */
  childOf(edge: number): number {
    return this.edges.child[edge] as number;
  }

  warningOf(edge: number): number {
    return this.edges.warning[edge] as number;
  }

  /** The edges in order of discovery: see `edgeLog`. */
  save(): number[] {
    return this.edgeLog;
  }

  /** Recreates saved edges in their order. @returns false if one leads to another node than before */
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
    return this.insertEdge(node, value, child, warning);
  }

  private insertEdge(node: number, value: number, child: number, warning: number): number {
    const edge = this.edges.add(node, value, child, warning);
    this.edgeLog.push(node, value, child);
    const all = this.edgesByNode[node];
    if (all === undefined) {
      this.edgesByNode[node] = [edge];
    } else {
      all.push(edge);
    }
    return edge;
  }

  /** Runs a thread up to the access after that of `node`, which returns `value`; for IDLE, up to its first access. */
  private explore(program: number, node: number, value: number): Edge {
    const { warnings } = this;
    const before = warnings.first;
    warnings.first = 0;
    this.program = program;
    this.setInputs(node, value);
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
      if (this.position < this.inputs.length) {
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

  /** Sets the inputs: the values that lead from the start of a thread to `node`, then `value` for its access. */
  private setInputs(node: number, value: number): void {
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
    this.inputs = values.reverse();
    this.path = path.reverse();
  }

  private notDeterministic(what: string): MachineError {
    return notDeterministic(
      `${this.programs[this.program]?.name}, run again with the same values, behaved differently: ${what}`,
      "a thread must depend on nothing but its arguments and the values that its accesses return (no clock, no random " +
        "numbers, no memory between runs)",
    );
  }

  private nodeAt(program: number, parent: number, value: number, result: number): number {
    const { next: access, locks, frame } = this;
    // After the end of a thread, only its result and locks are relevant.
    const point = access === undefined ? this.intern(0, `${program} ends ${result} ${locks.join()}`) : this.point;
    const existing = this.nodeOfPoint.get(point);
    if (existing !== undefined) {
      this.requireSame(this.node(existing), access);
      return existing;
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

  /** Requires that the next access of a thread at a point does not depend on the path to it. */
  private requireSame(existing: Node, access: Access | undefined): void {
    if (!isSameAccess(existing.access, access)) {
      throw notDeterministic(
        `${this.programs[this.program]?.name} behaves differently after calls with the same results: ` +
          `${textOf(existing.access)}, and ${textOf(access)}`,
        "a function may influence its caller by its result only",
      );
    }
  }

  private intern(point: number, event: string): number {
    const key = `${point} ${event}`;
    let number = this.points.get(key);
    if (number === undefined) {
      number = this.points.size + 1;
      this.points.set(key, number);
    }
    return number;
  }

  access(access: Access): number {
    const { inputs, position } = this;
    if (position === inputs.length) {
      this.next = access;
      throw STOP;
    }
    const before = (this.path[position] as Node).access;
    if (!isSameAccess(before, access)) {
      throw this.notDeterministic(`${textOf(before)} was ${textOf(access)}`);
    }
    const value = inputs[position] as number;
    this.position = position + 1;
    if (this.isPastInputs) {
      const { point, frame, locks } = this.start as Node;
      this.point = this.intern(point, String(value));
      this.frame = frame;
      this.locks = afterAccess(locks, access);
      this.warnings.first = 0;
    }
    return value;
  }

  enter(name: string): void {
    if (this.isPastInputs) {
      const { point, frame } = this;
      this.frame = { entry: point, name, outer: frame, depth: 1 + (frame?.depth ?? 0) };
    }
  }

  leave(result: number | string): void {
    if (!this.isPastInputs) {
      return;
    }
    const { entry, outer, depth } = this.frame as Frame;
    this.frame = outer;
    if (this.options.callFrames && this.point !== entry) {
      this.point = this.intern(entry, `${depth} returns ${result} ${this.locks.join()}`);
    }
  }

  /** Whether the run has consumed all inputs, that is, is beyond the node from which it was started. */
  private get isPastInputs(): boolean {
    return this.position === this.inputs.length;
  }
}

/** Whether two accesses are equal. Threads may create new access objects in each run. */
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

/** Edges by node and value: open addressing, so that lookups allocate nothing. */
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
    const doubled = (array: Int32Array): Int32Array => {
      const longer = new Int32Array(2 * array.length);
      longer.set(array);
      return longer;
    };
    this.node = doubled(this.node);
    this.value = doubled(this.value);
    this.child = doubled(this.child);
    this.warning = doubled(this.warning);
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
