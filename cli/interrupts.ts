/** Interrupts of the command: SIGINT and SIGTERM. Whoever has begun work that can be ended in an orderly way answers. */

/** Exit code of a process that an interrupt ends with nothing to report: 128 + SIGINT. */
const INTERRUPTED = 130;

const quit = (): never => process.exit(INTERRUPTED);

let answer: () => void = quit;

/** From now on an interrupt that nobody answers ends the command at once, and unwritten files are discarded on the way. */
export function listenForInterrupts(): void {
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.on(signal, () => answer());
  }
}

/** How a run answers an interrupt. */
export interface Answer {
  /** Is told of the first interrupt. */
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
  answer = () => {
    if (!isReportable || abort.signal.aborted) {
      quit();
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
