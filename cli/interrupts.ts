/** Interrupts of the command: SIGINT and SIGTERM. */
import { constants } from "node:os";

type Interrupt = "SIGINT" | "SIGTERM";

/** Ends the process with the shell's exit code for the signal: 130 for SIGINT, 143 for SIGTERM. */
function quit(signal: Interrupt): never {
  process.exit(128 + constants.signals[signal]);
}

let handle: (signal: Interrupt) => void = quit;

/**
 * Installs the signal handlers. Unless untilInterrupted() runs, an interrupt ends the command, and discards unwritten
 * files.
 */
export function listenForInterrupts(): void {
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.on(signal, () => handle(signal));
  }
}

/** Handling of interrupts during a run. */
interface InterruptHandling {
  /** Called at the first interrupt. */
  readonly onInterrupt: () => void;
  /** Before this is settled, there is nothing to report, and the first interrupt ends the command. */
  readonly reportableFrom?: Promise<unknown>;
}

/**
 * Calls `run`. The first interrupt aborts its signal, the second one ends the command.
 *
 * @param run must end when its signal is aborted
 */
export async function untilInterrupted<T>(
  { onInterrupt, reportableFrom }: InterruptHandling,
  run: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const abort = new AbortController();
  const previous = handle;
  let isReportable = reportableFrom === undefined;
  const report = (): void => {
    isReportable = true;
  };
  reportableFrom?.then(report, report);
  handle = (signal) => {
    if (!isReportable || abort.signal.aborted) {
      quit(signal);
    }
    onInterrupt();
    abort.abort();
  };
  try {
    return await run(abort.signal);
  } finally {
    handle = previous;
  }
}
