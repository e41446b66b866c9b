/** `foliocheck repro` and `live` with traces of mm images, without a running kernel. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { storedTrace, storedTraceFile } from "../live/image/stored-traces.ts";
import { FAULTY, foliocheck, ownFolder } from "./command.ts";

const folder = ownFolder();
const file = storedTraceFile("copy-on-write-of-a-large-folio");

function written(name: string, content: object): string {
  writeFileSync(join(folder.path, name), JSON.stringify(content));
  return name;
}

describe("repro of a trace of an mm image", () => {
  test("repro prints a C program with the steps of a trace of an mm image", () => {
    const { code, out, err } = foliocheck(["repro", file]);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out).toContain('{ "write(mm: 0, fault: {page: 4, order: 2})", { FAULT_IN, 0, 4, 4, 33 }, true, {');
  });

  test("repro refuses a trace of an mm image with a step that user space cannot take, in one line", () => {
    const trace = storedTrace("copy-on-write-of-a-huge-page");
    const steps = [
      ...trace.steps.slice(0, 2),
      { ...trace.steps[2], action: "migrateBegin", parameters: { mm: 0, page: 0 } },
    ];
    const { code, out, err } = foliocheck(["repro", written("half.json", { ...trace, steps })], folder.path);
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toBe(
      "error: step 3, migrateBegin(mm: 0, page: 0), cannot be performed from user space: a migration does not stop half-way\n",
    );
  });

  test("repro refuses a trace of an mm image without the state that user space sees", () => {
    const { visible: _, ...trace } = storedTrace("copy-on-write-of-a-huge-page");
    const { code, err } = foliocheck(["repro", written("old.json", trace)], folder.path);
    expect(code).toBe(2);
    expect(err).toMatch(/^error: the trace does not contain the state that user space can see: .*\n$/);
  });

  test("repro refuses another kernel for a trace of an mm image, because the trace contains the expected states", () => {
    const { code, err } = foliocheck(["repro", file, "--variant", "v7.1"]);
    expect(code).toBe(2);
    expect(err).toMatch(/^error: a trace of an mm image contains the expected states: --variant .*\n$/);
  });

  test("repro refuses a damaged trace of an mm image", () => {
    const trace = {
      ...storedTrace("copy-on-write-of-a-huge-page"),
      visible: { processes: [[{ page: -1 }]], folios: [] },
    };
    const { code, err } = foliocheck(["repro", written("damaged.json", trace)], folder.path);
    expect(code).toBe(2);
    expect(err).toMatch(/^error: damaged.json is a damaged trace: visible\.processes/);
  });
});

test("replay refuses a trace of an mm image, and names the commands that take it", () => {
  const { code, err } = foliocheck(["replay", file]);
  expect(code).toBe(2);
  expect(err).toMatch(
    /^error: the trace is of whole files of a kernel tree, which are not in it: foliocheck image --tree TREE .* finds it again, and foliocheck live FILE takes its steps\n$/,
  );
});

describe("live with a trace", () => {
  test.each([
    [["--mms", "2"], "--mms"],
    [["--steps", "5"], "--steps"],
    [["--variant", "v7.1"], "--variant"],
  ])("live with a trace refuses %j", (options, named) => {
    const { code, err } = foliocheck(["live", file, ...options]);
    expect({ code, err }).toEqual({
      code: 2,
      err: `error: a trace determines the steps and the bounds: omit ${named}\n`,
    });
  });

  test("live refuses a trace of the model", () => {
    foliocheck([...FAULTY, "--trace-out", "model.json"], folder.path);
    const { code, err } = foliocheck(["live", "model.json"], folder.path);
    expect(code).toBe(2);
    expect(err).toBe(
      "error: live takes the steps of a trace of machine image, and model.json is one of owner-tracking: foliocheck repro makes a program of it\n",
    );
  });

  test("live refuses a trace file and a scope that do not exist", () => {
    expect(foliocheck(["live", "missing.json"], folder.path)).toMatchObject({
      code: 2,
      err: expect.stringMatching(/^error: cannot read missing\.json: /),
    });
    expect(foliocheck(["live", "missing"]).err).toMatch(/^error: unknown scope "missing"; want /);
  });
});
