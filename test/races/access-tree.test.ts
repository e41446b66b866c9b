import { describe, expect, test } from "vitest";
import type { Access } from "../../races/access.ts";
import { AccessTrees, IDLE, type Node } from "../../races/access-tree.ts";

function load(name: string): Access {
  return {
    kind: "load",
    cells: [0],
    object: name,
    marked: true,
    order: "relaxed",
    text: `load ${name}`,
    perform: () => 0,
  };
}

/** The trees of a single thread. */
function treesOf(run: (trees: AccessTrees) => number, callFrames: boolean = true): AccessTrees {
  const trees: AccessTrees = new AccessTrees(
    [{ name: "thread", kind: "thread", run: () => run(trees) }],
    { first: 0 },
    {
      callFrames,
      onNode: () => {},
    },
  );
  return trees;
}

/** The node after a sequence of values. */
function nodeAfter(trees: AccessTrees, ...values: number[]): number {
  return values.reduce((node, value) => trees.childOf(trees.edge(node, value)), trees.root(0).child);
}

const nextOf = (trees: AccessTrees, node: number): string | undefined => trees.node(node).access?.text;

describe("an access tree", () => {
  test("an access tree has a node for each sequence of values, with the next access or the result", () => {
    const trees = treesOf((port) => (port.access(load("x")) === 0 ? 7 : port.access(load("y"))));
    expect(nextOf(trees, nodeAfter(trees))).toBe("load x");
    expect(trees.node(nodeAfter(trees, 0))).toMatchObject({ access: undefined, result: 7 });
    expect(nextOf(trees, nodeAfter(trees, 1))).toBe("load y");
    expect(trees.node(nodeAfter(trees, 1, 5))).toMatchObject({ access: undefined, result: 5 });
  });

  test("an access tree runs the thread once for each new edge, and never for an existing one", () => {
    let runs = 0;
    const trees = treesOf((port) => {
      runs += 1;
      return port.access(load("x"));
    });
    nodeAfter(trees, 1);
    nodeAfter(trees, 1);
    expect(runs).toBe(2);
    nodeAfter(trees, 2);
    expect(runs).toBe(3);
  });

  test("an access tree has one node for all ends with equal results", () => {
    const trees = treesOf((port) => port.access(load("x")) & 1);
    expect(nodeAfter(trees, 1)).toBe(nodeAfter(trees, 3));
    expect(nodeAfter(trees, 1)).not.toBe(nodeAfter(trees, 2));
  });

  test("an edge stores the first warning that is raised along it", () => {
    const warnings = { first: 0 };
    const trees: AccessTrees = new AccessTrees(
      [
        {
          name: "thread",
          kind: "thread",
          run: () => {
            if (trees.access(load("x")) === 1) {
              warnings.first = 42;
            }
            return trees.access(load("y"));
          },
        },
      ],
      warnings,
      { callFrames: true, onNode: () => {} },
    );
    const root = trees.root(0);
    expect(root.warning).toBe(0);
    expect(trees.warningOf(trees.edge(root.child, 1))).toBe(42);
    expect(trees.warningOf(trees.edge(root.child, 0))).toBe(0);
    // The warning belongs to its edge only, not to later ones.
    const next = trees.childOf(trees.edge(root.child, 1));
    expect(trees.warningOf(trees.edge(next, 0))).toBe(0);
    expect(warnings.first).toBe(0);
  });

  test("a thread that ends where an earlier run made an access is refused", () => {
    let runs = 0;
    const trees = treesOf((port) => {
      runs += 1;
      return runs === 1 ? port.access(load("x")) : 0;
    });
    const { child } = trees.root(0);
    expect(() => trees.edge(child, 1)).toThrow('behaved differently: it ended before "load x"');
  });

  const y = load("y");
  test.each<[string, Access]>([
    ["kind", { ...y, kind: "store" }],
    ["cells", { ...y, cells: [1] }],
    ["number of cells", { ...y, cells: [0, 1] }],
    ["object", { ...y, object: "z" }],
    ["text, which names the value of a store", { ...y, text: "load y again" }],
  ])("a thread whose access has another %s in a later run is refused", (_, other) => {
    let runs = 0;
    const trees = treesOf((port) => {
      runs += 1;
      port.access(load("x"));
      port.access(runs > 3 ? other : { ...y });
      return port.access(load("z"));
    });
    // The first three runs discover the three accesses.
    const node = nodeAfter(trees, 0, 0);
    expect(() => trees.edge(node, 0)).toThrow(
      expect.objectContaining({ code: "not-deterministic", message: expect.stringContaining('"load y" was "') }),
    );
  });

  test("an exception of a thread is passed on", () => {
    const trees = treesOf(() => {
      throw new RangeError("no such page");
    });
    expect(() => trees.root(0)).toThrow("no such page");
  });

  test("no node has the number IDLE", () => {
    const trees = treesOf((port) => port.access(load("x")));
    expect(trees.root(0).child).not.toBe(IDLE);
  });
});

describe("a call frame", () => {
  /** Reads two values in a function that returns whether they are equal. */
  const comparing = (port: AccessTrees): number => {
    port.enter("areEqual");
    const areEqual = port.access(load("x")) === port.access(load("y")) ? 1 : 0;
    port.leave(areEqual);
    return 2 * port.access(load("z")) + areEqual;
  };

  test("values that a function read are forgotten when it returns, except through its result", () => {
    const trees = treesOf(comparing);
    expect(nodeAfter(trees, 1, 1)).toBe(nodeAfter(trees, 2, 2));
    expect(nodeAfter(trees, 1, 2)).toBe(nodeAfter(trees, 2, 1));
    expect(nodeAfter(trees, 1, 1)).not.toBe(nodeAfter(trees, 1, 2));
    expect(trees.node(nodeAfter(trees, 2, 2, 3))).toMatchObject({ result: 7 });
  });

  test.each([true, false])(
    "a thread that passes on more than results is refused, if values are forgotten: %s",
    (callFrames) => {
      const trees = treesOf((port) => {
        port.enter("f");
        const value = port.access(load("x"));
        port.leave(0);
        return port.access(load(value === 0 ? "y" : "z"));
      }, callFrames);
      nodeAfter(trees, 0);
      const other = (): number => nodeAfter(trees, 1);
      if (callFrames) {
        expect(other).toThrow('after calls with the same results: "load y", and "load z"');
      } else {
        expect(nextOf(trees, other())).toBe("load z");
      }
    },
  );

  test("values that a function read distinguish nodes while the function runs", () => {
    const trees = treesOf(comparing);
    expect(nodeAfter(trees, 1)).not.toBe(nodeAfter(trees, 2));
  });

  test("all sequences of values have different nodes when call frames are disabled", () => {
    const trees = treesOf(comparing, false);
    expect(nodeAfter(trees, 1, 1)).not.toBe(nodeAfter(trees, 2, 2));
  });

  test("a node lists the functions of the thread's call stack, the outermost first", () => {
    const functionsAt = (trees: AccessTrees, node: number): Node["functions"] => trees.node(node).functions;
    const trees = treesOf((port) => {
      port.enter("outer");
      port.enter("inner");
      port.access(load("x"));
      port.leave(0);
      port.access(load("y"));
      port.leave(0);
      return port.access(load("z"));
    });
    expect(functionsAt(trees, nodeAfter(trees))).toEqual(["outer", "inner"]);
    expect(functionsAt(trees, nodeAfter(trees, 0))).toEqual(["outer"]);
    expect(functionsAt(trees, nodeAfter(trees, 0, 0))).toEqual([]);
  });

  test("a function and its first callee have different nodes", () => {
    // Both begin at the same point and return the same value.
    const trees = treesOf((port) => {
      port.enter("outer");
      port.enter("inner");
      const inner = port.access(load("x")) > 1 ? 1 : 0;
      port.leave(inner);
      const outer = port.access(load("y")) > 1 ? 1 : 0;
      port.leave(outer);
      return port.access(load("z"));
    });
    expect(nextOf(trees, nodeAfter(trees, 0))).toBe("load y");
    expect(nextOf(trees, nodeAfter(trees, 0, 0))).toBe("load z");
    expect(nodeAfter(trees, 0)).not.toBe(nodeAfter(trees, 0, 0));
  });
});
