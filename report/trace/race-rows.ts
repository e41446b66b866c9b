/** Rows of an episode: one for each relevant access, in the order of the trace. */
import type { RaceAccess, StepAccess } from "../../model/race/step-access.ts";
import type { TraceReport, TraceReportStep } from "../../verify/report/report.ts";
import { plural } from "../text/numbers.ts";
import { placeText } from "../text/place.ts";
import { accessText, changesMemory, isLocking } from "./race-access.ts";
import { type Episode, executionAt } from "./race-episodes.ts";
import { cpusOf } from "./race-state.ts";

/** Row of one CPU. */
export interface RaceRow {
  readonly cpu: number;
  /** Its steps, counted from 1; absent if the row is no step. */
  readonly steps?: { readonly first: number; readonly last: number };
  readonly kind: "begins" | "ends" | "function" | "access" | "others" | "next";
  readonly text: string;
  /** Whether it changes memory. */
  readonly changed: boolean;
  /** For each CPU, the locks that it holds; undefined in the slot of a released one. */
  readonly locks: readonly (readonly (HeldLock | undefined)[])[];
  /** The accesses that the row stands for. */
  readonly accesses: readonly StepAccess[];
  /** For kind `next`, the access. */
  readonly next?: RaceAccess;
}

/** Lock of a CPU beside a row, which takes it, releases it, or lies between. */
export interface HeldLock {
  readonly object: string;
  readonly part: "takes" | "holds" | "releases";
}

/** Access with its step and its CPU's locks. */
interface AccessAtStep {
  readonly step: number;
  readonly access: StepAccess;
  /** Objects of the locks that its CPU holds. */
  readonly locks: readonly string[];
}

/** Number of rows after which the current function of a CPU is repeated. */
const REPEAT_FUNCTION_AFTER = 6;

/**
 * Returns the rows of an episode. Loads that no other CPU can influence, and stores that change nothing, are only
 * counted.
 */
export function rowsOf(trace: TraceReport, episode: Episode): RaceRow[] {
  const { steps } = trace;
  const contended = contentionIn(steps, episode);
  const rows = new Rows(cpusOf(trace.state).length);
  for (let i = episode.first; i <= episode.last; i++) {
    const step = steps[i] as TraceReportStep;
    const before = i === 0 ? trace.state : steps[i - 1]?.state;
    const { buffer: pending = [] } = cpusOf(step.state)[Number(step.parameters["cpu"])] ?? {};
    for (const { cpu, call } of episode.executions.filter(({ first }) => first === i)) {
      rows.add({ cpu, number: i + 1, kind: "begins", text: `${call} begins` });
    }
    for (const access of step.accesses ?? []) {
      const isOther =
        !isLocking(access) &&
        !changesMemory(access) &&
        !contended.has(access) &&
        access.ignored === undefined &&
        access.fields.length > 0;
      const isBuffered =
        (access.kind === "store" || access.kind === "unlock") &&
        pending.some(({ path }) => path === access.fields[0]?.path);
      const line = access.place === undefined ? "" : ` (${placeText(access.place)})`;
      const text = `${accessText(access, before)}${isBuffered ? ", buffered" : ""}${line}`;
      rows.addAccess(access, i + 1, { text, isOther });
    }
    for (const { cpu, call } of episode.executions.filter(({ last }) => last === i)) {
      rows.add({ cpu, kind: "ends", text: `${call} ends` });
    }
  }
  for (const [cpu, { next }] of cpusOf(steps[episode.last]?.state).entries()) {
    if (next !== undefined) {
      const marked = next.marked ? "" : " (plain)";
      rows.add({
        cpu,
        kind: "next",
        text: `${rows.isHeldByOther(cpu, next.object) ? "waits for" : "next"}: ${next.text}${marked}`,
        next,
      });
    }
  }
  return rows.all;
}

/** Returns the accesses to memory that another CPU writes during the operation, without a common lock. */
function contentionIn(steps: readonly TraceReportStep[], episode: Episode): Set<StepAccess> {
  const accesses = accessesIn(steps, episode);
  const writes = accesses.filter(({ access }) => access.kind === "store" || access.kind === "rmw");
  const isConcurrent = (one: AccessAtStep, other: AccessAtStep): boolean => {
    const [a, b] = [one, other].map(({ access, step }) => executionAt(episode, access.cpu, step));
    return a !== undefined && b !== undefined && a.first <= (b.last ?? b.first) && b.first <= (a.last ?? Infinity);
  };
  const contends = (one: AccessAtStep, write: AccessAtStep): boolean =>
    write.access.cpu !== one.access.cpu &&
    one.access.fields.some(({ path }) => write.access.fields.some((each) => each.path === path)) &&
    !one.locks.some((lock) => write.locks.includes(lock)) &&
    isConcurrent(one, write);
  return new Set(
    accesses
      .filter((one) => !isLocking(one.access) && writes.some((write) => contends(one, write)))
      .map(({ access }) => access),
  );
}

function accessesIn(steps: readonly TraceReportStep[], { first, last }: Episode): AccessAtStep[] {
  const locksOf = new Map<number, readonly string[]>();
  const accesses: AccessAtStep[] = [];
  for (let i = first; i <= last; i++) {
    for (const access of steps[i]?.accesses ?? []) {
      const locks = locksOf.get(access.cpu) ?? [];
      accesses.push({ step: i, access, locks });
      if (access.kind === "lock") {
        locksOf.set(access.cpu, [...locks, access.object]);
      } else if (access.kind === "unlock") {
        locksOf.set(
          access.cpu,
          locks.filter((object) => object !== access.object),
        );
      }
    }
  }
  return accesses;
}

/** Collects rows, and tracks the locks and the current function of each CPU. */
class Rows {
  readonly all: RaceRow[] = [];
  /** For each CPU, the locks that it holds; undefined in the slot of a released one. */
  private readonly locks: (string | undefined)[][];
  /** For each CPU, the last function row: its call stack and its position. */
  private readonly functionRows: { stack: readonly string[]; row: number }[];
  /** Numbers of the accesses that the last row only counts. */
  private others: { stack: readonly string[]; loads: number; stores: number } | undefined;

  /** Text and number of equal loads in the last row. */
  private loads: { readonly text: string; times: number } | undefined;

  constructor(cpus: number) {
    this.locks = Array.from({ length: cpus }, () => []);
    this.functionRows = Array.from({ length: cpus }, () => ({ stack: [], row: 0 }));
  }

  isHeldByOther(cpu: number, object: string): boolean {
    return this.locks.some((locks, other) => other !== cpu && locks.includes(object));
  }

  add(
    row: {
      cpu: number;
      number?: number;
      kind: RaceRow["kind"];
      text: string;
      changed?: boolean;
      access?: StepAccess;
      next?: RaceAccess;
    },
    corner?: Corner,
  ): void {
    const { cpu, number, kind, text, changed = false, access, next } = row;
    const locks = this.locks.map((each, i) =>
      each.map((object, slot): HeldLock | undefined =>
        object === undefined ? undefined : { object, part: i === cpu && slot === corner?.slot ? corner.part : "holds" },
      ),
    );
    this.all.push({
      cpu,
      ...(number === undefined ? {} : { steps: { first: number, last: number } }),
      kind,
      text,
      changed,
      locks,
      accesses: access === undefined ? [] : [access],
      ...(next === undefined ? {} : { next }),
    });
    this.others = undefined;
    this.loads = undefined;
    const functionRow = this.functionRows[cpu] as Rows["functionRows"][number];
    functionRow.row = this.all.length;
    if (kind === "begins") {
      functionRow.stack = [];
    }
  }

  /** Adds an access. @param row.isOther whether it is only counted, unless it is the only one */
  addAccess(access: StepAccess, number: number, { text, isOther }: { text: string; isOther: boolean }): void {
    const { cpu, kind, object, functions } = access;
    if (isOther) {
      this.count(access, number, text);
      return;
    }
    if (kind === "load" && this.loads?.text === text && this.all.at(-1)?.cpu === cpu) {
      this.loads.times += 1;
      this.extend(access, number, `${text} (${this.loads.times} times)`);
      return;
    }
    if (kind !== "drain") {
      this.addFunction(cpu, functions, false);
    }
    const locks = this.locks[cpu] as (string | undefined)[];
    if (kind === "lock") {
      const free = locks.indexOf(undefined);
      const slot = free < 0 ? locks.length : free;
      locks[slot] = object;
      this.add({ cpu, number, kind: "access", text, access }, { slot, part: "takes" });
      return;
    }
    const slot = kind === "unlock" ? locks.indexOf(object) : -1;
    this.add(
      { cpu, number, kind: "access", text, changed: changesMemory(access), access },
      slot < 0 ? undefined : { slot, part: "releases" },
    );
    this.loads = kind === "load" ? { text, times: 1 } : undefined;
    if (slot >= 0) {
      locks[slot] = undefined;
    }
  }

  private count(access: StepAccess, number: number, text: string): void {
    const { cpu, kind, functions } = access;
    const previous = this.all.at(-1);
    let { others } = this;
    if (others === undefined || previous?.cpu !== cpu || !isWithin(functions, others.stack)) {
      this.addFunction(cpu, functions, true);
      others = { stack: this.functionRows[cpu]?.stack ?? [], loads: 0, stores: 0 };
      this.add({ cpu, number, kind: "others", text: "", access });
    } else {
      this.extend(access, number, "");
    }
    others = { ...others, ...(kind === "load" ? { loads: others.loads + 1 } : { stores: others.stores + 1 }) };
    const parts = [
      ...(others.loads === 0 ? [] : [plural(others.loads, "load")]),
      ...(others.stores === 0 ? [] : [`${plural(others.stores, "store")} without a change`]),
    ];
    this.rename(others.loads + others.stores === 1 ? text : `… ${parts.join(", ")}`);
    this.others = others;
  }

  /** Adds an access to the last row. */
  private extend(access: StepAccess, number: number, text: string): void {
    const last = this.all.pop() as RaceRow;
    const steps = { first: last.steps?.first ?? number, last: number };
    this.all.push({ ...last, text, steps, accesses: [...last.accesses, access] });
  }

  private rename(text: string): void {
    const last = this.all.pop() as RaceRow;
    this.all.push({ ...last, text });
  }

  /** Adds a row for a function unless one is recent. @param acceptsCaller whether the row of a caller suffices */
  private addFunction(cpu: number, stack: readonly string[], acceptsCaller: boolean): void {
    const previous = this.functionRows[cpu] as Rows["functionRows"][number];
    const isRecent = this.all.length - previous.row < REPEAT_FUNCTION_AFTER;
    const isShown = isWithin(stack, previous.stack) && (acceptsCaller || stack.length === previous.stack.length);
    if (isRecent && isShown) {
      return;
    }
    const text = stack.length === 0 ? "" : `${stack.at(-1)}()`;
    if (text !== "") {
      this.add({ cpu, kind: "function", text });
    }
    previous.stack = stack;
  }
}

/** Corner of the row that takes or releases the lock in a slot. */
interface Corner {
  readonly slot: number;
  readonly part: HeldLock["part"];
}

function isWithin(stack: readonly string[], outer: readonly string[]): boolean {
  return outer.every((name, i) => stack[i] === name);
}
