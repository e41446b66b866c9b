/** What the recipes of the machine of mm images run: an image, its reports, and the model in lockstep. */
import type { WarningLog } from "../../../explore/model/machine.ts";
import type { LockstepDifference } from "../lockstep/comparison.ts";
import type { ExecutedOperation, Lockstep, StateReading } from "../lockstep/lockstep.ts";
import { fieldsOf, type LockstepField, type LockstepWarning } from "../lockstep/named-differences.ts";
import type { ImageInstance } from "../module/image-instance.ts";
import type { ImageReport, ImageWarning } from "../module/image-report.ts";
import { ProcWord } from "../world/proc-layout.ts";
import { LOCKSTEP_CODES, REPORT_CODES } from "./image-claims.ts";
import type { NotTaken } from "./not-taken.ts";
import { READS } from "./proc-claims.ts";

/** A state: its number, as StateTree gives it to the content of the memory. */
export interface ImageState {
  memory: number;
}

/** What models on one image have in common: a trace is executed on another model than the search. */
export interface Records {
  /** The differences from the model so far; by position of the code. */
  readonly differences: (readonly LockstepField[])[];
  /** The reports so far, by position of the code. */
  readonly reports: ImageReport[];
  /** The fault in which reading a state ended first, by the property that is violated then. */
  readonly remarks: Map<string, ImageWarning>;
}

/** A difference from the model, with the state after the operation as it was compared. */
interface Difference {
  readonly fields: readonly LockstepDifference[];
  readonly after: Int32Array;
}

/** The image that recipes run, and its reports. */
export class ImageContext {
  readonly instance: ImageInstance;
  readonly log: WarningLog = { first: 0 };
  /** The reports so far; by position of the code. All belong to one property. */
  readonly reports: ImageReport[];
  readonly differences: (readonly LockstepField[])[];
  readonly notTaken: NotTaken;
  private readonly remarks: Map<string, ImageWarning>;
  private readonly lockstep: LockstepWithModel | undefined;
  private readonly readRenamed: (() => Int32Array) | undefined;
  private action = "";
  /** With `readRenamed`: the world after the last operation, with the frames of the state before it; undefined after a fault. */
  renamed: Int32Array | undefined;

  /** @param readRenamed for traces: copies the world that the memory has */
  constructor(
    instance: ImageInstance,
    { reports, differences, remarks }: Records,
    notTaken: NotTaken,
    lockstep: LockstepWithModel | undefined,
    readRenamed?: () => Int32Array,
  ) {
    this.instance = instance;
    this.reports = reports;
    this.differences = differences;
    this.remarks = remarks;
    this.notTaken = notTaken;
    this.lockstep = lockstep;
    this.readRenamed = readRenamed;
  }

  /** Begins an action. */
  begin(action: string): void {
    this.action = action;
  }

  /**
   * Executes an operation of the image.
   *
   * @returns whether it was enabled; it is not where it would sleep
   * @throws BeyondBounds where the image has no frame or slot left, or lacks a function
   */
  take(state: ImageState, operation: string, ...parameters: number[]): boolean {
    const { instance, lockstep } = this;
    instance.load(state.memory);
    lockstep?.model.startFrom(state.memory, lockstep.read);
    let difference: Difference | undefined;
    let renamed: Int32Array | undefined;
    const outcome = instance.execute(operation, parameters, (refused) => {
      difference = lockstep && compared(lockstep, { operation, parameters, refused });
      renamed = this.readRenamed?.();
    });
    this.renamed = outcome.kind === "done" ? renamed : undefined;
    switch (outcome.kind) {
      case "disabled":
        return false;
      case "waits":
        this.notTaken.add(this.action);
        return false;
      case "fault":
        this.reportAll(outcome.reports);
        return true;
      case "done":
        this.reportAll(outcome.reports);
        state.memory = outcome.state;
        if (difference !== undefined && lockstep !== undefined) {
          this.reportDifference(difference, outcome.state, lockstep);
        }
        return true;
    }
  }

  /** Reads /proc in the loaded state. @param from and to: pages of processes that are read */
  readProc(from: number, to: number): Int32Array | undefined {
    const reading = this.instance.read("read_proc", ProcWord.words, from, to);
    if (reading.kind === "read") {
      return reading.words;
    }
    if (!this.remarks.has(READS)) {
      this.remarks.set(READS, { kind: "image", report: reading.report });
    }
    return undefined;
  }

  /** Raises each report: the log keeps the first that is not known. */
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

  /** A report or difference by its code, as data. */
  warning(code: number): LockstepWarning | ImageWarning | undefined {
    const report = this.reports[REPORT_CODES.indexOf(code)];
    const differences = this.differences[LOCKSTEP_CODES.indexOf(code)];
    return report !== undefined ? { kind: "image", report } : differences && { kind: "lockstep", differences };
  }

  /** Raises the code of a report, unless there is one already. */
  private raise<T>(codes: readonly number[], known: T[], report: T): void {
    if (this.log.first !== 0) {
      return;
    }
    const key = JSON.stringify(report);
    const position = known.findIndex((each) => JSON.stringify(each) === key);
    this.log.first = codes[position < 0 ? Math.min(known.push(report), codes.length) - 1 : position] as number;
  }
}

/** The model in lockstep with an image. */
export interface LockstepWithModel {
  readonly model: Lockstep;
  readonly read: StateReading;
}

function compared({ model, read }: LockstepWithModel, executed: ExecutedOperation): Difference | undefined {
  const after = read.world();
  const fields = model.compare(executed, after);
  return fields.length === 0 ? undefined : { fields, after: after.slice() };
}
