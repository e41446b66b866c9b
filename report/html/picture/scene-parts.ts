/** Parts of a picture. */
import type { Box } from "./layout.ts";

/** Frame around an MM, a folio, or an area with slots. */
export interface ScenePanel extends Box {
  readonly kind: "mm" | "folio" | "free-folio" | "area";
  readonly title: string;
  readonly note: string;
  /** Whether the note is below the title, not at its right. */
  readonly isNoteBelow: boolean;
  readonly isNoteChanged: boolean;
  /** Position of the folio, for its colour. */
  readonly folio?: number;
  /** Whether the title is below the cells. */
  readonly isTitleBelow: boolean;
  /** Texts above rows of cells. */
  readonly labels: readonly { readonly y: number; readonly text: string }[];
}

/** Text in a cell; struck if the step removed it. */
export interface CellText {
  readonly text: string;
  readonly isStruck?: true;
  readonly isNew?: true;
}

/** Cell: an entry, a page, a slot, or a holder of a reference. */
export interface SceneCell extends Box {
  readonly key: string;
  readonly kind: "empty" | "present" | "migration" | "swap" | "page" | "slot" | "holder";
  readonly isWritable: boolean;
  /** Position of the folio, for its colour. */
  readonly folio?: number;
  /** Lines of text. */
  readonly lines: readonly (readonly CellText[])[];
  /** Text below the cell: what it was before the step. */
  readonly note: string;
  readonly isChanged: boolean;
  /** Whether it holds a content that it must not hold, or lacks one. */
  readonly isWrong: boolean;
}
