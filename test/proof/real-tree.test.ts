/** With a kernel tree at hand, FOLIOCHECK_KERNEL_TREE: its C is proved, and with a fault in each branch refuted. */
import { describe, expect, test } from "vitest";
import { configurationOf } from "../../gate/unit/configurations.ts";
import { type Fault, faultyTree } from "./faulty-tree.ts";
import { failuresOf, provedTree, solver } from "./proved-trees.ts";

const TREE = process.env["FOLIOCHECK_KERNEL_TREE"] ?? "";
const RMAP = "include/linux/rmap.h";
const ADD = "folio_add_return_large_mapcount";
const SUB = "folio_sub_return_large_mapcount";
const SET = "folio_set_large_mapcount";

/** A fault, with the obligation that it refutes. */
interface RefutedFault extends Fault {
  readonly config?: string;
  readonly refuted: string;
}

const FAULTS: readonly RefutedFault[] = [
  { name: "a new folio counts one less", in: SET, pattern: /mapcount - 1\)/, to: "mapcount)", refuted: "set: sum" },
  { name: "the mapcount is not stored", in: ADD, pattern: /atomic_set\([^;]*;/, to: ";", refuted: "add: sum" },
  {
    name: "slot 0 takes a mapping too many",
    in: ADD,
    pattern: /\+= diff;/,
    nth: 0,
    to: "+= diff + 1;",
    refuted: "add: moves",
  },
  { name: "slot 1 does not count", in: ADD, pattern: /\[1\] \+= diff;/, to: "[1] += 0;", refuted: "add: moves" },
  {
    name: "slot 0 counts one more",
    in: ADD,
    pattern: /\[0\] = diff - 1;/,
    to: "[0] = diff;",
    refuted: "add: takes",
  },
  { name: "others are not seen", in: ADD, pattern: /!= diff - 1\)/, to: "== -7)", refuted: "add: whole" },
  {
    name: "two owners are not shared",
    in: ADD,
    pattern: /(\[1\] = diff - 1;[\s\S]*?)folio->_mm_ids \|= [^;]*;/,
    to: "$1;",
    refuted: "add: whole",
  },
  {
    name: "add keeps the lock",
    in: ADD,
    pattern: /folio_unlock_large_mapcount\(folio\);/,
    to: ";",
    refuted: "add: free",
  },
  { name: "slot 0 is not left", in: SUB, pattern: />= 0\)/, nth: 0, to: ">= -1)", refuted: "sub: free" },
  { name: "slot 1 is not left", in: SUB, pattern: />= 0\)/, nth: 1, to: ">= -1)", refuted: "sub: free" },
  {
    name: "slot 1 is not cleared",
    in: SUB,
    pattern: /folio_set_mm_id\(folio, 1, [^;]*;/,
    to: ";",
    refuted: "sub: free",
  },
  { name: "shared is never cleared", in: SUB, pattern: /folio->_mm_ids &= [^;]*;/, to: ";", refuted: "sub: whole" },
  {
    name: "shared is cleared at one mapping too many",
    in: SUB,
    pattern: /(\[0\] == )(\w+)/,
    to: "$1$2 - 1",
    refuted: "sub: whole",
  },
  {
    name: "sub returns what is stored",
    in: SUB,
    pattern: /return (\w+) \+ 1;/,
    to: "return $1;",
    refuted: "sub: result",
  },
  {
    name: "an overflow is not noticed",
    in: ADD,
    pattern: /< 0\)/,
    to: "< -40000)",
    config: "page-mapcount,32bit,mm-id",
    refuted: "add: free",
  },
];

describe.skipIf(TREE === "" || solver === undefined)("A kernel tree (FOLIOCHECK_KERNEL_TREE)", () => {
  test.each(["page-mapcount,64bit,mm-id", "page-mapcount,32bit,mm-id"])("is proved: %s", async (config) => {
    const result = await provedTree(TREE, configurationOf(config));
    expect(failuresOf(result)).toEqual({ refuted: [], unknown: [] });
    expect(result).toMatchObject({ verdict: "proved", invariant: "strong" });
  });

  test.each(FAULTS)("is refuted when $name", async (fault) => {
    const result = await provedTree(
      faultyTree(TREE, RMAP, fault),
      configurationOf(fault.config ?? "page-mapcount,64bit,mm-id"),
    );
    expect(result.verdict).toBe("refuted");
    expect(failuresOf(result).refuted).toContain(fault.refuted);
    expect(result.reachability?.kind).toBe("reached");
  });
});
