/** Explores small C files of the project, compiled like those of a tree, by each available compiler. */

import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Action, action, type Model, noWarning } from "../../../explore/model/model.ts";
import { int, never, type StructField, struct } from "../../../explore/model/schema.ts";
import { searchRevised } from "../../../explore/search/revised.ts";
import { clangOnPath } from "../../../gate/compile/native-clang.ts";
import type { Compiler } from "../../../gate/image/build/compiler.ts";
import { BlockedOperations } from "../../../gate/image/machine/blocked-operations.ts";
import { REPORT_CODES } from "../../../gate/image/machine/image-claims.ts";
import { ImageContext, type ImageState } from "../../../gate/image/machine/image-context.ts";
import { ImageInstance } from "../../../gate/image/module/image-instance.ts";
import { compileImage, EXPLORED_LAYOUT, type ImageModule } from "../../../gate/image/module/image-module.ts";
import type { ImageWarning } from "../../../gate/image/module/image-report.ts";
import { configurationOf } from "../../../gate/unit/configurations.ts";
import { diagnosticText } from "../../../report/text/diagnostic.ts";
import { projectFolder } from "../../build-once.ts";
import "../../built-cli.ts";
import { COUNTER, counterHarness, counterTree } from "./counter-image.ts";

// The npm compiler's threads run built files.
const built = <T>(file: string): Promise<T> =>
  import(pathToFileURL(join(projectFolder, "dist/gate/image/build", file)).href) as Promise<T>;
const { buildImage } = await built<typeof import("../../../gate/image/build/build-image.ts")>("build-image.js");
const { clangChoice, openCompiler } =
  await built<typeof import("../../../gate/image/build/clang-choice.ts")>("clang-choice.js");

/** Results of a search with one operation in addition to `increase`. */
interface Explored {
  readonly outcome: string;
  readonly states: number;
  readonly transitions: number;
  /** Text of the first report, and the operations up to it. */
  readonly report?: string;
  readonly calls?: readonly string[];
  /** The reason why the search is incomplete. */
  readonly beyond?: string;
  /** Numbers of operations that would block, by action. */
  readonly blocked?: string;
}

function textOf(context: ImageContext, code: number): string {
  const warning = context.warning(code);
  return warning === undefined ? "" : diagnosticText(warning);
}

function explored(image: ImageModule, operation: string): Explored {
  const instance = new ImageInstance(image, { first: 0, pages: 0, hint: false });
  const blocked = new BlockedOperations();
  const records = { reports: [], differences: [], notices: new Map<string, ImageWarning>() };
  const context = new ImageContext(instance, records, blocked, undefined);
  const named = (name: string): Action<ImageState, ImageContext> =>
    action<ImageState, ImageContext, Record<never, never>>(name, {}, (state, own) =>
      own.take(state, name, { operation: name, parameters: [] }),
    );
  const model: Model<ImageState, ImageContext, ImageState> = {
    name: "counter",
    schema: struct({ memory: int(0, 1000, instance.state), ended: never() }) as StructField<ImageState>,
    context,
    actions: [named("increase"), named(operation)],
    view: (state) => state,
    properties: [noWarning({ id: "KERNEL", claim: "nothing is reported", source: "own C", codes: REPORT_CODES })],
    warnings: { log: context.log, data: (code) => context.warning(code) },
    onRepetition: (how) => {
      blocked.isRepetition = how !== undefined;
    },
  };
  const { result } = searchRevised(model, { symmetry: false });
  const { outcome, states, transitions, beyond, violations } = result;
  const [violation] = violations;
  return {
    outcome,
    states,
    transitions,
    ...(violation === undefined
      ? {}
      : {
          report: textOf(context, violation.warning ?? 0),
          calls: violation.path.steps.map((step) => model.actions[step.action]?.name ?? ""),
        }),
    ...(beyond === undefined ? {} : { beyond }),
    ...(blocked.notChecked[0]?.reason === undefined ? {} : { blocked: blocked.notChecked[0].reason }),
  };
}

/** Returns the line of a function in the C file. */
const lineOf = (name: string): number => COUNTER.split("\n").findIndex((line) => line.includes(` ${name}(void) {`)) + 1;

const UP = "increase";

const CASES: readonly (readonly [operation: string, expected: Partial<Explored>])[] = [
  ["check", { report: `WARN in check() at mm/memory.c:${lineOf("check")}`, calls: [UP, UP, UP, "check"] }],
  ["stop", { report: `BUG in stop() at mm/memory.c:${lineOf("stop")}`, calls: [UP, UP, "stop"] }],
  ["loop", { report: "it takes more than 1,000,000 iterations of loops", calls: [UP, UP, "loop"] }],
  ["null", { report: "something was written through a NULL pointer", calls: [UP, "null"] }],
  ["gap", { report: "something was written beyond the memory of the image", calls: [UP, UP, "gap"] }],
  ["outside", { report: "the code traps: memory access out of bounds", calls: [UP, UP, UP, "outside"] }],
  ["recurse", { report: "the calls nest too deeply", calls: [UP, UP, "recurse"] }],
  ["missing", { outcome: "incomplete", beyond: "not_defined() was reached, which the image does not have" }],
  ["sleep", { outcome: "exhausted", states: 4, blocked: "sleep 3" }],
];

const native = clangOnPath();

describe.each([
  ["a native clang 16 or later with wasm-ld, if there is one on the PATH", native?.clang],
  ["the npm clang", "npm"],
])("a counter in C, compiled by %s", (_, clang) => {
  let compiler: Compiler;
  let image: ImageModule;

  beforeAll(async () => {
    if (clang === undefined) {
      return;
    }
    compiler = await openCompiler(clangChoice(clang));
    const linked = await buildImage({
      tree: counterTree(),
      ownSources: counterHarness(),
      configuration: configurationOf("page-mapcount,32bit,mm-id"),
      compiler,
      layout: EXPLORED_LAYOUT,
    });
    image = await compileImage(linked);
  });

  afterAll(() => compiler?.close());

  test.skipIf(clang === undefined).each(CASES)("reports the violation that %s() causes", (operation, expected) => {
    expect(explored(image, operation)).toMatchObject(expected);
  });
});
