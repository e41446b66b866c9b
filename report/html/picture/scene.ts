/** Picture of a state as shapes: panels, cells, links and frames, without colours. */
import type { Fault } from "../../../invariants/fault.ts";
import type { DrawnState } from "../../trace/state.ts";
import { entryCells } from "./entry-cells.ts";
import { folioCells } from "./folio-cells.ts";
import type { Box, Layout } from "./layout.ts";
import { type Link, linksOf } from "./links.ts";
import { mmPanels, rowPanels } from "./panels.ts";
import { placeOf } from "./places.ts";
import { holderCells, reserveCells } from "./reserve-cells.ts";
import type { SceneCell, ScenePanel } from "./scene-parts.ts";

/** Picture of a state. */
export interface Scene {
  readonly width: number;
  readonly height: number;
  readonly panels: readonly ScenePanel[];
  readonly links: readonly Link[];
  readonly cells: readonly SceneCell[];
  /** Frames around what the step changed; neighbours have one frame. */
  readonly changes: readonly Box[];
  /** Frames around the places that violate the claim. */
  readonly faults: readonly Box[];
}

/** Context of a picture. */
export interface SceneSetting {
  /** Words of the kernel configuration. */
  readonly config: readonly string[];
  readonly faults: readonly Fault[];
}

/** Draws a state. @param before the state before the step; undefined for an initial state */
export function sceneOf(
  state: DrawnState,
  before: DrawnState | undefined,
  layout: Layout,
  setting: SceneSetting,
): Scene {
  const cells = [
    ...entryCells(state, before, layout),
    ...folioCells(state, before, layout, setting.config),
    ...reserveCells(state, before, layout),
    ...holderCells(state, before, layout),
  ];
  const faulty = new Set(setting.faults.map(placeOf));
  return {
    width: layout.width,
    height: layout.height,
    panels: [...mmPanels(state, before, layout), ...rowPanels(state, before, layout)],
    links: linksOf(state, before, layout),
    cells,
    changes: joined(cells.filter(({ isChanged }) => isChanged)),
    faults: joined(cells.filter(({ key, isWrong }) => isWrong || faulty.has(key))),
  };
}

/** Joins boxes that are next to each other. @param boxes in the order of their rows */
function joined(boxes: readonly Box[]): Box[] {
  const all: Box[] = [];
  for (const { x, y, width, height } of boxes) {
    const last = all.at(-1);
    if (last !== undefined && last.y === y && last.height === height && Math.abs(last.x + last.width - x) < 1) {
      all[all.length - 1] = { ...last, width: last.width + width };
    } else {
      all.push({ x, y, width, height });
    }
  }
  return all;
}
