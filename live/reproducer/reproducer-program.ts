/**
 * Generates a stand-alone C program that performs operations on a running kernel, in the style of the kernel's mm
 * selftests: each step is a test in TAP, and the exit code is 0 if all observations are as expected.
 *
 * The program consists of the agent, with a table of steps in place of the protocol.
 */
import type { KernelConfig } from "../../model/kernel/config.ts";
import type { ComparedFolio } from "../compare/comparison.ts";
import type { Expectation, ExpectedEntry } from "../compare/expectation.ts";
import type { Operation } from "../session/operation.ts";
import { boundWords, parametersOf } from "../session/protocol.ts";
import { RUN_SETTINGS } from "../session/run-settings.ts";
import type { SessionBounds } from "../session/session.ts";

/** One operation of a program. */
export interface ProgramStep {
  readonly text: string;
  readonly operation: Operation;
  /** Expected observation after the operation; undefined if it is not compared. */
  readonly expected: Expectation | undefined;
  /** Folios after the operation, by position. */
  readonly folios: readonly ComparedFolio[];
}

/** Parameters of a program. */
export interface ProgramSubject {
  readonly bounds: SessionBounds;
  readonly config: KernelConfig;
  /** Lines for the comment at the top. */
  readonly about: readonly string[];
  /** Source of the expected observations. */
  readonly reference: "model" | "trace";
  /** Final output: if all observations are as expected, if not, and if they are but the last step is not compared. */
  readonly conclusions?: { readonly same: string; readonly different: string; readonly notCompared: string };
}

/** C sources that are part of every program. */
export interface ReproducerSources {
  /** The agent, as one text. */
  readonly agent: string;
  /** Fixed part of the program: comparison, settings of the host, and main(). */
  readonly main: string;
}

/** Returns the program that performs the steps. */
export function reproducerProgram(
  steps: readonly ProgramStep[],
  subject: ProgramSubject,
  sources: ReproducerSources,
): string {
  const [parts] = sources.agent.split(/^int main\(void\)$/m);
  return [
    heading(subject),
    DECLARATIONS,
    withoutHeading(parts ?? ""),
    tablesOf(steps, subject),
    sources.main.replaceAll("the model says", `the ${subject.reference} says`),
  ].join("\n");
}

function heading({ about, reference }: ProgramSubject): string {
  return [
    "/*",
    ...about.map((line) => ` * ${line}`.trimEnd()),
    " *",
    " * Build and run, as root: cc -o repro repro.c && ./repro",
    ` * Exit code 0: the kernel behaves as the ${reference} says; 1: it does not; 4: this host cannot decide it.`,
    " */",
  ].join("\n");
}

/** Avoids a warning: the program contains the agent's protocol code, but does not use it. */
const DECLARATIONS = "__attribute__((unused)) static void serve_requests(void);\n";

/** Removes the agent's head comment. */
function withoutHeading(source: string): string {
  return source.replace(/^\/\*[\s\S]*?\*\/\n/, "");
}

/** Returns the steps and the expected observations, as C tables. */
function tablesOf(steps: readonly ProgramStep[], { bounds, config, conclusions, reference }: ProgramSubject): string {
  const numbers = new FolioNumbers();
  const rows = steps.map(({ text, operation, expected, folios }) => {
    if (expected === undefined) {
      return `\t{ ${JSON.stringify(text)}, ${operationText(operation)}, false, {}, {} },`;
    }
    numbers.update(folios);
    return stepText(text, operation, expected, numbers);
  });
  const run = bounds.run ?? 1;
  // A folio of four entries shows whether the kernel has CONFIG_PAGE_MAPCOUNT.
  const folioSizes = new Set(bounds.anon > 0 && bounds.pages >= 4 ? [4 * run] : []);
  for (const { operation } of steps) {
    const entries = operation.kind === "fault" ? operation.pages : operation.kind === "faultIn" ? operation.count : 1;
    if (entries > 1) {
      folioSizes.add(entries * run);
    }
  }
  const settings = RUN_SETTINGS.map(([name, value]) => `{ "/sys/kernel/mm/transparent_hugepage/${name}", "${value}" }`);
  return [
    "/* ---- steps and expected observations ---- */",
    "",
    `static const uint32_t session[] = { PROTOCOL_VERSION, ${boundWords(bounds).join(", ")} };`,
    "/* volatile: avoids warnings about unreachable code if the list is empty. */",
    `static const volatile unsigned anon_folio_pages[] = { ${[...folioSizes].join(", ") || "0"} };`,
    "/* Used if an entry is a run of pages. */",
    `static const char *const run_settings[][2] = { ${settings.join(", ")} };`,
    `static const bool expects_page_mapcount = ${config.pageMapcount};`,
    "/* Whether a failed operation skips the test: it permits no conclusion about the kernel. */",
    `static const bool is_refusal_a_skip = ${reference === "trace"};`,
    `static const char *const conclusions[3] = { ${conclusions === undefined ? "NULL, NULL, NULL" : [conclusions.same, conclusions.different, conclusions.notCompared].map((text) => JSON.stringify(text)).join(", ")} };`,
    "",
    "/* An expected page: its folio and index, and the expected values in /proc and memory. */",
    "struct page {",
    "\tuint32_t folio; /* 0: not present; else the unique number of a folio, or ZERO_PAGE */",
    "\tuint32_t index, mapcount;",
    "\tbool exclusive, private;",
    "\tuint32_t divisor; /* of the PSS */",
    "\tuint32_t flags, content;",
    "};",
    "",
    `enum { MMS = ${bounds.mms}, VMAS = ${bounds.anon + bounds.file}, PAGES = ${bounds.pages}, HOLDERS = ${Math.max(1, bounds.holders)}, FOLIOS = ${Math.max(2, numbers.count + 1)} };`,
    "#define ZERO_PAGE UINT32_MAX",
    "",
    "/* from, first: for a folio that a split produced, the original folio and the index of its first page. */",
    `static const struct { uint32_t pages, from, first; } folios[FOLIOS] = { ${["{ 0, 0, 0 }", ...numbers.folios].join(", ")} };`,
    "",
    "static const struct {",
    "\tconst char *text;",
    "\tuint32_t operation[OPERATION_WORDS];",
    "\tbool tested;",
    "\tstruct { bool lives; struct page pages[VMAS][PAGES]; } mms[MMS];",
    "\tstruct { bool holds; uint32_t content; } holders[HOLDERS];",
    "} steps[] = {",
    ...rows,
    "};",
    "",
  ].join("\n");
}

function operationText(operation: Operation): string {
  const name = operation.kind.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();
  return `{ ${[name, ...parametersOf(operation)].join(", ")} }`;
}

function stepText(text: string, operation: Operation, expected: Expectation, serials: FolioNumbers): string {
  const mms = expected.mms.map((vmas) => {
    if (vmas === null) {
      return "\t\t{ false, {} },";
    }
    const pages = vmas.map((entries) => `{ ${entries.map((entry) => pageText(entry, serials)).join(", ")} }`);
    return `\t\t{ true, { ${pages.join(",\n\t\t\t")} } },`;
  });
  const holders = expected.holders.map((content) => (content === null ? "{ false, 0 }" : `{ true, ${content} }`));
  return [
    `\t{ ${JSON.stringify(text)}, ${operationText(operation)}, true, {`,
    ...mms,
    `\t}, { ${holders.length === 0 ? "{ false, 0 }" : holders.join(", ")} } },`,
  ].join("\n");
}

function pageText(entry: ExpectedEntry, serials: FolioNumbers): string {
  if (typeof entry === "string") {
    return entry === "zero page" ? "{ .folio = ZERO_PAGE }" : "{ 0 }";
  }
  const { folio, page, mapcount, exclusive, divisor, flags, content } = entry;
  const values = [serials.of(folio), page, mapcount, exclusive, entry.private, divisor, flags, content ?? "UINT32_MAX"];
  return `{ ${values.join(", ")} }`;
}

/** Assigns a unique number to each allocated folio: the model reuses the positions of freed ones. */
class FolioNumbers {
  /** The folios by number, as C initialisers. */
  readonly folios: string[] = [];
  private current: readonly number[] = [];

  get count(): number {
    return this.folios.length;
  }

  of(folio: number): number {
    return this.current[folio] ?? 0;
  }

  /**
   * Updates the numbers after a step.
   *
   * @param folios folios after the step, by position
   */
  update(folios: readonly ComparedFolio[]): void {
    const before = this.current;
    this.current = folios.map(({ allocated, nrPages, from }, f) => {
      const number = before[f] ?? 0;
      if (!allocated || number > 0) {
        return allocated ? number : 0;
      }
      const whole = from === undefined ? 0 : (before[from.folio] ?? 0);
      this.folios.push(`{ ${nrPages}, ${whole}, ${whole === 0 ? 0 : (from?.page ?? 0)} }`);
      return this.folios.length;
    });
  }
}
