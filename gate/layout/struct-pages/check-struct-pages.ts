/**
 * Checks the values that the allocator and a folio split leave in struct pages (C22), with the tree's compiled
 * functions. On machine `struct-pages`, a value that stays in `private` is a fault unless the kernel warns or rejects
 * the pages; on machine `bad-page`, a damaged struct page is.
 */

import { type ActionCall, always, type Property } from "../../../explore/model/model.ts";
import { compile } from "../../../explore/search/compile.ts";
import { search } from "../../../explore/search/search.ts";
import { callsOf } from "../../../explore/search/trace.ts";
import { privateIsCleared, tailPrivateIsLeft } from "../../../invariants/struct-pages.ts";
import { structPages } from "../../../machines/struct-pages.ts";
import type { StructPagesView } from "../../../model/environment/struct-pages.ts";
import type { Kernel } from "../../../model/kernel/kernel.ts";
import { wasm } from "../../module/web-assembly.ts";
import type { RunningFunctions } from "./block-functions.ts";
import { damageFaults } from "./damaged-pages.ts";
import type { LocatedStructPageFault } from "./struct-page-fault.ts";

/** A check: a property on machine `struct-pages`, restricted to some steps. */
interface Check {
  /** The page that `private` is left in, and what the page becomes. */
  readonly page: "page" | "tail page";
  readonly becomes: "page" | "folio";
  readonly property: Property<StructPagesView>;
  /** Whether a step is part of the check. */
  readonly includes: (call: ActionCall) => boolean;
  readonly by: "free" | "split";
}

const isCompound = ({ action, parameters }: ActionCall): boolean =>
  action === "allocBlock" && parameters["compound"] === true;

/** The negation of a witness: in the model, a value may stay as an exception; here it is a fault. */
const tailIsCleared: Property<StructPagesView> = always({
  id: "C22",
  claim: "A page that is no longer a tail page has no value in private from that time",
  source: tailPrivateIsLeft.source,
  holds: (view) => tailPrivateIsLeft.kind === "sometimes" && !tailPrivateIsLeft.reached(view),
});

const CHECKS: readonly Check[] = [
  {
    page: "page",
    becomes: "page",
    property: privateIsCleared,
    includes: (call) => !isCompound(call),
    by: "free",
  },
  {
    page: "tail page",
    becomes: "page",
    property: tailIsCleared,
    includes: (call) => !isCompound(call),
    by: "free",
  },
  {
    page: "tail page",
    becomes: "folio",
    property: tailIsCleared,
    includes: ({ action }) => action !== "freePage" && action !== "freeBlock",
    by: "split",
  },
];

/** Number of struct pages in the checks. */
const PAGES = 2;

/** The faults; or the reason why the search was stopped. */
type StructPageFaults =
  | { readonly kind: "explored"; readonly faults: readonly LocatedStructPageFault[] }
  | { readonly kind: "stopped"; readonly why: string };

/**
 * Explores the machines with the functions of a tree. There is at most one fault per check, and one per damage of a
 * page.
 */
export function structPageFaults(functions: RunningFunctions, base: Kernel): StructPageFaults {
  try {
    const kernel = { ...base, ...functions.overrides };
    const ofPrivate = CHECKS.flatMap((check) => faultsOf(check, kernel, functions));
    return { kind: "explored", faults: [...ofPrivate, ...damageFaults(functions, base)] };
  } catch (error) {
    if (error instanceof wasm.RuntimeError) {
      return { kind: "stopped", why: `a call was stopped: ${error.message}` };
    }
    throw error;
  }
}

function faultsOf(
  { page, becomes, property, includes, by }: Check,
  kernel: Kernel,
  functions: RunningFunctions,
): LocatedStructPageFault[] {
  const model = structPages({ pages: PAGES }, kernel, [property]);
  const restricted = {
    ...model,
    actions: model.actions.map((each) => ({
      ...each,
      choices: each.choices.filter((parameters) => includes({ action: each.name, parameters })),
    })),
  };
  return search(compile(restricted)).violations.map(({ path }) => {
    const steps = callsOf(restricted, path);
    const [name = ""] = functions[by].names;
    return { fault: { kind: "private-left", steps, function: name, page, becomes }, by: functions[by] };
  });
}
