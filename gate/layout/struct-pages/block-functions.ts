/** The compiled allocator functions of a tree, which replace the model's. A block is a power-of-two number of pages. */
import { at } from "../../../explore/model/schema.ts";
import type { Kernel } from "../../../model/kernel/kernel.ts";
import { PagePrivate, type StructPage } from "../../../model/state/structs.ts";
import { CompileError } from "../../compile/clang.ts";
import { moduleOf } from "../../compile/compile.ts";
import { NPM_UNITS, type UnitCompiler } from "../../compile/unit-compiler.ts";
import { enableMemory64 } from "../../module/memory64.ts";
import { type WasmMemory, type WasmModule, wasm } from "../../module/web-assembly.ts";
import type { CParser } from "../../tree/c-parser.ts";
import type { Declaration } from "../../tree/declarations.ts";
import { optionsOf } from "../../tree/kernel-options.ts";
import { KernelSources, type ParsedFiles } from "../../tree/kernel-sources.ts";
import type { KernelTree } from "../../tree/kernel-tree.ts";
import type { LineSet } from "../../tree/line-set.ts";
import { ALLOCATOR } from "../../unit/stubs.ts";
import { treeCalls } from "../../unit/tree-calls.ts";
import { stubsOf, unitOf } from "../../unit/unit-parts.ts";
import { allocatorHarness, BlockBuffer } from "./harness.ts";

/**
 * Runs a function on a block with one damaged struct page.
 *
 * @param damage a value of PageDamage
 * @param page the damaged page, from 0
 * @returns whether the function warns or rejects the block
 */
type OnDamaged = (order: number, damage: number, page: number) => boolean;

/** The running functions, or the reason why there are none. */
export type BlockFunctions = RunningFunctions | { readonly kind: "unknown"; readonly why: string };

/** The functions in a running module. */
export interface RunningFunctions {
  readonly kind: "running";
  readonly overrides: Pick<Kernel, "postAllocHook" | "prepCompoundPage" | "resetFreedPages" | "splitFolioPrivate">;
  readonly freeDamaged: OnDamaged;
  readonly splitDamaged: OnDamaged;
  /** The functions that free pages and split a folio. */
  readonly free: Declaration;
  readonly split: Declaration;
  readonly lines: LineSet;
}

const PAGE_ALLOC = "mm/page_alloc.c";

/** Names of the function that checks freed pages, the newest first. */
const FREE = ["__free_pages_prepare", "free_pages_prepare"];
const OTHERS = [
  { name: "post_alloc_hook", file: PAGE_ALLOC },
  { name: "prep_compound_page", file: PAGE_ALLOC },
  { name: "__split_folio_to_order", file: "mm/huge_memory.c" },
];

/**
 * Compiles the functions of a tree.
 *
 * @param cacheFolder folder of the cache of compiled modules; undefined for none
 */
export async function blockFunctions(
  tree: KernelTree,
  is64Bit: boolean,
  parser: CParser,
  parsed: ParsedFiles,
  cacheFolder: string | undefined,
  compiler: UnitCompiler = NPM_UNITS,
): Promise<BlockFunctions> {
  const configuration = { pageMapcount: true, is64Bit, mmId: true };
  const options = optionsOf(configuration);
  const sources = new KernelSources(tree, options, parsed);
  const freeName = FREE.find((name) => sources.definition(name)?.kind === "function");
  const absent = OTHERS.filter(({ name }) => sources.definition(name)?.kind !== "function").map(({ name }) => name);
  if (freeName === undefined || absent.length > 0) {
    const names = [...(freeName === undefined ? ["free_pages_prepare"] : []), ...absent];
    return { kind: "unknown", why: `the tree has no ${names.join("(), ")}()` };
  }
  const functions = [{ name: freeName, file: PAGE_ALLOC }, ...OTHERS];
  const parts = unitOf(options, sources, stubsOf(parser, options, ALLOCATOR), {
    functions,
    names: ["struct page", "struct folio", "PG_locked"],
  });
  const [missing] = parts.missing;
  if (missing !== undefined) {
    return {
      kind: "unknown",
      why: `${missing.name}, which ${missing.neededBy}() uses (${missing.place}), is not defined`,
    };
  }
  const find = (name: string): Declaration => parts.functions.find(({ names }) => names.includes(name)) as Declaration;
  const free = find(freeName);
  const harness = allocatorHarness({ free: { name: freeName, parameters: parametersOf(free) } });
  const text = [parts.source, treeCalls(parts.functions), harness].join("\n");
  enableMemory64();
  try {
    const { module } = await moduleOf({ text, configuration, instrumented: false }, cacheFolder, compiler);
    const split = find("__split_folio_to_order");
    return { kind: "running", ...runningIn(module), free, split, lines: parts.lines };
  } catch (error) {
    if (error instanceof CompileError) {
      return { kind: "unknown", why: error.message };
    }
    throw error;
  }
}

function parametersOf({ head }: Declaration): number {
  return head.slice(head.indexOf("(")).split(",").length;
}

type Operation = (order: number, compound: number) => void;

function runningIn(module: WasmModule): Pick<RunningFunctions, "overrides" | "freeDamaged" | "splitDamaged"> {
  const { exports } = new wasm.Instance(module, {});
  const operation = (name: string): Operation => exports[name] as Operation;
  const address = (exports["buffer_address"] as () => number)();
  const exchange = new Int32Array((exports["memory"] as WasmMemory).buffer, address, BlockBuffer.size);
  const call = (run: Operation, pages: readonly StructPage[], compound: boolean): void => {
    pages.forEach((page, i) => {
      exchange[BlockBuffer.private + i] = page.private === PagePrivate.none ? 0 : 1;
      exchange[BlockBuffer.mapcount + i] = at(page.pages, 0).mapcount;
    });
    run(31 - Math.clz32(pages.length), compound ? 1 : 0);
    // Pages that the kernel warns of or rejects do not reach a next user silently.
    const reported = exchange[BlockBuffer.reported] !== 0;
    pages.forEach((page, i) => {
      if (reported || exchange[BlockBuffer.private + i] === 0) {
        page.private = PagePrivate.none;
      }
      at(page.pages, 0).mapcount = exchange[BlockBuffer.mapcount + i] as number;
    });
  };
  const [alloc, makeCompound, free, split] = ["alloc", "make_compound", "free", "split"].map(operation) as [
    Operation,
    Operation,
    Operation,
    Operation,
  ];
  const onDamaged =
    (name: string): OnDamaged =>
    (order, damage, page) => {
      try {
        return (exports[name] as (...parameters: number[]) => number)(order, damage, page) !== 0;
      } catch (error) {
        // After a BUG(), where a kernel stops, the call continues here and may trap.
        if (error instanceof wasm.RuntimeError && (exports["warned"] as () => number)() !== 0) {
          return true;
        }
        throw error;
      }
    };
  return {
    overrides: {
      postAllocHook: (pages) => call(alloc, pages, false),
      prepCompoundPage: (pages) => call(makeCompound, pages, false),
      resetFreedPages: (pages, compound) => call(free, pages, compound),
      splitFolioPrivate: (pages) => call(split, pages, true),
    },
    freeDamaged: onDamaged("free_damaged"),
    splitDamaged: onDamaged("split_damaged"),
  };
}
