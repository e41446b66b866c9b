/** The C functions of a tree, executed with numbers. */
import { FUEL, withFuel } from "../../gate/module/fuel.ts";
import { enableMemory64, withoutTable64 } from "../../gate/module/memory64.ts";
import { type WasmGlobal, type WasmInstance, wasm } from "../../gate/module/web-assembly.ts";
import type { ExecutedFunctions, FailedAssertion } from "../executed-functions.ts";
import type { StoredFolio } from "../tracked-state.ts";
import type { AccountingChanger, AccountingReader } from "./accounting-harness.ts";
import { type Changer, exportedName, type Reader } from "./harness.ts";
import type { ProofModule } from "./proof-module.ts";

/** Calls a function of the harness. */
export type HarnessCall = (
  name: Reader | Changer | AccountingReader | AccountingChanger,
  ...parameters: readonly number[]
) => number;

/** A running module of a proof. */
export interface RunningModule extends ExecutedFunctions {
  readonly instance: WasmInstance;
  readonly call: HarnessCall;
}

/** A call that does not come back: it takes more than a million iterations, or leaves the memory. */
export class CallStopped extends Error {
  override readonly name = "CallStopped";
}

/** Starts the module. Its calls throw CallStopped when they are stopped. */
export async function runningModule({ bytes, unit }: ProofModule): Promise<RunningModule> {
  enableMemory64();
  const instance = new wasm.Instance(await wasm.compile(withFuel(withoutTable64(bytes))), {});
  const call: HarnessCall = (name, ...parameters) => {
    try {
      return (instance.exports[exportedName(name)] as (...numbers: readonly number[]) => number)(...parameters);
    } catch (error) {
      throw error instanceof wasm.RuntimeError || error instanceof RangeError
        ? new CallStopped(`a call of ${name} is stopped: ${stopText(instance, error)}`)
        : error;
    }
  };
  return {
    instance,
    call,
    limits: { slotMax: call("count_max"), idMax: call("id_max") },
    run: (operation, before, nrPages, diff, mmId) => {
      load(call, before, nrPages);
      const returned = call(operation, diff, diff, mmId);
      const site = call("warning");
      return {
        after: storedIn(call),
        result: operation === "set" ? undefined : returned,
        warning: siteOf(unit, site),
      };
    },
    verdict: (folio, nrPages) => {
      load(call, folio, nrPages);
      return call("verdict") !== 0;
    },
  };
}

/** Returns the order of a folio of `nrPages` pages. */
export function orderOf(nrPages: number): number {
  return 31 - Math.clz32(nrPages);
}

/** Writes the values of owner tracking to the folio. */
export function load(
  call: HarnessCall,
  { largeMapcount, slots: [slot0, slot1], shared, locked }: Stored,
  nrPages: number,
): void {
  const flags = [shared, locked].map(Number);
  call("load", orderOf(nrPages), largeMapcount, slot0.id, slot1.id, slot0.count, slot1.count, ...flags);
}

/** Reads the values of owner tracking. */
export function storedIn(call: HarnessCall): Stored {
  return {
    largeMapcount: call("large_mapcount"),
    slots: [
      { id: call("id_0"), count: call("count_0") },
      { id: call("id_1"), count: call("count_1") },
    ],
    shared: call("shared") !== 0,
    locked: call("locked") !== 0,
  };
}

function stopText({ exports }: WasmInstance, { message }: Error): string {
  const fuel = exports[FUEL] as WasmGlobal;
  return fuel.value === 0 ? "it takes more than a million iterations" : message;
}

type Stored = StoredFolio<boolean, number>;

/** A kernel assertion by its number. */
export function siteOf({ warnings }: ProofModule["unit"], id: number): FailedAssertion | undefined {
  const site = warnings.find((each) => each.id === id);
  return site && { kind: "site", file: site.file, line: site.line, condition: site.text };
}
