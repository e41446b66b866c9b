/** The thread that makes units of a tree, compiles them, and measures the layouts of its structs. */
import { parentPort, workerData } from "node:worker_threads";
import { CompileError, type Optimisation } from "../compile/clang.ts";
import type { NativeClang } from "../compile/native-clang.ts";
import { nativeUnits } from "../compile/native-units.ts";
import { NPM_UNITS } from "../compile/unit-compiler.ts";
import { checkLayout, type LayoutReport } from "../layout/check-layout.ts";
import type { ChangedCode, ChangedFunction } from "../tree/changed-code.ts";
import type { TranslationUnit } from "../unit/translation-unit.ts";
import { type BaseUnit, hasSameCode, hasSameText } from "./base-unit.ts";
import { type CompiledUnit, compileUnit } from "./compile-unit.ts";
import { type ExtractedBase, type ExtractionRequest, extractTrees, TreeError } from "./extract-units.ts";

/** What the thread is started with. */
export interface PreparationRequest extends ExtractionRequest {
  /** Where compiled modules are kept; none are when it is undefined. */
  readonly cacheFolder?: string;
  /** A clang of this machine; the one of the npm package when absent. */
  readonly native?: {
    readonly programs: NativeClang;
    /** Exists; for temporary files. */
    readonly folder: string;
  };
  /** Whether to check the layouts as well. */
  readonly layout: boolean;
  /** How the code is compiled for races; empty where none are explored. */
  readonly races: readonly Optimisation[];
}

/** What it says, in this order; `refused` ends it at any time. */
export type PreparationMessage =
  /** Not without a base. */
  | { readonly kind: "compared"; readonly change: ChangedCode }
  | { readonly kind: "compiled"; readonly index: number; readonly unit: CompiledUnit }
  /** Of a base that needs no compiler, before any unit is compiled. */
  | { readonly kind: "base"; readonly index: number; readonly base: BaseUnit }
  | { readonly kind: "measured"; readonly layout: LayoutReport; readonly base: BaseLayout | undefined }
  | { readonly kind: "refused"; readonly message: string };

/** The layouts of the base; `same` where no line that a layout could depend on has changed. */
export type BaseLayout = LayoutReport | "same" | { readonly refusal: string };

function say(message: PreparationMessage): void {
  parentPort?.postMessage(message);
}

/** Runs something about the base. Where that is a tree that cannot be gated, the gate goes on without it. */
async function ofBase<T>(run: () => Promise<T>): Promise<T | { readonly refusal: string }> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof TreeError || error instanceof CompileError) {
      return { refusal: error.reason };
    }
    throw error;
  }
}

/** Properties of the base of a unit that are known before it is compiled. */
function knownBase(unit: TranslationUnit, base: ExtractedBase, index: number): BaseUnit | undefined {
  if ("refusal" in base) {
    return { kind: "refused", why: base.refusal };
  }
  const own = base.units[index];
  return own === undefined ? { kind: "absent" } : hasSameText(unit, own) ? { kind: "same" } : undefined;
}

async function compiledBase(unit: CompiledUnit, base: TranslationUnit): Promise<BaseUnit> {
  const compiled = await ofBase(() => compileUnit(base, request.cacheFolder, request.races, compiler));
  return "refusal" in compiled
    ? { kind: "refused", why: compiled.refusal }
    : hasSameCode(unit, compiled)
      ? { kind: "same" }
      : { kind: "compiled", unit: compiled };
}

/** Measures the layouts of the base, unless nothing has changed that those of the tree depend on. */
async function baseLayout({ change }: TranslationUnit, { lines }: LayoutReport): Promise<BaseLayout | undefined> {
  if (change === undefined) {
    return undefined;
  }
  const { cacheFolder, tree, base = tree } = request;
  const isUsed = ({ file, line, endLine, status }: ChangedFunction): boolean =>
    status === "removed" ||
    lines.some((range) => range.file === file && range.line <= endLine && line <= range.endLine);
  return change.lines.length === 0 && !change.functions.some(isUsed)
    ? "same"
    : ofBase(() => checkLayout({ tree: base, compiler, ...(cacheFolder === undefined ? {} : { cacheFolder }) }));
}

const request = workerData as PreparationRequest;
const { native } = request;
const compiler = native === undefined ? NPM_UNITS : nativeUnits(native.programs, native.folder);
try {
  const { units, base } = await extractTrees(request, (change) => say({ kind: "compared", change }));
  const [first] = units;
  const known = base === undefined ? [] : units.map((unit, index) => knownBase(unit, base, index));
  for (const [index, each] of known.entries()) {
    if (each !== undefined) {
      say({ kind: "base", index, base: each });
    }
  }
  const compiled: CompiledUnit[] = [];
  for (const [index, each] of units.entries()) {
    const unit = await compileUnit(each, request.cacheFolder, request.races, compiler);
    compiled.push(unit);
    say({ kind: "compiled", index, unit });
  }
  for (const [index, unit] of compiled.entries()) {
    const own = base === undefined || "refusal" in base ? undefined : base.units[index];
    if (own !== undefined && known[index] === undefined) {
      say({ kind: "base", index, base: await compiledBase(unit, own) });
    }
  }
  if (request.layout && first !== undefined) {
    const layout = await checkLayout({ ...request, compiler });
    say({ kind: "measured", layout, base: await baseLayout(first, layout) });
  }
} catch (error) {
  if (!(error instanceof TreeError || error instanceof CompileError)) {
    throw error;
  }
  say({ kind: "refused", message: error.message });
}
