/** Content of an HTML report: the data that its page contains, as JSON. The page draws it, and computes no verdicts. */
import type { Fault } from "../../invariants/fault.ts";
import type { Delta } from "./delta.ts";

/** Meaning of a text, which determines its colour. */
export type Tone = "good" | "bad" | "warn" | "dim";

/** Cell of a table. */
export type TableCell =
  | string
  | number
  | {
      readonly text: string;
      readonly tone?: Tone;
      /** Value by which rows are sorted; the text if absent. */
      readonly sort?: number;
      /** Whether it is code: a name of the kernel, a place, a call. */
      readonly isCode?: true;
    };

/** Column of a table. Numbers are aligned to the right. */
export interface TableColumn {
  readonly title: string;
  readonly isNumber?: true;
}

/** Table that readers can sort. */
export interface ContentTable {
  readonly title: string;
  readonly columns: readonly TableColumn[];
  readonly rows: readonly (readonly TableCell[])[];
  /** Sentences below the title. */
  readonly notes?: readonly string[];
  /** Whether the page shows only the title at first. */
  readonly isFolded?: boolean;
}

/** Something that failed, or that is worth a look: it may have a trace. */
export interface ContentFinding {
  /** Property or claim, such as `C8`. */
  readonly name: string;
  /** Such as `violated` or `accepted`. */
  readonly status: string;
  readonly tone: Tone;
  /** The claim as one sentence. */
  readonly claim: string;
  /** More about it, such as its cause, with names: `where` … */
  readonly facts: readonly ContentFact[];
  /** Position of its trace in the report; absent if it has none. */
  readonly trace?: number;
}

/** Named text. */
export interface ContentFact {
  readonly name: string;
  readonly text: string;
  readonly isCode?: true;
}

/** Lines of a file of the tree, which the page contains only on request. */
export interface ContentSource {
  readonly file: string;
  /** Number of the first line. */
  readonly first: number;
  readonly lines: readonly string[];
}

/** Everything but the traces. */
export interface Content {
  /** Title, such as `foliocheck gate`. */
  readonly title: string;
  readonly verdict: { readonly mark: string; readonly tone: Tone; readonly text: string };
  /** Description of this kind of check, for readers who do not know foliocheck. */
  readonly intro: string;
  /** Subject of the check, in one line. */
  readonly subject: string;
  /** The command that repeats the run. */
  readonly command?: string;
  readonly totals: readonly string[];
  readonly findings: readonly ContentFinding[];
  /** Claims, then runs, functions, coverage … */
  readonly tables: readonly ContentTable[];
  /** Versions and hashes of what the report rests on. */
  readonly provenance: readonly ContentFact[];
  readonly sources: readonly ContentSource[];
}

/**
 * Call of a function with the calls that it made: three times the position of its text in the trace's `texts`, plus 0
 * for a function, 1 for code in line, 2 for a warning; the position of its place, or −1; the calls.
 */
/** Kind of a call; `interrupted`: a function in the middle of which another CPU runs. */
export type EncodedCallKind = "function" | "code" | "warning" | "cpu" | "interrupted";

export type EncodedCall = readonly [text: number, place: number, ...calls: EncodedCall[]];

/** Calls of a step under one kernel. */
export interface EncodedCalls {
  /** Name of the kernel, if two kernels make different calls. */
  readonly kernel?: string;
  readonly calls: readonly EncodedCall[];
  /** Remark on calls that the log lacks. */
  readonly remark?: string;
}

/** Step of a trace. */
export interface EncodedStep {
  readonly sentence: string;
  readonly call: string;
  readonly delta: Delta;
  readonly calls: readonly EncodedCalls[];
}

/** Lock of a CPU beside a row. */
export interface RaceLock {
  readonly object: string;
  /** Whether the row takes it, releases it, or lies between. */
  readonly part: "takes" | "holds" | "releases";
}

/** Row of an interleaving: something that one CPU does. */
export interface RaceContentRow {
  readonly cpu: number;
  /** Steps, counted from 1; absent if the row is no step. */
  readonly steps?: readonly [first: number, last: number];
  readonly kind: "whole" | "begins" | "ends" | "function" | "access" | "others" | "next";
  readonly text: string;
  /** For an operation that begins, or that is whole: what it does, in words. */
  readonly sentence?: string;
  readonly isChange?: true;
  /** Number of newer writes that a load did not see. */
  readonly stale?: number;
  /** Whether it is a plain access. */
  readonly isPlain?: true;
  /** Functions that the CPU is in, the outermost first. */
  readonly functions?: readonly string[];
  readonly place?: string;
  /** Locks of each CPU; null in the slot of a released lock. */
  readonly locks: readonly (readonly (RaceLock | null)[])[];
}

/** Interleaving of CPUs. */
export interface RaceContent {
  readonly summary: string;
  /** Calls before the CPUs start. */
  readonly start: readonly { readonly call: string; readonly sentence: string }[];
  readonly cpus: readonly number[];
  readonly rows: readonly RaceContentRow[];
  /** Pairs of rows of different CPUs that access one object, of which at least one writes. */
  readonly conflicts: readonly (readonly [row: number, later: number])[];
}

/** Trace. */
export interface TraceContent {
  readonly property: string;
  readonly claim: string;
  readonly source: string;
  /** Whether it violates the property, or reaches it. */
  readonly shows: "violated" | "reached" | "neither";
  /** Other properties that the same steps violate. */
  readonly also: readonly { readonly property: string; readonly claim: string }[];
  /** Machine, kernel, configuration and bounds. */
  readonly subject: string;
  readonly commands: readonly ContentFact[];
  readonly config: readonly string[];
  /** The kernel, and the kernel that it is compared with in lockstep, if any. */
  readonly kernels: readonly string[];
  /** The warning, or how C code and model differ. */
  readonly warning?: string;
  /** Places at which the last state violates the property. */
  readonly faults: readonly Fault[];
  /** The initial state. */
  readonly state: unknown;
  readonly steps: readonly EncodedStep[];
  readonly race?: RaceContent;
  /** Read-only functions that the property called in the last state. */
  readonly queries: readonly EncodedCall[];
  readonly texts: readonly string[];
}

/** Content with the traces of its findings, by position. */
export interface ContentWithTraces {
  readonly content: Content;
  readonly traces: readonly TraceContent[];
}
