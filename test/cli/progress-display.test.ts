/** Progress display: one line that is overwritten on a terminal, plain lines at intervals elsewhere. */
import { PassThrough } from "node:stream";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ProgressDisplay } from "../../cli/progress-display.ts";

/** Creates a display, with the text that it has written. */
function display(
  isTTY: boolean,
  isEnabled = true,
): { readonly progress: ProgressDisplay; readonly written: () => string } {
  const stream = Object.assign(new PassThrough({ encoding: "utf8" }), { isTTY, columns: 30 });
  const progress = new ProgressDisplay(isEnabled, stream as unknown as NodeJS.WriteStream);
  return { progress, written: () => (stream.read() as string | null) ?? "" };
}

/** Control sequence that moves the cursor to the start of the line, and clears it. */
const REWRITE = "\u001b[1G\u001b[2K";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["performance"] });
});

afterEach(() => {
  vi.useRealTimers();
});

test("progress shows other work before the runs until it has ended", () => {
  const { progress, written } = display(true);
  progress.showBeside("image");
  progress.show("run");
  progress.showBeside("image, too wide for this line");
  progress.showBeside(undefined);
  progress.show("run on");
  progress.clear();
  expect(written().split(REWRITE)).toEqual(["image", "image | run", "image, too wide for this line", "run on", ""]);
});

test("progress that is switched off writes nothing", () => {
  const { progress, written } = display(true, false);
  progress.showBeside("image");
  progress.show("run");
  progress.note("note");
  progress.clear();
  expect(written()).toBe("");
});

test("progress is a line every ten seconds without a terminal", () => {
  const { progress, written } = display(false);
  progress.showBeside("image");
  vi.advanceTimersByTime(10_000);
  progress.show("run");
  progress.showBeside(undefined);
  progress.show("run on");
  vi.advanceTimersByTime(10_000);
  progress.showBeside(undefined);
  progress.show("run to the end");
  expect(written()).toBe("image | run\nrun to the end\n");
});
