import { beforeAll, describe, expect, test } from "vitest";
import { type Coverage, coverageOf, type FileCoverage, hasLine, marksOf } from "../../../gate/image/module/coverage.ts";
import { withCoverageMarks } from "../../../gate/image/module/coverage-marks.ts";
import { enableMemory64, withoutTable64 } from "../../../gate/module/memory64.ts";
import { type WasmMemory, wasm } from "../../../gate/module/web-assembly.ts";
import { compiledText } from "./compiled-text.ts";
import { randomProgram } from "./random-program.ts";

/** Address of the marks, behind the stack and the data of the module. */
const MARKS = 100_000;

/** A module with coverage marks. */
interface Marked {
  /** Calls a function, and returns the coverage. An exception of `hit` ends the call. */
  readonly reachedBy: (name: string, hit: (line: number) => number) => Coverage;
}

async function marked(text: string, optimisation: string, is64Bit: boolean): Promise<Marked> {
  enableMemory64();
  const { bytes, map } = withCoverageMarks(await compiledText(text, optimisation, is64Bit), MARKS, (file) =>
    file.startsWith("mm/"),
  );
  let onHit: (line: number) => number = () => 0;
  const { exports } = new wasm.Instance(await wasm.compile(withoutTable64(bytes)), {
    env: { hit: (line) => onHit(line as number) },
  });
  const { buffer } = exports["memory"] as WasmMemory;
  const marks = new Uint8Array(buffer, MARKS, marksOf(map));
  return {
    reachedBy: (name, hit) => {
      marks.fill(0);
      onHit = hit;
      try {
        (exports[name] as () => void)();
      } catch (error) {
        if (error !== STOPPED) {
          throw error;
        }
      }
      return coverageOf(map, marks);
    },
  };
}

const STOPPED = new Error("stopped");

const fileIn = ({ files }: Coverage, name: string): FileCoverage =>
  files.find(({ file }) => file === name) ?? { file: name, code: [], reached: [] };

const linesIn = (ranges: FileCoverage["code"]): number[] =>
  ranges.flatMap(([first, last]) => Array.from({ length: last - first + 1 }, (_, i) => first + i));

const SMALL = `
#line 1 "ours/harness.h"
#define EXPORT(name) __attribute__((export_name(#name))) int name
int hit(int);
static int ours(void) { return hit(0); }
#line 1 "mm/small.h"
static inline int doubled(int x) {
  return hit(2) + 2 * x;
}
#line 1 "mm/small.c"
static int never(void) {
  return hit(2);
}
EXPORT(branches)(void) {
  if (hit(5))
    hit(6);
  else if (hit(7))
    return doubled(hit(8));
  ours();
  hit(10);
  for (int i = 0; i < hit(11); i++)
    hit(12);
  hit(13);
  while (1) {
    if (hit(15))
      never();
    break;
  }
  return 0;
}
int nobody_calls_this(int x) {
  return hit(22) + x;
}
`;

describe.each([
  ["-O0", false],
  ["-O2", true],
] as const)("at %s, with 64-bit addresses: %s", (optimisation, is64Bit) => {
  const random = randomProgram(25);
  let reachedBy: Marked["reachedBy"];

  beforeAll(async () => {
    ({ reachedBy } = await marked(SMALL + random.text, optimisation, is64Bit));
  });

  test("coverage contains exactly the lines and functions of the tree whose code ran", async () => {
    const answers = new Map<number, number>();
    const run = (stopAt = -1): Coverage =>
      reachedBy("branches", (line) => {
        if (line === stopAt) {
          throw STOPPED;
        }
        return answers.get(line) ?? 0;
      });
    const hits = [5, 6, 7, 8, 10, 11, 12, 13, 15];
    const hitsOf = (coverage: Coverage): number[] =>
      hits.filter((line) => hasLine(fileIn(coverage, "mm/small.c").reached, line));

    const plain = run();
    expect(plain.files.map(({ file }) => file)).toEqual(["mm/random.c", "mm/small.c", "mm/small.h"]);
    expect(linesIn(fileIn(plain, "mm/small.c").code)).toEqual(expect.arrayContaining([2, ...hits, 22]));
    expect(hitsOf(plain)).toEqual([5, 7, 10, 11, 13, 15]);
    expect(plain.functions).toEqual([{ name: "branches", file: "mm/small.c", line: 4 }]);
    expect(fileIn(plain, "mm/small.h")).toEqual({ file: "mm/small.h", code: expect.anything(), reached: [] });

    answers.set(7, 1);
    const doubled = run();
    expect(hitsOf(doubled)).toEqual([5, 7, 8]);
    expect(doubled.functions.map(({ name }) => name).sort()).toEqual(["branches", "doubled"]);
    expect(hasLine(fileIn(doubled, "mm/small.h").reached, 2)).toBe(true);
    expect(hitsOf(run(8))).toEqual([5, 7, 8]);
    expect(run(8).functions.map(({ name }) => name)).toEqual(["branches"]);

    answers.set(5, 1).set(15, 1);
    expect(hitsOf(run())).toEqual([5, 6, 10, 11, 13, 15]);
    expect(hitsOf(run(10))).toEqual([5, 6, 10]);
    expect(hasLine(fileIn(run(), "mm/small.c").reached, 2)).toBe(true);
    expect(
      run()
        .functions.map(({ name }) => name)
        .sort(),
    ).toEqual(["branches", "never"]);
    expect(linesIn(fileIn(run(), "mm/small.c").reached)).not.toContain(22);
  });

  test("in random programs, covered lines are a subset of those that ran, and all of them without optimisation", () => {
    let [reachedCount, missed] = [0, 0];
    for (let run = 0; run < 20; run++) {
      for (const name of random.functions) {
        let left = 4 + run * 5;
        let choice = run;
        const ran = new Set<number>();
        const { reached: ranges } = fileIn(
          reachedBy(name, (line) => {
            ran.add(line);
            left -= 1;
            if (left === 0) {
              throw STOPPED;
            }
            choice = (choice * 1_103_515_245 + 12_345 + line) & 0x7fff_ffff;
            return choice >> 16;
          }),
          "mm/random.c",
        );
        const lines = random.lines.filter((line) => hasLine(ranges, line));
        expect(lines.filter((line) => !ran.has(line))).toEqual([]);
        reachedCount += lines.length;
        missed += ran.size - lines.length;
      }
    }
    expect(reachedCount).toBeGreaterThan(1000);
    // Clang merges equal code of branches, and assigns it to no line.
    expect(missed).toBeLessThanOrEqual(optimisation === "-O0" ? 0 : reachedCount / 20);
  });
});
