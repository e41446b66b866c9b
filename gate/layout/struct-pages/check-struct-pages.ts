/**
 * Values that the allocator and a folio split of a tree leave in struct pages (C22): its own functions, compiled. On machine
 * `struct-pages`, a value that stays in private is a fault unless the kernel warns of it or refuses the pages; on machine
 * `bad-page`, so is a damaged struct page.
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
import type { FoundStructPageFault } from "./struct-page-fault.ts";

/** A question: which steps there are, and what must not happen. */
interface Question {
  /** The page that private is left in, and what the page becomes. */
  readonly page: "page" | "tail page";
  readonly becomes: "page" | "folio";
  readonly property: Property<StructPagesView>;
  readonly has: (call: ActionCall) => boolean;
  readonly by: "free" | "split";
}

const isCompound = ({ action, parameters }: ActionCall): boolean =>
  action === "allocBlock" && parameters["compound"] === true;

/** That what is reachable in the model, as an exception, is not. */
const tailIsCleared: Property<StructPagesView> = always({
  id: "C22",
  claim: "A page of its own has no private from when it was a tail page",
  source: tailPrivateIsLeft.source,
  holds: (view) => tailPrivateIsLeft.kind === "sometimes" && !tailPrivateIsLeft.reached(view),
});

const QUESTIONS: readonly Question[] = [
  {
    page: "page",
    becomes: "page",
    property: privateIsCleared,
    has: (call) => !isCompound(call),
    by: "free",
  },
  {
    page: "tail page",
    becomes: "page",
    property: tailIsCleared,
    has: (call) => !isCompound(call),
    by: "free",
  },
  {
    page: "tail page",
    becomes: "folio",
    property: tailIsCleared,
    has: ({ action }) => action !== "freePage" && action !== "freeBlock",
    by: "split",
  },
];

/** Struct pages that the questions are asked of. */
const PAGES = 2;

/** The faults; or the reason why the search was stopped. */
type StructPageFaults =
  | { readonly kind: "explored"; readonly faults: readonly FoundStructPageFault[] }
  | { readonly kind: "stopped"; readonly why: string };

/** Explores the machines with the functions of a tree: at most one fault for each question, and one for each damage of a page. */
export function structPageFaults(functions: RunningFunctions, base: Kernel): StructPageFaults {
  try {
    const kernel = { ...base, ...functions.overrides };
    const ofPrivate = QUESTIONS.flatMap((question) => answer(question, kernel, functions));
    return { kind: "explored", faults: [...ofPrivate, ...damageFaults(functions, base)] };
  } catch (error) {
    if (error instanceof wasm.RuntimeError) {
      return { kind: "stopped", why: `a call was stopped: ${error.message}` };
    }
    throw error;
  }
}

function answer(
  { page, becomes, property, has, by }: Question,
  kernel: Kernel,
  functions: RunningFunctions,
): FoundStructPageFault[] {
  const model = structPages({ pages: PAGES }, kernel, [property]);
  const asked = {
    ...model,
    actions: model.actions.map((each) => ({
      ...each,
      choices: each.choices.filter((parameters) => has({ action: each.name, parameters })),
    })),
  };
  return search(compile(asked)).violations.map(({ path }) => {
    const steps = callsOf(asked, path);
    const [name = ""] = functions[by].names;
    return { fault: { kind: "private-left", steps, function: name, page, becomes }, by: functions[by] };
  });
}
