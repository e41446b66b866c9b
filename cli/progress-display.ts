/** Progress on standard error: on a terminal, one line that is overwritten; else a plain line at each interval. */
import { clearLine, cursorTo } from "node:readline";

const PLAIN_INTERVAL_MS = 10_000;

/** Display of the progress of runs, and of a build that runs concurrently. */
export class ProgressDisplay {
  private readonly isEnabled: boolean;
  private readonly stream: NodeJS.WriteStream;
  private main: string | undefined;
  private beside: string | undefined;
  private lastLineAt: number = performance.now();
  private isDirty = false;

  constructor(isEnabled: boolean, stream: NodeJS.WriteStream = process.stderr) {
    this.isEnabled = isEnabled;
    this.stream = stream;
  }

  /** Shows the progress of the main work. */
  show(line: string): void {
    this.main = line;
    this.draw();
  }

  /** Shows the progress of concurrent work, in front of the main work's; undefined when it has ended. */
  showBeside(line: string | undefined): void {
    this.beside = line;
    if (line === undefined) {
      this.clear();
    } else {
      this.draw();
    }
  }

  private draw(): void {
    if (!this.isEnabled) {
      return;
    }
    const line = [this.beside, this.main].filter((each) => each !== undefined).join(" | ");
    if (this.stream.isTTY) {
      this.clear();
      this.stream.write(line.slice(0, Math.max(1, this.stream.columns - 1)));
      this.isDirty = true;
    } else if (performance.now() - this.lastLineAt >= PLAIN_INTERVAL_MS) {
      this.lastLineAt = performance.now();
      this.stream.write(`${line}\n`);
    }
  }

  /** Prints a permanent line. */
  note(line: string): void {
    if (this.isEnabled) {
      this.clear();
      this.stream.write(`${line}\n`);
    }
  }

  /** Prints that the results so far will be reported. */
  showInterrupted(): void {
    this.clear();
    this.stream.write("interrupted: reporting the results so far; interrupt again to quit immediately\n");
  }

  /** Removes the line from the terminal. */
  clear(): void {
    if (this.isDirty) {
      cursorTo(this.stream, 0);
      clearLine(this.stream, 0);
      this.isDirty = false;
    }
  }
}
