/** Legend of a picture, limited to what occurs in it. */
import type { Scene } from "./scene.ts";
import type { SceneCell } from "./scene-parts.ts";

/** Symbol with its meaning. */
export interface LegendItem {
  /** Determines how the symbol is drawn. */
  readonly symbol: "present" | "writable" | "pmd" | "migration" | "swap" | "changed" | "fault" | "text";
  /** Text in the symbol. */
  readonly text: string;
  readonly meaning: string;
}

/** Returns the legend of a picture. */
export function legendOf({ cells, changes, faults, links }: Scene): LegendItem[] {
  const has = (kind: SceneCell["kind"]): boolean => cells.some((each) => each.kind === kind);
  const hasText = (text: string): boolean =>
    cells.some(({ lines }) => lines.flat().some((each) => each.text.includes(text)));
  const isPresent = (cell: SceneCell): boolean => cell.kind === "present";
  const item = (occurs: boolean, symbol: LegendItem["symbol"], text: string, meaning: string): LegendItem[] =>
    occurs ? [{ symbol, text, meaning }] : [];
  return [
    ...item(
      cells.some((cell) => isPresent(cell) && !cell.isWritable),
      "present",
      "A2",
      "maps page 2 of folio A, read-only",
    ),
    ...item(
      cells.some((cell) => isPresent(cell) && cell.isWritable),
      "writable",
      "A2w",
      "maps page 2 of folio A, writable",
    ),
    ...item(has("migration"), "migration", "(A2)", "migration entry for that page"),
    ...item(has("swap"), "swap", "s3", "swap entry for slot 3; x: exclusive"),
    ...item(has("page") && hasText("×"), "text", "×2", "two entries map the page"),
    ...item(hasText("excl"), "text", "excl", "PageAnonExclusive"),
    ...item(hasText("◆"), "text", "◆", "the write that is followed"),
    ...item(
      cells.some(({ isWrong }) => isWrong),
      "text",
      "!◇ !◆",
      "the write is missing, or must not be there",
    ),
    ...item(
      links.some(({ style }) => style === "removed"),
      "text",
      "┈",
      "removed in this step",
    ),
    ...item(changes.length > 0, "changed", "", "changed in this step"),
    ...item(faults.length > 0, "fault", "", "violates the claim"),
  ];
}
