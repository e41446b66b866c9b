/**
 * Values that the allocator and a folio split of a tree leave in private of struct pages (C22): its own functions,
 * compiled, on the machine `struct-pages`. A value that stays is a fault unless the kernel warns of it or refuses the pages.
 */
import { compile } from "../../explore/compile.ts";
import { type ActionCall, always, formatCall, type Property } from "../../explore/model.ts";
import { search } from "../../explore/search.ts";
import { callsOf } from "../../explore/trace.ts";
import { privateIsCleared, tailPrivateIsLeft } from "../../invariants/struct-pages.ts";
import type { Kernel } from "../../model/kernel/kernel.ts";
import { warningText } from "../../model/kernel/warnings.ts";
import { type StructPagesView, structPages } from "../../model/struct-pages.ts";
import type { Declaration } from "../source/declarations.ts";
import { wasm } from "../web-assembly.ts";
import type { BlockFunctions } from "./block-functions.ts";

/** A shortest way in which what an owner stored in private reaches the next one. */
export interface PrivateFault {
  readonly steps: readonly ActionCall[];
  readonly text: string;
  /** The function that leaves it. */
  readonly by: Declaration;
}

/** A question: which steps there are, and what must not happen. */
interface Question {
  readonly what: string;
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
    what: "private of a page, which comes back as a page of its own",
    property: privateIsCleared,
    has: (call) => !isCompound(call),
    by: "free",
  },
  {
    what: "private of a tail page, which comes back as a page of its own",
    property: tailIsCleared,
    has: (call) => !isCompound(call),
    by: "free",
  },
  {
    what: "private of a tail page, which becomes a folio",
    property: tailIsCleared,
    has: ({ action }) => action !== "freePage" && action !== "freeBlock",
    by: "split",
  },
];

type RunningFunctions = Extract<BlockFunctions, { kind: "running" }>;

/** Struct pages that the questions are asked of. */
const PAGES = 2;

/** The faults; or the reason why the search was stopped. */
type PrivateFaults =
  | { readonly kind: "explored"; readonly faults: readonly PrivateFault[] }
  | { readonly kind: "stopped"; readonly why: string };

/** Explores the machine with the functions of a tree: at most one fault for each question. */
export function privateFaults(functions: RunningFunctions, base: Kernel): PrivateFaults {
  try {
    const kernel = { ...base, ...functions.overrides };
    return { kind: "explored", faults: QUESTIONS.flatMap((question) => answer(question, kernel, functions)) };
  } catch (error) {
    if (error instanceof wasm.RuntimeError) {
      return { kind: "stopped", why: `a call was stopped: ${error.message}` };
    }
    throw error;
  }
}

function answer({ what, property, has, by }: Question, kernel: Kernel, functions: RunningFunctions): PrivateFault[] {
  const model = structPages({ pages: PAGES }, kernel, [property], warningText);
  const asked = {
    ...model,
    actions: model.actions.map((each) => ({
      ...each,
      choices: each.choices.filter((parameters) => has({ action: each.name, parameters })),
    })),
  };
  return search(compile(asked)).violations.map(({ path }) => {
    const steps = callsOf(asked, path);
    const name = functions[by].names[0];
    return {
      steps,
      text: `${steps.map(formatCall).join(", ")}: ${name}() leaves ${what}, and does not warn`,
      by: functions[by],
    };
  });
}
