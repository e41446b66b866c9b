/** Searches of the playground. */
import { describe, expect, test } from "vitest";
import { VARIANTS } from "../../model/kernels/index.ts";
import { runRequest } from "../../verify/run.ts";
import { ask, executed, found, progress, setting } from "./ask.ts";

describe("a search", () => {
  test("the counterexample to C1 is as short as that of the check, and its path replays", async () => {
    const where = setting("owner-tracking", "slot-1-without-shared");
    const result = await found(where, { kind: "claim", id: "C1" });
    const checked = runRequest({ machine: where.machine, kernel: where.kernel }).properties.find(
      ({ id }) => id === "C1",
    );
    expect(result).toMatchObject({ outcome: "found", path: ["map(0,1)", "map(1,1)"] });
    expect(checked?.trace?.steps).toHaveLength(2);
    const { kernels } = await executed({ ...where, path: result.outcome === "found" ? result.path : [] });
    expect(kernels[0].claims.find(({ id }) => id === "C1")?.value).toBe("violated");
  });

  const caught = VARIANTS.flatMap(({ name, caught: first, alsoCaught = [] }) =>
    [...(first === undefined ? [] : [first]), ...alsoCaught]
      .filter(({ machine, steps }) => machine !== "race" && steps !== undefined)
      .map((each) => ({ name, ...each })),
  );

  test.each(caught)(
    "the violation of $property by $name is found, in as few steps as the search of the suite",
    async ({ name, machine, bounds, config, property, steps }) => {
      const where = { machine, bounds, config, kernel: name };
      const result = await found(where, { kind: "claim", id: property });
      expect(result.outcome === "found" ? result.path.length : result.outcome).toBe(steps);
      const { kernels } = await executed({ ...where, path: result.outcome === "found" ? result.path : [] });
      expect(kernels[0].claims.find(({ id }) => id === property)?.value).toBe("violated");
    },
  );

  const races = VARIANTS.flatMap(({ name, caught: first, alsoCaught = [] }) =>
    [...(first === undefined ? [] : [first]), ...alsoCaught]
      .filter(({ machine }) => machine === "race")
      .map((each) => ({ name, ...each })),
  );

  test.each(races.filter((_, i) => i % 5 === 0))(
    "the race of $name that violates $property is found as a path of single accesses that ends with it",
    async ({ name, machine, bounds, config, calls, property }) => {
      const where = { machine, bounds, config, kernel: name, ...(calls === undefined ? {} : { calls }) };
      const result = await found(where, { kind: "claim", id: property });
      expect(result).toMatchObject({ outcome: "found", isShortest: false });
      const { kernels } = await executed({ ...where, path: result.outcome === "found" ? result.path : [] });
      expect(kernels[0].obstacle).toBeUndefined();
      expect(kernels[0].claims.find(({ id }) => id === property)?.value).toBe("violated");
    },
  );

  test("a witness that a kernel never reaches is absent from all states", async () => {
    const unreached = VARIANTS.find(
      (each) => each.caught?.steps === undefined && each.caught?.machine === "owner-tracking",
    );
    const { machine, bounds, config, property } = unreached?.caught ?? {};
    expect(machine).toBeDefined();
    const where = { machine: machine ?? "", bounds: bounds ?? {}, config: config ?? "", kernel: unreached?.name ?? "" };
    expect((await found(where, { kind: "claim", id: property ?? "" })).outcome).toBe("absent");
  });

  test("a witness is found, and reached by the path", async () => {
    const where = setting("owner-tracking");
    const result = await found(where, { kind: "claim", id: "W1" });
    const { kernels } = await executed({ ...where, path: result.outcome === "found" ? result.path : [] });
    expect(kernels[0].claims.find(({ id }) => id === "W1")?.value).toBe("reached");
  });

  test("a claim that holds is violated in none of all states", async () => {
    const result = await found(setting("owner-tracking"), { kind: "claim", id: "C1" });
    const { states } = runRequest({ machine: "owner-tracking" });
    expect(result).toEqual({ outcome: "absent", states });
  });

  test("a state with given values of fields is found by a shortest path", async () => {
    const condition = [
      { field: "mms[1].mapped", operator: "≥", value: 3 },
      { field: "folio.slots[*].mapcount", operator: "=", value: 0 },
    ] as const;
    const result = await found(setting("owner-tracking"), { kind: "condition", condition });
    expect(result.outcome === "found" ? result.path.length : result.outcome).toBe(2);
    const impossible = [{ field: "mms[*].mapped", operator: ">", value: 4 }] as const;
    const none = await found(setting("owner-tracking"), { kind: "condition", condition: impossible });
    expect(none.outcome).toBe("absent");
  });

  test("a search from the state after given steps continues them by a shortest path", async () => {
    const where = setting("owner-tracking", "slot-1-without-shared");
    const result = await found(where, { kind: "claim", id: "C1" }, ["map(2,2)", "unmap(2,1)"]);
    expect(result).toMatchObject({
      outcome: "found",
      path: ["map(2,2)", "unmap(2,1)", expect.stringMatching(/^map\(/)],
    });
    const { kernels } = await executed({ ...where, path: result.outcome === "found" ? result.path : [] });
    expect(kernels[0].claims.find(({ id }) => id === "C1")?.value).toBe("violated");
    const impossible = {
      kind: "find",
      setting: where,
      steps: ["unmap(2,1)"],
      wish: { kind: "claim", id: "C1" },
    } as const;
    expect(await ask(impossible)).toMatchObject({
      kind: "refused",
      message: "step 1 before the search is impossible: unmap(mm: 2, pages: 1) is not enabled",
    });
  });

  test("a search reports its progress", async () => {
    progress.length = 0;
    await found(setting("rmap"), { kind: "claim", id: "C1" });
    expect(progress.at(-1)?.states).toBeGreaterThan(0);
  });

  test("an unknown claim and a condition on an unknown field are refused", async () => {
    expect(
      await ask({ kind: "find", setting: setting("rmap"), steps: [], wish: { kind: "claim", id: "C99" } }),
    ).toMatchObject({
      kind: "refused",
      message: expect.stringContaining("has no claim C99 here; want "),
    });
    const condition = [{ field: "pid", operator: "=", value: 1 }] as const;
    expect(
      await ask({ kind: "find", setting: setting("rmap"), steps: [], wish: { kind: "condition", condition } }),
    ).toMatchObject({
      kind: "refused",
      message: expect.stringContaining('states have no field "pid"'),
    });
  });
});
