import { describe, expect, test } from "vitest";
import type { Access } from "../../races/access.ts";
import { AccessTrees } from "../../races/access-tree.ts";
import { NodeClasses } from "../../races/node-classes.ts";

const accesses = new Map<string, Access>();

function load(name: string): Access {
  const access = accesses.get(name) ?? {
    kind: "load",
    cells: [0],
    object: name,
    marked: true,
    order: "relaxed",
    text: `load ${name}`,
    perform: () => 0,
  };
  accesses.set(name, access);
  return access;
}

/** Follows values in the tree of one thread, like a search. */
class Follower {
  readonly trees: AccessTrees;
  readonly classes: NodeClasses;
  readonly warnings = { first: 0 };
  /** Texts of the accesses that the searches reached. */
  readonly reached: (string | undefined)[] = [];

  /** @param others further threads, by kind */
  constructor(run: (follower: Follower) => number, others: { readonly [kind: string]: typeof run } = {}) {
    const programs = Object.entries({ thread: run, ...others }).map(([name, each]) => ({
      name,
      kind: name.replace(/ .*/, ""),
      run: () => each(this),
    }));
    this.trees = new AccessTrees(programs, this.warnings, { callFrames: false, onNode: () => {} });
    this.classes = new NodeClasses(this.trees, true, ({ access }) => this.reached.push(access?.text));
  }

  load(name: string): number {
    return this.trees.access(load(name));
  }

  /** The class after a sequence of values. */
  after(...values: number[]): number {
    return this.of(0, values);
  }

  /** The class of a thread after a sequence of values. */
  of(program: number, values: readonly number[]): number {
    const { trees, classes } = this;
    return values.reduce(
      (node, value) => classes.reach(trees.childOf(classes.edge(node, value))),
      classes.reach(trees.root(program).child),
    );
  }
}

describe("node classes", () => {
  test("nodes are one class when every value leads them to one class", () => {
    const follower = new Follower((port) => {
      port.load("x");
      return port.load("y");
    });
    expect(follower.after(1, 5)).toBe(follower.after(2, 5));
    follower.classes.begin();
    expect(follower.after(1)).toBe(follower.after(2));
    expect(follower.after(1, 7)).toBe(follower.after(2, 7));
    expect(follower.classes.isBroken).toBe(false);
  });

  test("a new node joins a class with equal edges at once", () => {
    const follower = new Follower((port) => {
      port.load("x");
      return port.load("y");
    });
    follower.after(1, 5);
    expect(follower.after(2)).toBe(follower.after(1));
  });

  test("threads of one kind with equal futures share classes, threads of different kinds do not", () => {
    const tail = (name: string) => (port: Follower) => {
      port.load(name);
      return port.load("y");
    };
    const follower = new Follower(tail("x"), { "thread 2": tail("z"), other: tail("z") });
    const ends = [0, 1, 2].map((program) => follower.of(program, [1, 5]));
    expect(ends[1]).toBe(ends[0]);
    expect(ends[2]).not.toBe(ends[0]);
    follower.classes.begin();
    const [one, two, other] = [0, 1, 2].map((program) => follower.of(program, [1]));
    expect(two).toBe(one);
    expect(other).not.toBe(one);
    expect(follower.of(1, [])).not.toBe(follower.of(0, []));
  });

  test("nodes with different locks are different classes", () => {
    const locks = [0, 1].map((cell): Access => ({ ...load("x"), kind: "lock", cells: [cell], text: `lock ${cell}` }));
    const follower = new Follower((port) => {
      port.trees.access(locks[port.load("x")] as Access);
      return port.load("y");
    });
    follower.after(0, 0, 5);
    follower.after(1, 0, 5);
    follower.classes.begin();
    expect(follower.after(0, 0)).not.toBe(follower.after(1, 0));
  });

  test("nodes in different functions or with different accesses are different classes", () => {
    const follower = new Follower((port) => {
      const x = port.load("x");
      if (x === 1) {
        port.trees.enter("f");
      }
      return port.load(x === 2 ? "z" : "y") * 0;
    });
    for (const x of [0, 1, 2]) {
      follower.after(x, 5);
    }
    follower.classes.begin();
    expect(new Set([0, 1, 2].map((x) => follower.after(x))).size).toBe(3);
  });

  test("nodes are different classes when a value raises a warning after one of them only", () => {
    const follower = new Follower((port) => {
      const x = port.load("x");
      const y = port.load("y");
      port.warnings.first = x === 1 && y === 5 ? 42 : 0;
      return 0;
    });
    follower.after(1, 5);
    expect(follower.after(2)).not.toBe(follower.after(1));
    follower.after(2, 5);
    follower.classes.begin();
    expect(follower.after(1)).not.toBe(follower.after(2));
  });
});

describe("void searches", () => {
  const different = (): Follower =>
    new Follower((port) => {
      const x = port.load("x");
      const y = port.load("y");
      return y === 9 ? x : y;
    });

  test("a search is void when nodes disagree about a new value, and the next search separates them", () => {
    const follower = different();
    follower.after(1, 5);
    expect(follower.after(2)).toBe(follower.after(1));
    follower.after(2, 9);
    expect(follower.classes.isBroken).toBe(true);
    follower.classes.begin();
    expect(follower.classes.isBroken).toBe(false);
    expect(follower.after(2)).not.toBe(follower.after(1));
    expect(follower.trees.node(follower.after(2, 9)).result).toBe(2);
    expect(follower.classes.isBroken).toBe(false);
  });

  test("a search is void when a new value raises a warning at one of the nodes only", () => {
    const follower = new Follower((port) => {
      const x = port.load("x");
      port.warnings.first = port.load("y") === 9 && x === 1 ? 42 : 0;
      return 0;
    });
    follower.after(1, 5);
    expect(follower.after(2)).toBe(follower.after(1));
    follower.after(2, 9);
    expect(follower.classes.isBroken).toBe(true);
  });

  test("a search is void when nodes disagree about a later value", () => {
    const follower = new Follower((port) => {
      const x = port.load("x");
      const y = port.load("y");
      const z = port.load("z");
      return y === 9 && z === 9 ? x : z;
    });
    follower.after(1, 5, 5);
    follower.after(2, 5, 5);
    follower.after(2, 9, 5);
    expect(follower.classes.isBroken).toBe(false);
    follower.after(2, 9, 9);
    expect(follower.classes.isBroken).toBe(true);
  });

  test("a search is void when a thread throws at one of the nodes, and throws only if a CPU reaches it", () => {
    const follower = new Follower((port) => {
      const x = port.load("x");
      const y = port.load("y");
      if (x === 1 && y === 9) {
        throw new RangeError("no such page");
      }
      return y;
    });
    follower.after(1, 5);
    follower.after(2, 5);
    follower.after(2, 9);
    expect(follower.classes.isBroken).toBe(true);
    follower.classes.begin();
    expect(follower.trees.node(follower.after(2, 9)).result).toBe(9);
    expect(() => follower.after(1, 9)).toThrow("no such page");
  });
});

test("the callback is called for classes that a search reached, not for values tried at other members", () => {
  const follower = new Follower((port) => {
    const x = port.load("x");
    return port.load("y") === 9 && x === 1 ? port.load("z") : 0;
  });
  follower.after(2, 5);
  follower.after(1);
  follower.after(2, 9);
  expect(follower.trees.nodes.some((node) => node?.access?.text === "load z")).toBe(true);
  expect(follower.reached).not.toContain("load z");
});

test("a resumed search has the saved classes", () => {
  const make = (): Follower =>
    new Follower((port) => {
      port.load("x");
      return port.load("y");
    });
  const [before, after] = [make(), make()];
  before.after(1, 5);
  const merged = before.after(2);
  expect(after.trees.restore(before.trees.save())).toBe(true);
  after.classes.restore(JSON.parse(JSON.stringify(before.classes.save())));
  expect(after.reached).toEqual(before.reached);
  expect(after.after(2)).toBe(merged);
  expect(after.after(3)).toBe(before.after(3));
});
