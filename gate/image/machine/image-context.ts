/** Execution context of the machine `image`: a running image, its reports, and the model in lockstep. */
import { BeyondBounds } from "../../../explore/model/errors.ts";
import type { WarningLog } from "../../../explore/model/machine.ts";
import type { LockstepDifference } from "../lockstep/comparison.ts";
import type { ExecutedOperation, Lockstep, StateReading } from "../lockstep/lockstep.ts";
import { fieldsOf, type LockstepField, type LockstepWarning } from "../lockstep/named-differences.ts";
import type { ImageInstance, Interleaving, Outcome } from "../module/image-instance.ts";
import type { ImageReport, ImageWarning } from "../module/image-report.ts";
import { ProcWord } from "../world/proc-layout.ts";
import type { BlockedOperations } from "./blocked-operations.ts";
import { LOCKSTEP_CODES, REPORT_CODES } from "./image-claims.ts";
import type { Interleavings, RaceOutcome } from "./interleavings.ts";
import type { ImageCall } from "./operation-family.ts";
import { READS } from "./proc-claims.ts";
import { MOST_OUTCOMES, RaceOutcomes, type RacingCalls } from "./race-outcomes.ts";
import { type PreemptedOperation, YieldCounts } from "./yield-counts.ts";

/** A state: the number that StateTree assigns to a content of the memory. */
export interface ImageState {
  memory: number;
  /** Whether the execution ended with a race. */
  ended: boolean;
}

/** Records shared by all models on one image: a trace is executed on another model than the search. */
export interface Records {
  /** Differences from the model, by position of the code. */
  readonly differences: (readonly LockstepField[])[];
  /** Reports, by position of the code. */
  readonly reports: ImageReport[];
  /** First fault while reading a state, by the id of the property that it violates. */
  readonly notices: Map<string, ImageWarning>;
}

/** Differences from the model, and the state after the operation in which they were found. */
interface Difference {
  readonly fields: readonly LockstepDifference[];
  readonly after: Int32Array;
}

/** Executes operations on an image and reports their violations. */
export class ImageContext {
  readonly instance: ImageInstance;
  readonly log: WarningLog = { first: 0 };
  /** Reports, by position of the code. All of them violate one property. */
  readonly reports: ImageReport[];
  readonly differences: (readonly LockstepField[])[];
  readonly blocked: BlockedOperations;
  private readonly notices: Map<string, ImageWarning>;
  private readonly lockstep: LockstepWithModel | undefined;
  private readonly copyWorld: (() => Int32Array) | undefined;
  private readonly yields: YieldCounts;
  private readonly races: RaceOutcomes;
  /**
   * World after the last operation, with the page frames of the state before it; undefined after a fault, and without
   * `readRenamed`.
   */
  worldAfter: Int32Array | undefined;

  /** @param readRenamed copies the world from memory; given for traces only */
  constructor(
    instance: ImageInstance,
    { reports, differences, notices }: Records,
    blocked: BlockedOperations,
    lockstep: LockstepWithModel | undefined,
    readRenamed?: () => Int32Array,
  ) {
    this.instance = instance;
    this.reports = reports;
    this.differences = differences;
    this.notices = notices;
    this.blocked = blocked;
    this.lockstep = lockstep;
    this.copyWorld = readRenamed;
    this.yields = new YieldCounts(instance);
    this.races = new RaceOutcomes(instance);
  }

  /**
   * Executes an operation of the image.
   *
   * @param action name of the action
   * @returns whether it was enabled; false also where it would block
   * @throws BeyondBounds where the image has no free frame or slot left, or lacks a function
   */
  take(state: ImageState, action: string, call: ImageCall): boolean {
    const { instance, lockstep } = this;
    instance.load(state.memory);
    lockstep?.model.startFrom(state.memory, lockstep.read);
    let difference: Difference | undefined;
    const outcome = this.execute(call, (refused) => {
      difference = lockstep && differenceFrom(lockstep, { ...call, refused });
    });
    if (!this.accept(state, action, outcome)) {
      return false;
    }
    if (outcome.kind === "done" && difference !== undefined && lockstep !== undefined) {
      this.reportDifference(difference, outcome.state, lockstep);
    }
    return true;
  }

  /** Whether an operation that is executed alone has a yield. Another one may be enabled only there. */
  hasYield({ memory }: ImageState, { call, yields, yield: number }: PreemptedOperation): boolean {
    return number <= this.yields.of(memory, call, yields);
  }

  /**
   * Executes two operations, the second one at a yield of the first. The model in lockstep has no such step.
   *
   * @param ends whether the execution ends
   * @returns whether the first operation has that yield, and the second one can run there
   */
  race(state: ImageState, first: PreemptedOperation, second: ImageCall, ends: boolean): boolean {
    if (!this.hasYield(state, first)) {
      return false;
    }
    this.instance.load(state.memory);
    const { call, yields, yield: number } = first;
    const outcome = this.execute(call, () => {}, { second, kinds: yields.kinds, number });
    const isTaken = this.accept(state, "race", outcome);
    state.ended = isTaken && ends;
    return isTaken;
  }

  /** Whether operations that race have an outcome in a state. */
  canRace(state: ImageState, racing: RacingCalls): boolean {
    const { outcomes, waitsForever } = this.interleavingsOf(state, racing);
    if (waitsForever) {
      this.blocked.add("interleave");
    }
    return outcomes.length > 0;
  }

  /**
   * Executes two operations in the order of their steps that leads to an outcome. The model in lockstep has no such
   * step.
   *
   * @param number number of the outcome, from 1
   * @param ends whether the execution ends
   * @returns whether there is such an outcome
   */
  interleave(state: ImageState, racing: RacingCalls, number: number, ends: boolean): boolean {
    const { outcomes } = this.interleavingsOf(state, racing);
    const outcome = outcomes[number - 1];
    if (outcome === undefined) {
      return false;
    }
    if (outcomes.length > MOST_OUTCOMES) {
      throw new BeyondBounds(`a race has ${outcomes.length} outcomes, and ${MOST_OUTCOMES} are within bounds`);
    }
    if (this.copyWorld !== undefined) {
      this.executeTurns(state, racing, outcome);
    }
    const { kind, memory, reports } = outcome;
    state.ended = ends && this.accept(state, "interleave", { kind, state: memory, reports });
    return true;
  }

  /** Executes the schedule of an outcome, which a search found, for its call tree and the world after it. */
  private executeTurns({ memory }: ImageState, { calls }: RacingCalls, { turns }: RaceOutcome): void {
    this.instance.load(memory);
    this.worldAfter = undefined;
    this.instance.executeTurns(calls, turns, () => {
      this.worldAfter = this.copyWorld?.();
    });
  }

  /** Sets whether operations lead to canonical states. */
  canonicalizeInSteps(isOn: boolean): void {
    this.instance.canonicalizeInSteps(isOn);
    this.races.clear();
  }

  private interleavingsOf({ memory }: ImageState, racing: RacingCalls): Interleavings {
    return this.races.of(memory, racing, this.blocked.isRepetition ? "repetition" : "search");
  }

  private execute(
    { operation, parameters }: ImageCall,
    onDone: (refused: boolean) => void,
    race?: Interleaving,
  ): Outcome {
    let renamed: Int32Array | undefined;
    const outcome = this.instance.execute(
      operation,
      parameters,
      (refused) => {
        onDone(refused);
        renamed = this.copyWorld?.();
      },
      race,
    );
    this.worldAfter = outcome.kind === "done" ? renamed : undefined;
    return outcome;
  }

  /** Reports the violations of a step, and changes the state. @returns whether the step was enabled */
  private accept(state: ImageState, action: string, outcome: Outcome): boolean {
    switch (outcome.kind) {
      case "disabled":
        return false;
      case "waits":
        this.blocked.add(action);
        return false;
      case "fault":
        this.reportAll(outcome.reports);
        return true;
      case "done":
        this.reportAll(outcome.reports);
        state.memory = outcome.state;
        return true;
    }
  }

  /**
   * Reads /proc in the loaded state.
   *
   * @param from first page of the range of each process that is read
   * @param to first page behind the range
   */
  readProc(from: number, to: number): Int32Array | undefined {
    const reading = this.instance.read("read_proc", ProcWord.words, from, to);
    if (reading.kind === "read") {
      return reading.words;
    }
    if (!this.notices.has(READS)) {
      this.notices.set(READS, { kind: "image", report: reading.report });
    }
    return undefined;
  }

  /** Logs the code of each report. The log stores only the first of a step. */
  private reportAll(reports: readonly ImageReport[]): void {
    for (const report of reports) {
      this.raise(REPORT_CODES, this.reports, report);
    }
  }

  private reportDifference({ fields, after }: Difference, state: number, { model, read }: LockstepWithModel): void {
    this.instance.load(state);
    const named = fieldsOf(fields, after, read.world(), model.subject.tables);
    this.raise(LOCKSTEP_CODES, this.differences, named);
  }

  /** Returns the report or the differences of a code, as data. */
  warning(code: number): LockstepWarning | ImageWarning | undefined {
    const report = this.reports[REPORT_CODES.indexOf(code)];
    const differences = this.differences[LOCKSTEP_CODES.indexOf(code)];
    return report !== undefined ? { kind: "image", report } : differences && { kind: "lockstep", differences };
  }

  /** Logs the code of a report, which is assigned at its first occurrence. Ignored if the step already has a code. */
  private raise<T>(codes: readonly number[], entries: T[], report: T): void {
    if (this.log.first !== 0) {
      return;
    }
    const key = JSON.stringify(report);
    const position = entries.findIndex((each) => JSON.stringify(each) === key);
    this.log.first = codes[position < 0 ? Math.min(entries.push(report), codes.length) - 1 : position] as number;
  }
}

/** The model in lockstep with an image. */
export interface LockstepWithModel {
  readonly model: Lockstep;
  readonly read: StateReading;
}

function differenceFrom({ model, read }: LockstepWithModel, executed: ExecutedOperation): Difference | undefined {
  const after = read.world();
  const fields = model.compare(executed, after);
  return fields.length === 0 ? undefined : { fields, after: after.slice() };
}
