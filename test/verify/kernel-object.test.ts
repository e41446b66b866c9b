import { describe, expect, it } from "vitest";
import { DEFAULT_CONFIG, type Kernel, resolve, runRequest, v7_1 } from "../../index.ts";
import { parseConfig } from "../../model/kernel/config.ts";

const REQUEST = { machine: "owner-tracking", bounds: { pages: 4, mms: 3 } };

/** Kernel that reports every folio as exclusive. */
const mine: Kernel = { ...v7_1(DEFAULT_CONFIG), name: "mine", folioMaybeMappedShared: () => false };

describe("requests with a kernel object", () => {
  it("gives the same report for a kernel object as for the kernel's name", () => {
    const [byName, asObject] = ["v7.1", v7_1(DEFAULT_CONFIG)].map((kernel) => runRequest({ ...REQUEST, kernel }));
    expect(asObject).toEqual({
      ...byName,
      seconds: expect.any(Number),
      cpuSeconds: expect.any(Number),
      peakMemoryBytes: expect.any(Number),
      tableBytes: expect.any(Number),
    });
  });

  it("reports the violations of a kernel object under its name, with the trace", () => {
    const report = runRequest({ ...REQUEST, kernel: mine });
    expect([report.verdict, report.kernel]).toEqual(["violated", "mine"]);
    const violated = report.properties.filter(({ verdict }) => verdict === "violated");
    expect(violated.map(({ id, trace }) => [id, trace?.steps.length])).toEqual([["C1", 2]]);
  });

  it("compares a kernel object with another kernel in lockstep", () => {
    const report = runRequest({ ...REQUEST, kernel: "v7.1", against: mine });
    expect([report.verdict, report.against]).toEqual(["violated", "mine"]);
  });

  it("uses the configuration of the kernel object", () => {
    const { job } = resolve({ ...REQUEST, kernel: v7_1(parseConfig("32bit,mm-id-mapcount-max=3")) });
    expect(job.config).toBe("page-mapcount,32bit,mm-id,mm-id-mapcount-max=3");
  });
});
