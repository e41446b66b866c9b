/** The rmap functions of a tree, executed with numbers. */
import type { ExecutedAccounting, NumberFolio } from "../accounting/executed-accounting.ts";
import { type HarnessCall, load, orderOf, runningModule, siteOf, storedIn } from "./compiled-functions.ts";
import type { ProofModule } from "./proof-module.ts";

/** Starts the module. Its calls throw CallStopped when they are stopped. */
export async function runningAccounting(module: ProofModule): Promise<ExecutedAccounting> {
  const running = await runningModule(module);
  const { call } = running;
  return {
    tracking: running,
    mostPages: call("pages_present"),
    run: (operation, before, page, diff, mmId) => {
      load(call, before, before.nrPages);
      loadAccounting(call, before);
      call(operation, page, diff, mmId);
      const warning = siteOf(module.unit, call("warning"));
      const others = call("others") !== 0;
      const { nrPages, pmdSized, shmem } = before;
      const after: NumberFolio = {
        ...storedIn(call),
        entireMapcount: call("entire_mapcount"),
        partiallyMapped: call("partially_mapped") !== 0,
        queued: call("queued") !== 0,
        statistics: {
          nrAnonMapped: call("nr_anon_mapped"),
          nrFileMapped: call("nr_file_mapped"),
          nrAnonThps: call("nr_anon_thps"),
          nrFilePmdmapped: call("nr_file_pmdmapped"),
        },
        nrPages,
        pmdSized,
        anon: call("anon") !== 0,
        swapcache: call("swapcache") !== 0,
        shmem,
      };
      return { after, changesOthers: others, warning };
    },
  };
}

function loadAccounting(call: HarnessCall, folio: NumberFolio): void {
  const { pmdSized, entireMapcount, anon, swapcache, shmem, partiallyMapped, queued, statistics } = folio;
  const order = orderOf(folio.nrPages);
  call(
    "load_accounting",
    order,
    pmdSized ? order : order + 1,
    entireMapcount,
    ...[anon, swapcache, shmem, partiallyMapped, queued].map(Number),
    statistics.nrAnonMapped,
    statistics.nrFileMapped,
    statistics.nrAnonThps,
    statistics.nrFilePmdmapped,
  );
}
