/** Scenes as text, for readers who do not see them. */
import type { Scene } from "./scene.ts";
import type { SceneCell, ScenePanel } from "./scene-parts.ts";

/** Describes a scene, panel by panel: `mm 0: A0w, A1w. folio A, anon: A0 ×1, A1 ×1.` */
export function sceneText({ panels, cells }: Scene): string {
  const texts = panels.map((panel) => {
    const own = cells.filter((cell) => isWithin(cell, panel)).map(cellText);
    const heading = [panel.title, panel.note].filter((each) => each !== "").join(", ");
    return own.length === 0 ? heading : `${heading}: ${own.join(", ")}`;
  });
  const holders = cells.filter(({ kind }) => kind === "holder").map((cell) => `reference: ${cellText(cell)}`);
  return `${[...texts, ...holders].join(". ")}.`;
}

function isWithin({ x, y }: SceneCell, panel: ScenePanel): boolean {
  return x >= panel.x && x < panel.x + panel.width && y >= panel.y && y < panel.y + panel.height;
}

function cellText({ kind, lines, isChanged }: SceneCell): string {
  const text = lines
    .flat()
    .filter(({ isStruck }) => isStruck !== true)
    .map((each) => each.text)
    .join(" ");
  const name = text === "" || text === "·" ? (kind === "empty" ? "nothing" : "") : text;
  return isChanged ? `${name} (changed)` : name;
}
