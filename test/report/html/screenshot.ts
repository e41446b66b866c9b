/**
 * Loose comparison of a page with a reference screenshot: where there is ink (text, borders, pictures) in the one,
 * there must be ink nearby in the other. Fonts and colours of a host hardly matter; a page that is blank, whose parts
 * overlap, or that has lost a column fails. FOLIOCHECK_SCREENSHOTS=write writes the references instead.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { PNG } from "pngjs";

const FOLDER = join(import.meta.dirname, "screenshots");

/** Side of a square, in pixels: a pixel of a reference is black if its square of the page has ink. */
const SIDE = 10;
/** Smallest difference from the background that counts as ink, of 255. */
const CONTRAST = 60;
/** Number of squares within which ink is nearby: other fonts move text by less, once lines wrap elsewhere. */
const NEARBY = 6;
/**
 * Largest difference of a page from its reference. In three other font families it was up to 0.04; without one of the
 * three columns of a trace, or with tables over one another, 0.15 and more; a blank page has 1.
 */
export const MOST_DIFFERENT = 0.06;

/** Squares of a page with ink. */
interface Ink {
  readonly width: number;
  readonly height: number;
  /** Whether a square has ink, row by row. */
  readonly squares: readonly boolean[];
}

/**
 * Compares the viewport with the reference of a name.
 *
 * @returns the share of the squares with ink in one of the two that have no ink nearby in the other
 */
export async function screenshotDifference(page: Page, name: string): Promise<number> {
  const shot = inkOf(PNG.sync.read(await page.screenshot({ animations: "disabled" })));
  const file = join(FOLDER, `${name.replaceAll(" ", "-")}.png`);
  if (process.env["FOLIOCHECK_SCREENSHOTS"] === "write") {
    mkdirSync(FOLDER, { recursive: true });
    writeFileSync(file, PNG.sync.write(drawn(shot), { colorType: 0, inputColorType: 6 }));
  }
  const reference = read(file);
  return Math.max(missingIn(shot, reference), missingIn(reference, shot));
}

/** Returns the share of the squares with ink in `other` that have no ink nearby in `one`. */
function missingIn(one: Ink, other: Ink): number {
  const inked = [...other.squares.keys()].filter((at) => other.squares[at]);
  const missing = inked.filter((at) => !hasInkNearby(one, at % other.width, Math.floor(at / other.width)));
  return inked.length === 0 ? 0 : missing.length / inked.length;
}

function hasInkNearby({ width, height, squares }: Ink, x: number, y: number): boolean {
  for (let row = Math.max(0, y - NEARBY); row <= Math.min(height - 1, y + NEARBY); row++) {
    for (let column = Math.max(0, x - NEARBY); column <= Math.min(width - 1, x + NEARBY); column++) {
      if (squares[row * width + column] === true) {
        return true;
      }
    }
  }
  return false;
}

/** Finds the squares with ink: a pixel in them differs from the background, which is the pixel in the corner. */
function inkOf({ width, height, data }: PNG): Ink {
  const [columns, rows] = [Math.floor(width / SIDE), Math.floor(height / SIDE)];
  const squares = Array<boolean>(columns * rows).fill(false);
  for (let y = 0; y < rows * SIDE; y++) {
    for (let x = 0; x < columns * SIDE; x++) {
      const at = (y * width + x) * 4;
      if ([0, 1, 2].some((channel) => Math.abs((data[at + channel] ?? 0) - (data[channel] ?? 0)) >= CONTRAST)) {
        squares[Math.floor(y / SIDE) * columns + Math.floor(x / SIDE)] = true;
      }
    }
  }
  return { width: columns, height: rows, squares };
}

const [BLACK, WHITE] = [0, 255];

function drawn({ width, height, squares }: Ink): PNG {
  const image = new PNG({ width, height });
  image.data.set(squares.flatMap((hasInk) => [...Array<number>(3).fill(hasInk ? BLACK : WHITE), WHITE]));
  return image;
}

function read(file: string): Ink {
  const { width, height, data } = PNG.sync.read(readFileSync(file));
  return { width, height, squares: Array.from({ length: width * height }, (_, i) => data[4 * i] === BLACK) };
}
