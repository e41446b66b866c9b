/** A scene as SVG: panels, then links, cells and frames. */
import type { JSX } from "preact";
import type { Box } from "../picture/layout.ts";
import type { Scene } from "../picture/scene.ts";
import type { SceneCell, ScenePanel } from "../picture/scene-parts.ts";
import { sceneText } from "../picture/scene-text.ts";

/** Shows a scene. */
export function Picture({ scene }: { readonly scene: Scene }): JSX.Element {
  const { width, height, panels, links, cells, changes, faults } = scene;
  return (
    <svg
      class="picture"
      viewBox={`0 0 ${width} ${height}`}
      width={width}
      height={height}
      role="img"
      aria-label={sceneText(scene)}
    >
      {panels.map((panel) => (
        <Panel key={`${panel.title} ${panel.x} ${panel.y}`} panel={panel} />
      ))}
      {links.map(({ path, style, isBand, isChanged, folio }, i) => (
        <path
          key={i}
          d={path}
          class={`link ${style} ${isBand ? "band" : ""} ${isChanged ? "new" : ""} ${folio === undefined ? "" : `hue-${folio % 4}`}`}
        />
      ))}
      {panels.map((panel) => (
        <Title key={`${panel.title} ${panel.x} ${panel.y}`} panel={panel} />
      ))}
      {cells.map((cell) => (
        <Cell key={cell.key} cell={cell} />
      ))}
      {changes.map((box, i) => (
        <Frame key={i} box={box} kind="changed" />
      ))}
      {faults.map((box, i) => (
        <Frame key={i} box={box} kind="fault" />
      ))}
    </svg>
  );
}

function Panel({ panel: { x, y, width, height, kind, folio } }: { readonly panel: ScenePanel }): JSX.Element {
  return (
    <rect
      x={x}
      y={y}
      width={width}
      height={height}
      rx={6}
      class={`panel ${kind} ${folio === undefined ? "" : `hue-${folio % 4}`}`}
    />
  );
}

function Title({ panel }: { readonly panel: ScenePanel }): JSX.Element {
  const { x, y, width, height, title, note, isNoteBelow, isNoteChanged, folio, kind, isTitleBelow, labels } = panel;
  const line = isTitleBelow ? y + height - (isNoteBelow ? 21 : 7) : y + 16;
  return (
    <>
      <text x={x + 8} y={line} class={`title ${kind === "folio" ? `hue-${(folio ?? 0) % 4}` : ""}`}>
        {title}
      </text>
      <text
        x={isNoteBelow ? x + 8 : x + width - 8}
        y={isNoteBelow ? line + 14 : line}
        class={`note ${isNoteChanged ? "changed" : ""}`}
        text-anchor={isNoteBelow ? "start" : "end"}
      >
        {note}
      </text>
      {labels.map(({ y: top, text }) => (
        <text key={top} x={x + 8} y={top + 12} class="note">
          {text}
        </text>
      ))}
    </>
  );
}

/** Width of a character in relation to the size of the font. */
const CHARACTER = 0.61;
const FONT = 12;
const LINE = 14;

function Cell({ cell }: { readonly cell: SceneCell }): JSX.Element {
  const { x, y, width, height, kind, folio, isWritable, lines, note } = cell;
  const [first, ...others] = lines;
  const size = fontSize(lines[0]?.map(({ text }) => text).join("") ?? "", width);
  const hue = folio === undefined ? "" : `hue-${folio % 4}`;
  const top = others.length === 0 ? y + height / 2 + size / 3 : y + 15;
  return (
    <g>
      <rect
        x={x + 1}
        y={y + 1}
        width={width - 2}
        height={height - 2}
        rx={kind === "holder" ? 12 : 3}
        class={`cell ${kind} ${isWritable ? "writable" : ""} ${hue}`}
      />
      {[first ?? [], ...others].map((line, i) => (
        <text
          key={i}
          x={x + width / 2}
          y={top + i * LINE}
          font-size={i === 0 ? size : fontSize(line.map(({ text }) => text).join(""), width) - 1}
          class="cell-text"
          text-anchor="middle"
        >
          {line.map(({ text, isStruck, isNew }, t) => (
            <tspan key={t} class={isStruck === true ? "struck" : isNew === true ? "new" : ""}>
              {text}
            </tspan>
          ))}
        </text>
      ))}
      {note === "" || note.length * 5.4 > width + 14 ? null : (
        <text x={x + width / 2} y={y + height + 11} class="cell-note" text-anchor="middle">
          {note}
        </text>
      )}
    </g>
  );
}

function fontSize(text: string, width: number): number {
  return Math.min(FONT, (width - 6) / (Math.max(text.length, 1) * CHARACTER));
}

function Frame({ box: { x, y, width, height }, kind }: { readonly box: Box; readonly kind: string }): JSX.Element {
  return <rect x={x - 1} y={y - 1} width={width + 2} height={height + 2} rx={4} class={`frame ${kind}`} />;
}
