/**
 * Classes of nodes with equal futures: states contain the number of a class, its first node, instead of a node. Nodes
 * of one class have the same next access in the same call stack, hold the same locks, and every value that was tried at
 * one of them leads all of them to one class, with the same warning.
 *
 * At the start of a search, classes are computed from the existing edges. A value that is new to a class is then tried
 * at all its nodes: a disagreement makes the search void, and the next search starts with classes that separate these
 * nodes. A void search continues for a while, because it finds further disagreements. A search whose nodes could be
 * merged much further ends too.
 */
import type { Access } from "./access.ts";
import { type AccessTrees, IDLE, type Node } from "./access-tree.ts";

/** Number of steps before the first check for further merging, and the factor between later ones. */
const FIRST_REVIEW = 1 << 12;
const NEXT_REVIEW = 4;

/** A search ends if the number of its classes could be reduced to this fraction. */
const WORTHWHILE = 0.9;

/** A partition of nodes. */
interface Partition {
  /** For each node, the first node of its class. */
  readonly first: number[];
  /** All nodes of each class with more than one, by its first node. */
  readonly members: Map<number, number[]>;
}

/** The form in checkpoints. */
export interface SavedClasses {
  readonly members: readonly (readonly number[])[];
  /** Classes that the search reached, in order, by label. */
  readonly used: readonly (readonly number[])[];
  /** Classes that any search reached. */
  readonly met: readonly number[];
  readonly steps: number;
  readonly nextReview: number;
  readonly isBroken: boolean;
}

/** The classes of the nodes of access trees. If disabled, each node is a separate class. */
export class NodeClasses {
  /** Whether nodes of one class turned out to disagree: the search is void. */
  isBroken = false;
  /** Whether the search must end: it is void, or its nodes could be merged much further. */
  isOver = false;
  private readonly trees: AccessTrees;
  private readonly isOn: boolean;
  private readonly onReached: (node: Node) => void;
  private readonly labels: Labels;
  private first: number[] = [IDLE];
  private members: Map<number, number[]> = new Map();
  /** By first node: 1 for classes that the search reached. Such a node's class is final. */
  private reached: number[] = [];
  /** The same in the order in which the search reached them, by label. */
  private byLabel: number[][] = [];
  /** First nodes of the classes that any search reached while it was not void. */
  private readonly everReached: Set<number> = new Set();
  private steps = 0;
  private nextReview = FIRST_REVIEW;

  /** @param onReached called with the first node of each class that a search reaches */
  constructor(trees: AccessTrees, isOn: boolean, onReached: (node: Node) => void) {
    this.trees = trees;
    this.labels = new Labels(trees);
    this.isOn = isOn;
    this.onReached = onReached;
  }

  /** Called before each search. */
  begin(): void {
    this.isBroken = false;
    this.isOver = false;
    this.reached = [];
    this.byLabel = [];
    this.steps = 0;
    this.nextReview = FIRST_REVIEW;
    if (this.isOn) {
      const { first, members } = this.coarsest();
      this.first = first;
      this.members = members;
    }
  }

  /** The class of a node that the search reaches. */
  reach(node: number): number {
    const current = this.classOf(node);
    if (this.isReached(current)) {
      return current;
    }
    const final = this.isOn ? this.joinExisting(current) : current;
    if (!this.isReached(final)) {
      this.markReached(final);
      if (!this.isBroken && !this.everReached.has(final)) {
        this.addEverReached(final);
      }
    }
    return final;
  }

  /**
   * Index of the edge of a class for a value: that of its first node.
   *
   * @throws the exception of the thread, if it throws
   */
  edge(node: number, value: number): number {
    const { trees } = this;
    const existing = trees.findEdge(node, value);
    if (existing >= 0 && trees.childOf(existing) !== IDLE) {
      return existing;
    }
    const members = this.members.get(node);
    return members === undefined || existing >= 0 ? trees.edge(node, value) : this.tryAll(members, value);
  }

  /** Counts a step of the search, and checks at intervals whether its nodes can be merged further. */
  step(): void {
    this.steps += 1;
    if (this.isOn && this.steps === this.nextReview) {
      this.nextReview *= NEXT_REVIEW;
      this.isOver = this.isBroken || this.canMergeFurther();
    }
  }

  /** Classes that the search uses and has reached. */
  save(): SavedClasses {
    const { members, byLabel, everReached, steps, nextReview, isBroken } = this;
    return {
      members: [...members.values()],
      used: byLabel.filter((each) => each !== undefined),
      met: [...everReached],
      steps,
      nextReview,
      isBroken,
    };
  }

  /** Restores saved classes. Called after the edges of that time have been recreated. */
  restore({ members, used, met, steps, nextReview, isBroken }: SavedClasses): void {
    this.first = [IDLE];
    this.members = new Map(members.map((all) => [all[0] as number, [...all]]));
    for (const all of members) {
      for (const node of all) {
        this.first[node] = all[0] as number;
      }
    }
    for (const node of used.flat()) {
      this.markReached(node);
    }
    for (const node of met) {
      this.addEverReached(node);
    }
    this.steps = steps;
    this.nextReview = nextReview;
    this.isBroken = isBroken;
  }

  private classOf(node: number): number {
    return this.isOn ? (this.first[node] ?? node) : node;
  }

  private canMergeFurther(): boolean {
    const { first } = this.coarsest();
    let now = 0;
    const then = new Set<number>();
    for (let node = 0; node < this.reached.length; node++) {
      if (this.isReached(node)) {
        now += 1;
        then.add(first[node] as number);
      }
    }
    return then.size < WORTHWHILE * now;
  }

  /** Tries a value at all nodes of a class. */
  private tryAll(members: readonly number[], value: number): number {
    const { trees } = this;
    const edges = members.map((member) => this.tryValue(member, value));
    const [edge] = edges as [number];
    if (edges.every((each) => trees.childOf(each) === IDLE)) {
      // The thread throws at each of them.
      return trees.edge(members[0] as number, value);
    }
    const isSameWarning = edges.every((each) => trees.warningOf(each) === trees.warningOf(edge));
    this.isBroken ||= !(isSameWarning && this.join(edges.map((each) => trees.childOf(each))));
    return edges.find((each) => trees.childOf(each) !== IDLE) as number;
  }

  /** The edge of one node. An exception is recorded as an edge to IDLE: a CPU need not ever reach this node. */
  private tryValue(node: number, value: number): number {
    const { trees } = this;
    try {
      return trees.edge(node, value);
    } catch {
      return trees.addFailure(node, value);
    }
  }

  /** Merges the classes of nodes, if possible: classes that the search has not reached join the others. */
  private join(nodes: readonly number[]): boolean {
    const classes = [...new Set(nodes.map((node) => this.classOf(node)))].sort((a, b) => a - b);
    if (classes.length === 1) {
      return true;
    }
    const isFree = (each: number): boolean =>
      !this.isReached(each) && !this.members.has(each) && each !== IDLE && !this.hasEdges(each);
    const [target = classes[0] as number, another] = classes.filter((each) => !isFree(each));
    if (another !== undefined || target === IDLE) {
      return false;
    }
    return classes.every((each) => each === target || this.joinOne(each, target));
  }

  /** Lets a node join an existing class, if it fits one. @returns its class */
  private joinExisting(node: number): number {
    const isNew =
      this.trees.node(node).access !== undefined &&
      !this.members.has(node) &&
      !this.hasEdges(node) &&
      !this.isReached(node);
    const target = isNew
      ? this.classesLike(node).find((each) => this.hasEdges(each) && this.joinOne(node, each))
      : undefined;
    return target ?? node;
  }

  /** Classes that the search reached whose nodes have the label of a node. */
  private classesLike(node: number): number[] {
    const label = this.labels.of(this.trees.node(node));
    const all = this.byLabel[label] ?? [];
    this.byLabel[label] = all;
    return all;
  }

  private addEverReached(node: number): void {
    this.everReached.add(node);
    this.onReached(this.trees.node(node));
  }

  private isReached(node: number): boolean {
    return this.reached[node] === 1;
  }

  private markReached(node: number): void {
    if (!this.isReached(node)) {
      this.reached[node] = 1;
      if (this.isOn) {
        this.classesLike(node).push(node);
      }
    }
  }

  /** Adds a node to a class, if it agrees with all edges of the class. */
  private joinOne(node: number, target: number): boolean {
    const { trees, labels } = this;
    if (labels.of(trees.node(node)) !== labels.of(trees.node(target))) {
      return false;
    }
    for (const edge of trees.edgesOf(target)) {
      const own = this.tryValue(node, trees.valueOf(edge));
      const isSame =
        trees.warningOf(own) === trees.warningOf(edge) && this.join([trees.childOf(own), trees.childOf(edge)]);
      if (!isSame) {
        return false;
      }
    }
    const members = this.members.get(target) ?? [target];
    members.push(node);
    this.members.set(target, members);
    this.first[node] = target;
    return true;
  }

  private hasEdges(node: number): boolean {
    return this.trees.edgesOf(node).length > 0;
  }

  /** The coarsest partition for the existing edges: nodes at which different values were tried are separated, too. */
  private coarsest(): Partition {
    const { trees, labels } = this;
    const count = trees.nodes.length;
    const first: number[] = new Array(count).fill(-1);
    first[IDLE] = IDLE;
    const bySignature = new Map<string, number>();
    const least: number[] = [];
    const visit = (node: number): number => {
      const assigned = first[node] as number;
      if (assigned >= 0) {
        return assigned;
      }
      const edges = trees.edgesOf(node);
      const leads = edges.map(
        (edge) => [trees.valueOf(edge), visit(trees.childOf(edge)), trees.warningOf(edge)] as const,
      );
      const each = trees.node(node);
      // Nothing is known about a node without edges: it is a separate class.
      const signature =
        each.access !== undefined && edges.length === 0
          ? `${node}`
          : `${labels.of(each)}: ${leads.sort(([a], [b]) => a - b).join(";")}`;
      const same = bySignature.get(signature) ?? node;
      bySignature.set(signature, same);
      first[node] = same;
      least[same] = Math.min(least[same] ?? node, node);
      return same;
    };
    for (let node = 1; node < count; node++) {
      visit(node);
    }
    const members = new Map<number, number[]>();
    for (let node = 1; node < count; node++) {
      const one = least[first[node] as number] as number;
      first[node] = one;
      const all = members.get(one);
      if (all === undefined) {
        members.set(one, [node]);
      } else {
        all.push(node);
      }
    }
    for (const [one, all] of members) {
      if (all.length === 1) {
        members.delete(one);
      }
    }
    return { first, members };
  }
}

/** Numbers the visible traits of nodes. Nodes with different labels are never merged. */
class Labels {
  private readonly accesses: Map<Access, number> = new Map();
  private readonly numbers: Map<string, number> = new Map();
  private readonly labels: Map<Node, number> = new Map();
  private readonly trees: AccessTrees;

  constructor(trees: AccessTrees) {
    this.trees = trees;
  }

  of(node: Node): number {
    let label = this.labels.get(node);
    if (label === undefined) {
      const { access, result, functions, locks } = node;
      // Accesses are compared by identity: their `perform` functions cannot be compared.
      const key = `${this.trees.kindOf(node)} ${access === undefined ? "ends" : this.numberOf(access)} ${result} ${functions} ${locks}`;
      label = this.numbers.get(key) ?? this.numbers.size;
      this.numbers.set(key, label);
      this.labels.set(node, label);
    }
    return label;
  }

  private numberOf(access: Access): number {
    const number = this.accesses.get(access) ?? this.accesses.size;
    this.accesses.set(access, number);
    return number;
  }
}
