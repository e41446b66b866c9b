/** The machines as explored by the gate: with a kernel that runs C code, and with claims about that code. */
import { type Action, action, always, noWarning, type Property } from "../../explore/model/model.ts";
import { type ArrayField, at, int, list, type StructField, struct } from "../../explore/model/schema.ts";
import { claimOf } from "../../invariants/catalogue.ts";
import { BAD_PAGE } from "../../machines/bad-page.ts";
import { MACHINES } from "../../machines/index.ts";
import type { AnyModel, Bounds, MachineDefinition } from "../../machines/machine.ts";
import { SLOT_OVERFLOW } from "../../machines/slot-overflow.ts";
import { updateHistoryAfterMapping } from "../../model/environment/history.ts";
import type { WorldView } from "../../model/environment/view.ts";
import type { Kernel } from "../../model/kernel/kernel.ts";
import { copyEntry } from "../../model/kernel/pgtable.ts";
import type { World } from "../../model/state/world.ts";
import { OPERATIONS, PRECISE, READERS } from "../harness/harness.ts";
import { cWarnings } from "./c-warnings.ts";
import { type CallFault, functionPlace } from "./call-fault.ts";
import {
  ALL_QUERIES,
  type CompiledFunctions,
  type CompiledOptions,
  type Mode,
  placeOf,
  queryNumberOf,
} from "./compiled-functions.ts";
import type { Operation } from "./instance.ts";
import { type KnownViolation, withoutKnown } from "./known-violations.ts";
import { codeOf, codesOfSites } from "./warning-codes.ts";

/** The machines that are explored with C code. */
export const GATE_MACHINES: readonly MachineDefinition[] = [...MACHINES, SLOT_OVERFLOW, BAD_PAGE];

/** Returns the id of the conformance property of an operation. */
export function conformanceId(operation: string): string {
  return `CF.${operation}`;
}

/** The operation without a caller in any kernel; action `dupFilePmd` calls it. */
export const UNCALLED = "folio_dup_file_rmap_pmd";

/**
 * Action of machine `bad-page` whose kernel function is in another translation unit (gate/layout/struct-pages/). Here
 * it would run the model only.
 */
const SPLIT_OF_DAMAGED = "splitDamaged";

/** Known differences and violations of the C code. */
export interface GateOptions extends CompiledOptions {
  /** Violations that are not reported again. */
  readonly known?: readonly KnownViolation[];
}

/**
 * Returns a machine whose kernel is compiled C code.
 *
 * @param definition the machine
 * @param options known differences and violations; the same as for `functions`
 */
export function gateMachine(
  definition: MachineDefinition,
  functions: CompiledFunctions,
  mode: Mode,
  options: GateOptions = {},
): MachineDefinition {
  return { ...definition, build: (bounds, kernel) => build(definition, bounds, kernel, functions, mode, options) };
}

function build(
  definition: MachineDefinition,
  bounds: Bounds,
  kernel: Kernel,
  functions: CompiledFunctions,
  mode: Mode,
  { leftOut = [], opaqueWords = [], known = [] }: GateOptions,
): AnyModel {
  const model = definition.build(bounds, kernel, undefined, functions.warnings);
  const { warnings } = model;
  // The call also detects opaque words that a new folio has and that are not known yet.
  const fresh = mode === "claims" ? functions.freshOpaqueWords(Math.max(bounds["pages"] ?? 0, 2)) : [];
  const properties =
    mode === "conformance"
      ? [
          ...conformance(functions, "folios" in model.schema.fields),
          ...model.properties.filter(({ kind }) => kind === "warning"),
        ]
      : [
          ...model.properties.filter(isAboutUnit),
          cWarnings(codesOfSites(functions.instance.kernel.unit)),
          ...readersAreReadOnly(functions, "folios" in model.schema.fields),
        ];
  const whole: AnyModel = {
    ...model,
    onRepetition: functions.onRepetition,
    ...(opaqueWords.length === 0 ? {} : { schema: withOpaqueWords(model.schema, opaqueWords, fresh) }),
    actions: [
      ...model.actions.filter(({ name }) => name !== SPLIT_OF_DAMAGED),
      ...(leftOut.includes(UNCALLED) ? [] : duplications(bounds, functions)),
    ],
    properties: properties.filter(
      ({ id }) => !leftOut.some((each) => conformanceId(each) === id),
    ) as Property<unknown>[],
    ...(warnings === undefined
      ? {}
      : { warnings: { ...warnings, data: (code) => functions.faults(code) ?? warnings.data?.(code) } }),
  };
  return known.length === 0 ? whole : withoutKnown(whole, known);
}

/**
 * Whether a property is about functions of the unit. Those of the allocator are in another one
 * (gate/layout/struct-pages/).
 */
function isAboutUnit({ id }: Property<unknown>): boolean {
  return !/^C22(?:$|\.(?:tail|type)$)/.test(id);
}

/**
 * Adds the opaque words to the folios of a schema. The one folio of the owner-tracking machine exists from the start;
 * others begin as free memory.
 *
 * @param fresh values of the words in a new large folio
 */
function withOpaqueWords(schema: StructField, { length }: readonly number[], fresh: readonly number[]): StructField {
  const free = opaqueField(Array.from({ length }, () => 0));
  const extended = new Map<StructField, StructField>();
  const extend = (folio: StructField): StructField => {
    // Equal elements must stay one object: symmetry compares elements by identity.
    const field = extended.get(folio) ?? { ...folio, fields: { ...folio.fields, extra: free } };
    extended.set(folio, field);
    return field;
  };
  const { folio, folios } = schema.fields;
  return {
    ...schema,
    fields: {
      ...schema.fields,
      ...(folio?.kind === "struct"
        ? { folio: { ...folio, fields: { ...folio.fields, extra: opaqueField(fresh) } } }
        : {}),
      ...(folios?.kind === "array" ? { folios: { ...folios, elements: folios.elements.map(extend) } } : {}),
    },
  };
}

function opaqueField(words: readonly number[]): ArrayField {
  return list(words.map((word) => struct({ low: int(0, 0xffff, word & 0xffff), high: int(0, 0xffff, word >>> 16) })));
}

/** Returns the conformance properties: one for each changing operation, and one for each read-only function. */
function conformance(functions: CompiledFunctions, hasPageTables: boolean): Property<unknown>[] {
  const { unit } = functions.instance.kernel;
  const operations = OPERATIONS.filter((name) => functions.instance.operations[name] !== undefined);
  const changing = operations.filter((name) => !READERS.includes(name));
  const reading = hasPageTables ? readersIn(functions) : [];
  const source = (name: string): string => placeOf(unit, name);
  return [
    ...changing.map((name) =>
      noWarning<unknown>({
        id: conformanceId(name),
        claim: `${name}() leaves what the model leaves, and returns and warns as the model does`,
        source: source(name),
        codes: [codeOf(name)],
        counted: true,
      }),
    ),
    ...reading.map((name) =>
      always<WorldView>({
        id: conformanceId(name),
        claim: `${name}() returns for every folio what the model returns`,
        source: source(name),
        holds: returnsTheSame(functions, name, functions.instance.operations[name] as Operation),
      }),
    ),
  ] as Property<unknown>[];
}

/**
 * Returns the read-only operations. Without page mapcounts, the function that returns them is a stub that must not run.
 */
function readersIn({ instance: { kernel, operations } }: CompiledFunctions): readonly string[] {
  const canCall = (name: string): boolean => name !== PRECISE || kernel.unit.configuration.pageMapcount;
  return READERS.filter((name) => operations[name] !== undefined && canCall(name));
}

type Query = (view: WorldView, folio: UsedFolio, page: number) => number | boolean;

/** The model's function for each read-only operation. */
const MODEL_QUERIES: Readonly<Record<string, Query>> = {
  folio_mapcount: ({ kernel }, folio) => kernel.folioMapcount(folio),
  folio_entire_mapcount: ({ kernel }, folio) => (folio.nrPages > 1 ? kernel.folioEntireMapcount(folio) : 0),
  folio_maybe_mapped_shared: ({ kernel }, folio) => kernel.folioMaybeMappedShared(folio),
  folio_expected_ref_count: ({ kernel }, folio) => kernel.folioExpectedRefCount(folio),
  folio_precise_page_mapcount: ({ kernel }, folio, page) => kernel.folioPrecisePageMapcount(folio, page),
  folio_average_page_mapcount: ({ kernel }, folio) => kernel.folioAveragePageMapcount(folio),
};

/** Compares the results of C code and model for every folio; undefined if no folio is in use. */
function returnsTheSame(
  functions: CompiledFunctions,
  name: string,
  query: Operation,
): (view: WorldView) => boolean | undefined {
  const modelQuery = MODEL_QUERIES[name] as Query;
  const isAboutPages = name === PRECISE;
  const number = queryNumberOf(name);
  const returnsTheSameFor = (view: WorldView, folio: UsedFolio, f: number): boolean => {
    functions.load(folio);
    const pages = isAboutPages ? folio.nrPages : 1;
    for (let page = 0; page < pages; page++) {
      const compiled = query(page);
      const effects = functions.queryFaults();
      if (effects.length > 0) {
        remember(functions, conformanceId(name), f, effects, name);
        return false;
      }
      const inModel = Number(modelQuery(view, folio, page));
      if (compiled !== inModel) {
        remember(functions, conformanceId(name), f, [{ kind: "result", compiled, model: inModel }], name);
        return false;
      }
    }
    return true;
  };
  return (view) =>
    ofEveryFolio(view, (folio, f) => functions.holdsOf(folio, number, () => returnsTheSameFor(view, folio, f)));
}

type UsedFolio = World["folios"][number];

/** Whether `holds` is true for every folio in use; undefined if no folio is in use. */
function ofEveryFolio({ folios }: WorldView, holds: (folio: UsedFolio, index: number) => boolean): boolean | undefined {
  let result: boolean | undefined;
  for (let f = 0; f < folios.length; f++) {
    const { folio } = at(folios, f);
    if (folio.allocated) {
      result = true;
      if (!holds(folio, f)) {
        return false;
      }
    }
  }
  return result;
}

/**
 * Records the first faults of a property: a search reports the first state that has some.
 *
 * @param name name of the query; absent for all queries together
 */
function remember(
  { notices, instance }: CompiledFunctions,
  id: string,
  folio: number,
  faults: readonly CallFault[],
  name?: string,
): void {
  if (!notices.has(id)) {
    const own = name === undefined ? {} : { function: functionPlace(instance.kernel.unit, name) };
    notices.set(id, { kind: "query", ...own, folio, faults });
  }
}

/** Id of the property that read-only functions change nothing. */
const NO_SIDE_EFFECT = "C5.readers";

/** Returns the property that read-only functions have no side effects. */
function readersAreReadOnly(functions: CompiledFunctions, hasPageTables: boolean): Property<WorldView>[] {
  const readers = readersIn(functions);
  if (!hasPageTables || readers.length === 0) {
    return [];
  }
  const { instance, holdsOf, load, queryFaults } = functions;
  return [
    always<WorldView>({
      id: NO_SIDE_EFFECT,
      claim: "The read-only functions on folios change nothing and do not warn",
      source: readers.map((name) => `${name}()`).join(", "),
      holds: (view) =>
        ofEveryFolio(view, (folio, f) =>
          holdsOf(folio, ALL_QUERIES, () => {
            load(folio);
            instance.runAllQueries();
            const faults = queryFaults();
            if (faults.length === 0) {
              return true;
            }
            // Find the function that has the side effect.
            for (const name of readers) {
              rememberSideEffect(functions, name, folio, f);
            }
            remember(functions, NO_SIDE_EFFECT, f, faults);
            return false;
          }),
        ),
    }),
  ];
}

/** Queries every page and records the first side effect. */
function rememberSideEffect(functions: CompiledFunctions, name: string, folio: UsedFolio, f: number): void {
  const query = functions.instance.operations[name] as Operation;
  for (let page = 0; page < (name === PRECISE ? folio.nrPages : 1); page++) {
    functions.load(folio);
    query(page);
    const faults = functions.queryFaults();
    if (faults.length > 0) {
      remember(functions, NO_SIDE_EFFECT, f, faults, name);
    }
  }
}

/**
 * Returns an action that duplicates the PMD mapping of a file into an MM whose VMA is empty. Fork does not copy such a
 * PMD, it is faulted in again later: folio_dup_file_rmap_pmd() has no caller in the kernel.
 */
function duplications(
  { mms = 0, anon = 0, file = 0, pmd = 0 }: Bounds,
  functions: CompiledFunctions,
): Action<unknown, unknown>[] {
  if (pmd === 0 || file === 0 || mms < 2) {
    return [];
  }
  const mm = Array.from({ length: mms }, (_, i) => i);
  const vma = Array.from({ length: file }, (_, i) => anon + i);
  return [
    action(
      "dupFilePmd",
      { parent: mm, child: mm, vma },
      (world: World, kernel: Kernel, p: { readonly parent: number; readonly child: number; readonly vma: number }) => {
        const child = at(world.mms, p.child);
        const source = at(at(world.mms, p.parent).vmas, p.vma);
        const destination = at(child.vmas, p.vma);
        if (source.pmd.folio === 0 || !child.live || destination.pmd.folio !== 0 || !isEmpty(destination.ptes)) {
          return false;
        }
        const folio = at(world.folios, source.pmd.folio - 1);
        folio.refcount += 1;
        functions.dupFileRmapPmd(folio, child);
        copyEntry(destination.pmd, source.pmd);
        updateHistoryAfterMapping(world, kernel);
        return true;
      },
      { where: ({ parent, child }) => parent !== child },
    ),
  ] as Action<unknown, unknown>[];
}

function isEmpty(ptes: readonly { readonly folio: number }[]): boolean {
  return ptes.every(({ folio }) => folio === 0);
}

/** Returns the operation of a conformance property: folio_mapcount for `CF.folio_mapcount`. */
export function operationOf(property: string): string | undefined {
  return claimOf(property) === "CF" ? property.slice("CF.".length) : undefined;
}
