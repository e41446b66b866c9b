/** Worker thread: extracts units from a tree, compiles them, and measures the layouts of its structs. */
import { parentPort, workerData } from "node:worker_threads";
import { CompileError, type Optimisation } from "../compile/clang.ts";
import type { NativeClang } from "../compile/native-clang.ts";
import { nativeUnits } from "../compile/native-units.ts";
import { NPM_UNITS } from "../compile/unit-compiler.ts";
import { checkLayout } from "../layout/check-layout.ts";
import type { LayoutReport } from "../layout/layout-report.ts";
import type { ChangedCode, ChangedFunction } from "../tree/changed-code.ts";
import type { TranslationUnit } from "../unit/translation-unit.ts";
import { type BaseUnit, hasSameCode, hasSameText } from "./base-unit.ts";
import { type CompiledUnit, compileUnit } from "./compile-unit.ts";
import { type ExtractedBase, type ExtractionRequest, extractTrees, TreeError } from "./extract-units.ts";
import type { BaseLayout } from "./measured-layouts.ts";

/** The input of the thread. */
export interface PreparationRequest extends ExtractionRequest {
  /** Folder of the cache of compiled modules; without it, nothing is cached. */
  readonly cacheFolder?: string;
  /** A clang of the host; if absent, that of the npm package. */
  readonly native?: {
    readonly programs: NativeClang;
    /** Existing folder for temporary files. */
    readonly folder: string;
  };
  /** Whether to check the layouts. */
  readonly layout: boolean;
  /** Optimisation levels for machine `race`; empty if it is not explored. */
  readonly races: readonly Optimisation[];
}

/** Messages of the thread, in this order; `refused` ends it at any time. */
export type PreparationMessage =
  /** Only with a base. */
  | { readonly kind: "compared"; readonly change: ChangedCode }
  | { readonly kind: "compiled"; readonly index: number; readonly unit: CompiledUnit }
  /** Before any unit is compiled, if the base need not be compiled. */
  | { readonly kind: "base"; readonly index: number; readonly base: BaseUnit }
  | { readonly kind: "measured"; readonly layout: LayoutReport; readonly base: BaseLayout | undefined }
  | { readonly kind: "refused"; readonly message: string };

function post(message: PreparationMessage): void {
  parentPort?.postMessage(message);
}

/** Runs a stage for the base. If the base cannot be gated, the gate continues without it. */
async function runOnBase<T>(run: () => Promise<T>): Promise<T | { readonly refusal: string }> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof TreeError || error instanceof CompileError) {
      return { refusal: error.reason };
    }
    throw error;
  }
}

/** Returns the result for the base of a unit if it does not have to be compiled. */
function uncompiledBase(unit: TranslationUnit, base: ExtractedBase, index: number): BaseUnit | undefined {
  if ("refusal" in base) {
    return { kind: "refused", why: base.refusal };
  }
  const own = base.units[index];
  return own === undefined ? { kind: "absent" } : hasSameText(unit, own) ? { kind: "same" } : undefined;
}

async function compiledBase(unit: CompiledUnit, base: TranslationUnit): Promise<BaseUnit> {
  const compiled = await runOnBase(() => compileUnit(base, request.cacheFolder, request.races, compiler));
  return "refusal" in compiled
    ? { kind: "refused", why: compiled.refusal }
    : hasSameCode(unit, compiled)
      ? { kind: "same" }
      : { kind: "compiled", unit: compiled };
}

/** Measures the layouts of the base, unless no declaration that the layouts depend on has changed. */
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
    : runOnBase(() => checkLayout({ tree: base, compiler, ...(cacheFolder === undefined ? {} : { cacheFolder }) }));
}

const request = workerData as PreparationRequest;
const { native } = request;
const compiler = native === undefined ? NPM_UNITS : nativeUnits(native.programs, native.folder);
try {
  const { units, base } = await extractTrees(request, (change) => post({ kind: "compared", change }));
  const [first] = units;
  const uncompiled = base === undefined ? [] : units.map((unit, index) => uncompiledBase(unit, base, index));
  for (const [index, each] of uncompiled.entries()) {
    if (each !== undefined) {
      post({ kind: "base", index, base: each });
    }
  }
  const compiled: CompiledUnit[] = [];
  for (const [index, each] of units.entries()) {
    const unit = await compileUnit(each, request.cacheFolder, request.races, compiler);
    compiled.push(unit);
    post({ kind: "compiled", index, unit });
  }
  for (const [index, unit] of compiled.entries()) {
    const own = base === undefined || "refusal" in base ? undefined : base.units[index];
    if (own !== undefined && uncompiled[index] === undefined) {
      post({ kind: "base", index, base: await compiledBase(unit, own) });
    }
  }
  if (request.layout && first !== undefined) {
    const layout = await checkLayout({ ...request, compiler });
    post({ kind: "measured", layout, base: await baseLayout(first, layout) });
  }
} catch (error) {
  if (!(error instanceof TreeError || error instanceof CompileError)) {
    throw error;
  }
  post({ kind: "refused", message: error.message });
}
