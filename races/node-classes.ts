/**
 * Classes of nodes from which everything that follows is the same: a search numbers classes instead of nodes, and a class by
 * its first node. Nodes of one class have the same next access in the same functions, hold the same locks, and every value
 * that was asked of one of them leads all of them to one class, with the same warning.
 *
 * When a search begins, classes are made of the edges that are known. Then a value that is new to a class is asked of all its
 * nodes: nodes that disagree void the search, and the next one begins with classes that tell them apart. A void search goes
 * on for a while, since it finds more that disagree. A search whose nodes could be merged much further ends too.
 */
import type { Access } from "./access.ts";
import { type AccessTrees, IDLE, type Node } from "./access-tree.ts";

/** Edges by which a search looks for the first time whether nodes can be merged; later ones are so many times as many. */
const FIRST_REVIEW = 1 << 12;
const NEXT_REVIEW = 4;

/** A search ends when its classes could be this much fewer. */
const WORTHWHILE = 0.9;

/** A partition of nodes. */
interface Partition {
  /** Of each node the first node of its class. */
  readonly first: number[];
  /** All nodes of the classes with more than one, by their first node. */
  readonly members: Map<number, number[]>;
}

/** For checkpoints. */
export interface SavedClasses {
  readonly members: readonly (readonly number[])[];
  /** By labels, in the order in which the search came to them. */
  readonly used: readonly (readonly number[])[];
  readonly met: readonly number[];
  readonly steps: number;
  readonly nextReview: number;
  readonly isBroken: boolean;
}

/** The classes of the nodes of access trees. Without classes, each node is one of its own. */
export class NodeClasses {
  /** Whether nodes disagree that the search took for the same: what it found is void. */
  isBroken = false;
  /** Whether the search is to end: it is void, or its nodes could be merged much further. */
  isOver = false;
  private readonly trees: AccessTrees;
  private readonly isOn: boolean;
  private readonly onUse: (node: Node) => void;
  private readonly labels: Labels;
  private first: number[] = [IDLE];
  private members: Map<number, number[]> = new Map();
  /** Classes that the search came to: 1, by first node. The class of such a node does not change any more. */
  private used: number[] = [];
  /** The same in the order in which the search came to them, by the labels of their nodes. */
  private byLabel: number[][] = [];
  /** First nodes of the classes that any search came to while it was not void. */
  private readonly met: Set<number> = new Set();
  private steps = 0;
  private nextReview = FIRST_REVIEW;

  /** @param onUse called with each node that is the first one of a class that a search comes to */
  constructor(trees: AccessTrees, isOn: boolean, onUse: (node: Node) => void) {
    this.trees = trees;
    this.labels = new Labels(trees);
    this.isOn = isOn;
    this.onUse = onUse;
  }

  /** Called before each search. */
  begin(): void {
    this.isBroken = false;
    this.isOver = false;
    this.used = [];
    this.byLabel = [];
    this.steps = 0;
    this.nextReview = FIRST_REVIEW;
    if (this.isOn) {
      const { first, members } = this.coarsest();
      this.first = first;
      this.members = members;
    }
  }

  /** The class of a node that the search comes to. */
  use(node: number): number {
    const known = this.classOf(node);
    if (this.isUsed(known)) {
      return known;
    }
    const found = this.isOn ? this.adopted(known) : known;
    if (!this.isUsed(found)) {
      this.enter(found);
      if (!this.isBroken && !this.met.has(found)) {
        this.meet(found);
      }
    }
    return found;
  }

  /**
   * Index of the edge of a class that a value leads along: that of its first node.
   *
   * @throws what the thread throws
   */
  edge(node: number, value: number): number {
    const { trees } = this;
    const known = trees.knownEdge(node, value);
    if (known >= 0 && trees.childOf(known) !== IDLE) {
      return known;
    }
    const members = this.members.get(node);
    return members === undefined || known >= 0 ? trees.edge(node, value) : this.askAll(members, value);
  }

  /** Counts a step of the search, and looks now and then whether its nodes can be merged. */
  step(): void {
    this.steps += 1;
    if (this.isOn && this.steps === this.nextReview) {
      this.nextReview *= NEXT_REVIEW;
      this.isOver = this.isBroken || this.canMergeFurther();
    }
  }

  /** What the search came to, and took for the same. */
  save(): SavedClasses {
    const { members, byLabel, met, steps, nextReview, isBroken } = this;
    return {
      members: [...members.values()],
      used: byLabel.filter((each) => each !== undefined),
      met: [...met],
      steps,
      nextReview,
      isBroken,
    };
  }

  /** Called when the edges that were known by then have been found again. */
  restore({ members, used, met, steps, nextReview, isBroken }: SavedClasses): void {
    this.first = [IDLE];
    this.members = new Map(members.map((all) => [all[0] as number, [...all]]));
    for (const all of members) {
      for (const node of all) {
        this.first[node] = all[0] as number;
      }
    }
    for (const node of used.flat()) {
      this.enter(node);
    }
    for (const node of met) {
      this.meet(node);
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
    for (let node = 0; node < this.used.length; node++) {
      if (this.isUsed(node)) {
        now += 1;
        then.add(first[node] as number);
      }
    }
    return then.size < WORTHWHILE * now;
  }

  /** Asks a value of all nodes of a class. */
  private askAll(members: readonly number[], value: number): number {
    const { trees } = this;
    const edges = members.map((member) => this.ask(member, value));
    const [edge] = edges as [number];
    if (edges.every((each) => trees.childOf(each) === IDLE)) {
      // The thread throws, whichever of them the search is at.
      return trees.edge(members[0] as number, value);
    }
    const isSameWarning = edges.every((each) => trees.warningOf(each) === trees.warningOf(edge));
    this.isBroken ||= !(isSameWarning && this.join(edges.map((each) => trees.childOf(each))));
    return edges.find((each) => trees.childOf(each) !== IDLE) as number;
  }

  /** The edge of one node. A thread that throws is remembered by an edge to IDLE: its node may be one that no CPU comes to. */
  private ask(node: number, value: number): number {
    const { trees } = this;
    try {
      return trees.edge(node, value);
    } catch {
      return trees.addFailure(node, value);
    }
  }

  /** Makes one class of nodes, where that is possible: those that the search did not come to yet join the others. */
  private join(nodes: readonly number[]): boolean {
    const classes = [...new Set(nodes.map((node) => this.classOf(node)))].sort((a, b) => a - b);
    if (classes.length === 1) {
      return true;
    }
    const isFree = (each: number): boolean =>
      !this.isUsed(each) && !this.members.has(each) && each !== IDLE && !this.hasEdges(each);
    const [target = classes[0] as number, another] = classes.filter((each) => !isFree(each));
    if (another !== undefined || target === IDLE) {
      return false;
    }
    return classes.every((each) => each === target || this.joinOne(each, target));
  }

  /** The class that a node joins which the search comes to; one of its own where none is like it. */
  private adopted(node: number): number {
    const isNew =
      this.trees.node(node).access !== undefined &&
      !this.members.has(node) &&
      !this.hasEdges(node) &&
      !this.isUsed(node);
    const target = isNew ? this.alike(node).find((each) => this.hasEdges(each) && this.joinOne(node, each)) : undefined;
    return target ?? node;
  }

  /** Classes that the search came to whose nodes look like a node. */
  private alike(node: number): number[] {
    const label = this.labels.of(this.trees.node(node));
    const all = this.byLabel[label] ?? [];
    this.byLabel[label] = all;
    return all;
  }

  private meet(node: number): void {
    this.met.add(node);
    this.onUse(this.trees.node(node));
  }

  private isUsed(node: number): boolean {
    return this.used[node] === 1;
  }

  private enter(node: number): void {
    if (!this.isUsed(node)) {
      this.used[node] = 1;
      if (this.isOn) {
        this.alike(node).push(node);
      }
    }
  }

  /** Puts a node in a class when all that is known of the class is so of the node. */
  private joinOne(node: number, target: number): boolean {
    const { trees, labels } = this;
    if (labels.of(trees.node(node)) !== labels.of(trees.node(target))) {
      return false;
    }
    for (const edge of trees.edgesOf(target)) {
      const own = this.ask(node, trees.valueOf(edge));
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

  /** The coarsest partition for the edges that are known: nodes are told apart by the values that were asked of them too. */
  private coarsest(): Partition {
    const { trees, labels } = this;
    const count = trees.nodes.length;
    const first: number[] = new Array(count).fill(-1);
    first[IDLE] = IDLE;
    const bySignature = new Map<string, number>();
    const least: number[] = [];
    const visit = (node: number): number => {
      const known = first[node] as number;
      if (known >= 0) {
        return known;
      }
      const edges = trees.edgesOf(node);
      const leads = edges.map(
        (edge) => [trees.valueOf(edge), visit(trees.childOf(edge)), trees.warningOf(edge)] as const,
      );
      const each = trees.node(node);
      // Nothing is known of a node that no edge leaves: it is one of its own.
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

/** Numbers of what nodes show of themselves. Nodes with different ones are never merged. */
class Labels {
  private readonly accesses: Map<Access, number> = new Map();
  private readonly numbers: Map<string, number> = new Map();
  private readonly known: Map<Node, number> = new Map();
  private readonly trees: AccessTrees;

  constructor(trees: AccessTrees) {
    this.trees = trees;
  }

  of(node: Node): number {
    let label = this.known.get(node);
    if (label === undefined) {
      const { access, result, functions, locks } = node;
      // An access is the same when it is the same object: what it performs cannot be compared.
      const key = `${this.trees.kindOf(node)} ${access === undefined ? "ends" : this.numberOf(access)} ${result} ${functions} ${locks}`;
      label = this.numbers.get(key) ?? this.numbers.size;
      this.numbers.set(key, label);
      this.known.set(node, label);
    }
    return label;
  }

  private numberOf(access: Access): number {
    const number = this.accesses.get(access) ?? this.accesses.size;
    this.accesses.set(access, number);
    return number;
  }
}
