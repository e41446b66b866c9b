/** A small report of a gate. */
import {
  type GateFindingReport,
  type GateFunctionReport,
  type GateReport,
  REPORT_VERSION,
} from "../../verify/report/report.ts";
import { goodRun, rmapTrace } from "./fixtures.ts";

/** Report on a function that conforms in one configuration. @param more what differs */
export const functionReport = (more: Partial<GateFunctionReport>): GateFunctionReport => ({
  name: "folio_mapcount",
  config: "page-mapcount,64bit,mm-id",
  file: "include/linux/mm.h",
  line: 12,
  status: "unchanged",
  outcome: "conforms",
  compared: 7,
  states: 5,
  held: ["C1", "C2"],
  broken: [],
  ...more,
});

/** A new finding, with a trace. */
export const finding: GateFindingReport = {
  property: "CF.folio_mapcount",
  mode: "conformance",
  claim: "folio_mapcount() returns for every folio what the model returns",
  function: "folio_mapcount",
  verdict: "violated",
  cause: {
    kind: "query",
    function: { name: "folio_mapcount", place: { file: "include/linux/mm.h", line: 12 } },
    folio: 0,
    faults: [{ kind: "result", compiled: 1, model: 2 }],
  },
  signatures: ["CF.folio_mapcount: folio_mapcount query result too-little"],
  configs: ["page-mapcount,64bit,mm-id"],
  trace: rmapTrace,
};

/** Report of a gate with one finding and a missing function. */
export const report: GateReport = {
  format: "foliocheck-report",
  version: REPORT_VERSION,
  command: "gate",
  verdict: "violated",
  profile: "quick",
  tree: "linux",
  modelKernel: { name: "v7.1", sign: { file: "mm/memory.c", identifier: "folio_put_swap" } },
  reproduce: "foliocheck gate --tree linux",
  options: { tree: "linux", profile: "quick" },
  signatureVersion: 2,
  functions: [
    functionReport({ outcome: "differs", status: "changed" }),
    functionReport({ config: "page-mapcount,32bit,mm-id", held: ["C1", "C17"], broken: ["C2"] }),
    functionReport({
      name: "folio_add_file_rmap_pmd",
      line: 0,
      status: "missing",
      outcome: "missing",
      states: 0,
      compared: 0,
      held: [],
    }),
  ],
  claims: [{ id: "C1", claim: "No false exclusive", config: "page-mapcount,64bit,mm-id", verdict: "holds", states: 5 }],
  layout: [{ id: "C21", target: "x86-64", verdict: "holds", layouts: 9 }],
  findings: [finding],
  runs: [goodRun],
  states: 5,
  transitions: 6,
  seconds: 1,
  peakMemoryBytes: 1024,
  notChecked: [{ subject: "Concurrency" }],
};

/** The same with the finding accepted. */
export const acceptedOnly: GateReport = {
  ...report,
  verdict: "holds",
  findings: [{ ...finding, accepted: "it is latent" }],
};
