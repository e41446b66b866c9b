import { describe, expect, test } from "vitest";
import { type CallLog, LOG_LENGTH, LogEntry, withCallLog } from "../../../gate/image/module/call-log.ts";
import { type CallTree, callTree, type FunctionCall, type LoggedTurn } from "../../../gate/image/module/call-tree.ts";
import { enableMemory64, withoutTable64 } from "../../../gate/module/memory64.ts";
import { type WasmGlobal, type WasmMemory, wasm } from "../../../gate/module/web-assembly.ts";
import { callLines } from "../../../report/trace/calls.ts";
import { imageCalls } from "../../../verify/job/image-calls.ts";
import { callTexts } from "../../report/call-trees.ts";
import { compiledText } from "./compiled-text.ts";

/** Address of the log, behind the stack and the data of the module. */
const LOG = 100_000;

const TEXT = `
int hit(int);
void stop(void);
#line 1 "ours/harness.h"
#define EXPORT(name) __attribute__((export_name(#name))) int name
static __attribute__((noinline)) int passes_on(int (*call)(int), int x) { return call(hit(x)); }
#line 1 "mm/small.h"
static inline __attribute__((always_inline)) int hidden(int x) { return hit(x) + 1; }
#line 1 "mm/small.c"
static __attribute__((noinline)) int leaf(int x) {
  return hit(x) & 1;
}
static inline __attribute__((always_inline)) int inner(int x) {
  return leaf(x) + hidden(x);
}
static inline __attribute__((always_inline)) int outer(int x) {
  int y = inner(x);
  return y + leaf(y) + hit(9);
}
static inline __attribute__((always_inline)) void last(int x) {
  while (leaf(x++));
}
static __attribute__((noinline)) int stops(int x) {
  if (hit(x))
    stop();
  return hit(x);
}
EXPORT(once)(int x) {
  return outer(x) + passes_on(leaf, x) + hidden(x);
}
EXPORT(branches)(int x) {
  if (hit(x))
    x = outer(x);
  else
    x = hit(x + 2) + leaf(x);
  return leaf(x) + hit(1);
}
EXPORT(loops)(int x) {
  int sum = 0;
  for (int i = 0; i < x; i++)
    sum += inner(hit(i));
  return sum + leaf(sum);
}
EXPORT(stopping)(int x) {
  return outer(x) + stops(x);
}
EXPORT(ends_inside)(int x) {
  if (hit(x) & 2)
    last(x);
  else
    hit(x + 2);
  return leaf(x);
}
`;

interface Logged {
  readonly ran: (name: string, x: number, hit?: number) => CallTree;
}

async function logged(optimisation: string, is64Bit: boolean, capacity: number): Promise<Logged> {
  enableMemory64();
  const { bytes, log } = withCallLog(await compiledText(TEXT, optimisation, is64Bit), LOG, capacity, ({ file }) =>
    file.endsWith("mm/small.c"),
  );
  let answer = 1;
  const stopped = new Error("stopped");
  const { exports } = new wasm.Instance(await wasm.compile(withoutTable64(bytes)), {
    env: {
      hit: () => answer,
      stop: () => {
        throw stopped;
      },
    },
  });
  const length = exports[LOG_LENGTH] as WasmGlobal;
  return {
    ran: (name, x, hit = 1) => {
      length.value = 0;
      answer = hit;
      try {
        (exports[name] as (x: number) => number)(x);
      } catch (error) {
        if (error !== stopped) {
          throw error;
        }
      }
      return callTree(log, (exports["memory"] as WasmMemory).buffer, Number(length.value));
    },
  };
}

/** Formats a call tree, such as `outer(inner(leaf) leaf)`. */
const shown = (calls: readonly FunctionCall[]): string =>
  calls
    .map(({ function: called, cpu, calls: inside, isContinued, isInterrupted, isStopped }) => {
      const below = shown(inside);
      const marks = `${isInterrupted ? "…" : ""}${isStopped ? "!" : ""}`;
      return `${isContinued ? "…" : ""}${called?.name ?? `CPU ${cpu}`}${marks}${below === "" ? "" : `(${below})`}`;
    })
    .join(" ");

describe.each([
  ["-O0", false],
  ["-O2", true],
] as const)("at %s, with 64-bit addresses: %s", (optimisation, is64Bit) => {
  test("logs functions below their callers, inlined or not, and leaves out functions that are not shown", async () => {
    const { ran } = await logged(optimisation, is64Bit, 1000);
    const tree = (name: string, x: number, hit?: number): string => shown(ran(name, x, hit).calls);
    expect(tree("once", 3)).toBe("once(outer(inner(leaf) leaf) leaf)");
    expect(tree("branches", 3, 1)).toBe("branches(outer(inner(leaf) leaf) leaf)");
    expect(tree("branches", 3, 0)).toBe("branches(leaf leaf)");
    expect(tree("loops", 2)).toBe("loops(inner(leaf) inner(leaf) leaf)");
    expect(tree("loops", 0)).toBe("loops(leaf)");
    expect(tree("ends_inside", 3, 2)).toBe("ends_inside(last(leaf) leaf)");
    expect(tree("ends_inside", 3, 4)).toBe("ends_inside(leaf)");
    expect(tree("stopping", 1)).toBe("stopping(outer(inner(leaf) leaf) stops!)");
    expect(tree("stopping", 1, 0)).toBe("stopping(outer(inner(leaf) leaf) stops)");
    expect(callTexts(imageCalls([ran("stopping", 1)]).calls)).toEqual([
      "C stopping() mm/small.c:35",
      "  C outer() mm/small.c:7",
      "    C inner() mm/small.c:4",
      "      C leaf() mm/small.c:1",
      "    C leaf() mm/small.c:1",
      "  C stops() mm/small.c:14 (stopped here)",
    ]);
  });
});

describe("Turns of CPUs", () => {
  const names = ["first", "locks", "second", "unlocks"];
  const log: CallLog = {
    address: 0,
    capacity: 100,
    scopes: names.map((name) => ({ function: { name, file: "mm/small.c", line: 1 }, parent: undefined })),
    loops: [],
  };
  const enter = (name: string): number => names.indexOf(name) * 4 + LogEntry.enter;
  const leave = LogEntry.leave;
  /** @param starts positions of the first entries of turns, of CPU 0 and CPU 1 in alternation */
  const treeOf = (entries: readonly number[], ...starts: readonly number[]): readonly FunctionCall[] => {
    const turns = starts.map((start, i): LoggedTurn => ({ cpu: i % 2, start: 4 * start }));
    const memory = Uint32Array.from(entries).buffer;
    return callTree(log, memory, 4 * entries.length, ...(turns.length === 0 ? [] : [turns])).calls;
  };

  test("an interrupted call is marked, and continued in the next turn of its CPU with its callers", () => {
    const entries = [enter("first"), enter("locks"), enter("second"), leave, leave, enter("unlocks"), leave, leave];
    const calls = treeOf(entries, 0, 2, 4);
    expect(shown(calls)).toBe("CPU 0(first(locks…)) CPU 1(second) …CPU 0(…first(…locks unlocks))");
    expect(shown(treeOf(entries))).toBe("first(locks(second) unlocks)");
    expect(callTexts(imageCalls([{ calls, isCut: false }]).calls)).toEqual([
      "CPU 0:",
      "  C first() mm/small.c:1",
      "    C locks() mm/small.c:1 (interrupted here)",
      "CPU 1:",
      "  C second() mm/small.c:1",
      "CPU 0 continues:",
      "  … C first()",
      "    … C locks()",
      "    C unlocks() mm/small.c:1",
    ]);
  });

  test("both CPUs can be in the middle of a call", () => {
    const entries = [enter("first"), enter("second"), enter("locks"), leave, leave, leave, enter("unlocks"), leave];
    expect(shown(treeOf(entries, 0, 1, 3, 4))).toBe(
      "CPU 0(first…) CPU 1(second(locks…)) …CPU 0(…first) …CPU 1(…second(…locks) unlocks)",
    );
  });

  test("where there is room for few lines only, those that lead to the border of a turn stay", () => {
    const inner = [
      enter("first"),
      enter("locks"),
      enter("locks"),
      enter("second"),
      enter("locks"),
      leave,
      leave,
      leave,
    ];
    const entries = [...inner, leave, enter("unlocks"), enter("unlocks"), leave, leave, leave];
    const calls = [imageCalls([{ calls: treeOf(entries, 0, 3, 7), isCut: false }])];
    expect(callLines(calls, { most: 12 }).map(({ depth, text }) => `${" ".repeat(depth)}${text}`)).toEqual([
      "CPU 0:",
      " C first() mm/small.c:1",
      "  C locks() mm/small.c:1",
      "   C locks() mm/small.c:1 (interrupted here)",
      "CPU 1:",
      " C second() mm/small.c:1",
      "CPU 0 continues:",
      " … C first()",
      "  … C locks()",
      "   … C locks()",
      "… and 3 calls more",
    ]);
  });

  test("an operation that a fault stops is the last one", () => {
    const entries = [enter("first"), enter("locks"), enter("second")];
    expect(shown(treeOf(entries, 0, 2))).toBe("CPU 0(first(locks…)) CPU 1(second!)");
  });
});

test("a full log is reported as cut, and contains the entries that fitted", async () => {
  const { ran } = await logged("-O2", false, 20);
  const { calls, isCut } = ran("loops", 100);
  expect(isCut).toBe(true);
  expect(shown(calls)).toMatch(/^loops!?\(inner/);
  expect(ran("once", 3).isCut).toBe(false);
});

test("of many calls of one operation, the first ones are reported, and the number of the others", () => {
  const leaf: FunctionCall = {
    function: { name: "leaf", file: "mm/small.c", line: 1 },
    calls: [],
    isContinued: false,
    isInterrupted: false,
    isStopped: false,
  };
  const reported = imageCalls([{ calls: Array.from({ length: 1500 }, () => leaf), isCut: true }]);
  expect(reported).toMatchObject({ leftOut: 1100, isCut: true });
  expect(reported.calls).toHaveLength(400);
  expect(callLines([reported]).map(({ text }) => text)).toEqual([
    "C leaf() mm/small.c:1 × 400",
    "… and 1,100 calls more",
    "… and calls that the log had no room for",
  ]);
});
