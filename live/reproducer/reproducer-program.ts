/**
 * A stand-alone C program that takes operations on a running kernel, in the manner of the kernel's own mm selftests: it reports each
 * step as a test in TAP and exits with 0 when everything is seen as expected.
 *
 * It is the agent with a list of steps in the place of the conversation.
 */
import { readFileSync } from "node:fs";
import type { KernelConfig } from "../../model/kernel/config.ts";
import type { FollowedFolio } from "../compare/comparison.ts";
import type { Expectation, ExpectedEntry } from "../compare/expectation.ts";
import { agentSource } from "../session/agent-binary.ts";
import { RUN_SETTINGS } from "../session/host.ts";
import type { Operation } from "../session/operation.ts";
import { boundWords, parametersOf } from "../session/protocol.ts";
import type { SessionBounds } from "../session/session.ts";

/** One operation of a program. */
export interface ProgramStep {
  readonly text: string;
  readonly operation: Operation;
  /** What must be seen after it; undefined where nothing is compared. */
  readonly expected: Expectation | undefined;
  /** By position: the folios after it. */
  readonly folios: readonly FollowedFolio[];
}

/** What a program is about. */
export interface ProgramSubject {
  readonly bounds: SessionBounds;
  readonly config: KernelConfig;
  /** What the comment at the top says of it, in lines. */
  readonly about: readonly string[];
  /** What says what must be seen. */
  readonly reference: "model" | "trace";
  /** What is printed at the end: when all is as expected, when not, and when so, but the last step is not compared. */
  readonly conclusions?: { readonly same: string; readonly different: string; readonly notCompared: string };
}

/** What the program does with its tables: comparison, settings of the host, and main(). */
const MAIN = new URL("./main.c", import.meta.url);

/** The program that takes the steps. */
export function reproducerProgram(steps: readonly ProgramStep[], subject: ProgramSubject): string {
  const [parts] = agentSource().split(/^int main\(void\)$/m);
  return [
    heading(subject),
    DECLARATIONS,
    withoutHeading(parts ?? ""),
    tablesOf(steps, subject),
    readFileSync(MAIN, "utf8").replaceAll("the model says", `the ${subject.reference} says`),
  ].join("\n");
}

function heading({ about, reference }: ProgramSubject): string {
  return [
    "/*",
    ...about.map((line) => ` * ${line}`.trimEnd()),
    " *",
    " * Build and run, as root: cc -o repro repro.c && ./repro",
    ` * Exit code 0: the kernel behaves as the ${reference} says; 1: it does not; 4: it cannot be told here.`,
    " */",
  ].join("\n");
}

/** The agent's conversation is part of its text, and of no use here. */
const DECLARATIONS = "__attribute__((unused)) static void converse(void);\n";

/** The agent without the comment that says what it is. */
function withoutHeading(source: string): string {
  return source.replace(/^\/\*[\s\S]*?\*\/\n/, "");
}

/** The steps and what must be seen after each, as tables. */
function tablesOf(steps: readonly ProgramStep[], { bounds, config, conclusions, reference }: ProgramSubject): string {
  const serials = new FolioSerials();
  const rows = steps.map(({ text, operation, expected, folios }) => {
    if (expected === undefined) {
      return `\t{ ${JSON.stringify(text)}, ${operationText(operation)}, false, {}, {} },`;
    }
    serials.follow(folios);
    return stepText(text, operation, expected, serials);
  });
  const run = bounds.run ?? 1;
  // Folios of four entries tell whether the kernel has CONFIG_PAGE_MAPCOUNT.
  const folioSizes = new Set(bounds.anon > 0 && bounds.pages >= 4 ? [4 * run] : []);
  for (const { operation } of steps) {
    const entries = operation.kind === "fault" ? operation.pages : operation.kind === "faultIn" ? operation.count : 1;
    if (entries > 1) {
      folioSizes.add(entries * run);
    }
  }
  const settings = RUN_SETTINGS.map(([name, value]) => `{ "/sys/kernel/mm/transparent_hugepage/${name}", "${value}" }`);
  return [
    "/* ---- the steps, and what must be seen after each ---- */",
    "",
    `static const uint32_t session[] = { PROTOCOL_VERSION, ${boundWords(bounds).join(", ")} };`,
    "/* volatile: a compiler that knows that there are none warns of what is done for them. */",
    `static const volatile unsigned anon_folio_pages[] = { ${[...folioSizes].join(", ") || "0"} };`,
    "/* Where an entry is a run of pages. */",
    `static const char *const run_settings[][2] = { ${settings.join(", ")} };`,
    `static const bool wants_page_mapcount = ${config.pageMapcount};`,
    "/* Whether an operation that the kernel refuses tells nothing of it. */",
    `static const bool is_refusal_a_skip = ${reference === "trace"};`,
    `static const char *const conclusions[3] = { ${conclusions === undefined ? "NULL, NULL, NULL" : [conclusions.same, conclusions.different, conclusions.notCompared].map((text) => JSON.stringify(text)).join(", ")} };`,
    "",
    "/* A page that must be present: its folio and place in it, and what /proc and the process must say. */",
    "struct page {",
    "\tuint32_t folio; /* 0: nothing is present; else a number that only this folio has, or ZERO_PAGE */",
    "\tuint32_t index, mapcount;",
    "\tbool exclusive, private;",
    "\tuint32_t divisor; /* of the PSS */",
    "\tuint32_t flags, content;",
    "};",
    "",
    `enum { MMS = ${bounds.mms}, VMAS = ${bounds.anon + bounds.file}, PAGES = ${bounds.pages}, HOLDERS = ${Math.max(1, bounds.holders)}, FOLIOS = ${Math.max(2, serials.count + 1)} };`,
    "#define ZERO_PAGE UINT32_MAX",
    "",
    "/* Of a piece of a folio that was split: which one, and where it begins in it. */",
    `static const struct { uint32_t pages, from, first; } folios[FOLIOS] = { ${["{ 0, 0, 0 }", ...serials.folios].join(", ")} };`,
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

function stepText(text: string, operation: Operation, expected: Expectation, serials: FolioSerials): string {
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

function pageText(entry: ExpectedEntry, serials: FolioSerials): string {
  if (typeof entry === "string") {
    return entry === "zero page" ? "{ .folio = ZERO_PAGE }" : "{ 0 }";
  }
  const { folio, page, mapcount, exclusive, divisor, flags, content } = entry;
  const values = [serials.of(folio), page, mapcount, exclusive, entry.private, divisor, flags, content ?? "UINT32_MAX"];
  return `{ ${values.join(", ")} }`;
}

/** A number for each folio that was ever allocated: the model uses the places of freed ones again. */
class FolioSerials {
  /** Each as the C structure, from the first on. */
  readonly folios: string[] = [];
  private current: readonly number[] = [];

  get count(): number {
    return this.folios.length;
  }

  of(folio: number): number {
    return this.current[folio] ?? 0;
  }

  /** A step was taken. @param folios by position */
  follow(folios: readonly FollowedFolio[]): void {
    const before = this.current;
    this.current = folios.map(({ allocated, nrPages, from }, f) => {
      const known = before[f] ?? 0;
      if (!allocated || known > 0) {
        return allocated ? known : 0;
      }
      const whole = from === undefined ? 0 : (before[from.folio] ?? 0);
      this.folios.push(`{ ${nrPages}, ${whole}, ${whole === 0 ? 0 : (from?.page ?? 0)} }`);
      return this.folios.length;
    });
  }
}
