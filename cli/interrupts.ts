/** Interrupts of the command: SIGINT and SIGTERM. Work that can end in an orderly way handles them itself. */
import { constants } from "node:os";

type Interrupt = "SIGINT" | "SIGTERM";

/** Ends the process as the shell reports the signal: 130 for SIGINT, 143 for SIGTERM. */
function quit(signal: Interrupt): never {
  process.exit(128 + constants.signals[signal]);
}

let answer: (signal: Interrupt) => void = quit;

/**
 * Ends the command at once at an interrupt that no work handles; files that were not written are discarded on the way.
 */
export function listenForInterrupts(): void {
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.on(signal, () => answer(signal));
  }
}

/** How a run answers an interrupt. */
interface Answer {
  /** Called at the first interrupt. */
  readonly onInterrupt: () => void;
  /** Until this is settled there is nothing to report, and the first interrupt ends the command at once. */
  readonly reportableFrom?: Promise<unknown>;
}

/**
 * Runs something that a first interrupt ends in an orderly way, and a second one at once.
 *
 * @param run ends when its signal is aborted
 */
export async function untilInterrupted<T>(
  { onInterrupt, reportableFrom }: Answer,
  run: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const abort = new AbortController();
  const before = answer;
  let isReportable = reportableFrom === undefined;
  const report = (): void => {
    isReportable = true;
  };
  reportableFrom?.then(report, report);
  answer = (signal) => {
    if (!isReportable || abort.signal.aborted) {
      quit(signal);
    }
    onInterrupt();
    abort.abort();
  };
  try {
    return await run(abort.signal);
  } finally {
    answer = before;
  }
}
