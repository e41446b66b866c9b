/** Progress on standard error: one line that is overwritten on a terminal, plain lines now and then elsewhere. */
import { clearLine, cursorTo } from "node:readline";

const PLAIN_INTERVAL_MS = 10_000;

/** Shows how far runs are, and what goes on beside them. */
export class ProgressDisplay {
  private readonly shown: boolean;
  private readonly stream: NodeJS.WriteStream;
  private main: string | undefined;
  private beside: string | undefined;
  private last: number = performance.now();
  private isDirty = false;

  constructor(shown: boolean, stream: NodeJS.WriteStream = process.stderr) {
    this.shown = shown;
    this.stream = stream;
  }

  /** Something is at this point. */
  show(line: string): void {
    this.main = line;
    this.draw();
  }

  /** Something else is at this point, which is shown in front; undefined when it has ended. */
  showBeside(line: string | undefined): void {
    this.beside = line;
    if (line === undefined) {
      this.clear();
    } else {
      this.draw();
    }
  }

  private draw(): void {
    if (!this.shown) {
      return;
    }
    const line = [this.beside, this.main].filter((each) => each !== undefined).join(" | ");
    if (this.stream.isTTY) {
      this.clear();
      this.stream.write(line.slice(0, Math.max(1, this.stream.columns - 1)));
      this.isDirty = true;
    } else if (performance.now() - this.last >= PLAIN_INTERVAL_MS) {
      this.last = performance.now();
      this.stream.write(`${line}\n`);
    }
  }

  /** Prints a line that stays. */
  note(line: string): void {
    if (this.shown) {
      this.clear();
      this.stream.write(`${line}\n`);
    }
  }

  /** Says that what was done so far will be reported. */
  sayInterrupted(): void {
    this.clear();
    this.stream.write("interrupted: reporting what was done so far; interrupt again to quit at once\n");
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
