/** Interleaving of CPUs: a column each, locks as bars, conflicting accesses joined; beside it, memory at a step. */
import type { JSX } from "preact";
import { useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import type { RaceContent, RaceContentRow } from "../content.ts";
import { Conclusion } from "./conclusion.tsx";
import { Scrubber } from "./scrubber.tsx";
import { StatePicture } from "./state-picture.tsx";
import { StepLink } from "./step-link.tsx";
import type { TimelineProps } from "./timeline.tsx";
import { useArrowKeys } from "./use-arrow-keys.ts";

/** Shows an interleaving. */
export function RaceTimeline({
  trace,
  race,
  step,
  onStep,
  addressOf,
  isPrinted,
}: TimelineProps & { readonly race: RaceContent }): JSX.Element {
  const { rows } = race;
  // The rows that are steps, in order; the initial state is before the first one.
  const stops = useMemo(() => rows.flatMap((row, i) => (row.steps === undefined ? [] : [i])), [rows]);
  const last = trace.steps.length;
  const current = Math.min(step ?? last, last);
  const position = stops.filter((index) => (rows[index]?.steps?.[0] ?? 0) <= current).length;
  const row = position === 0 ? undefined : rows[stops[position - 1] ?? 0];
  const move = (next: number): void => onStep(next === 0 ? 0 : (rows[stops[next - 1] ?? 0]?.steps?.[1] ?? 0));
  useArrowKeys(position, stops.length, move);
  const [first, end] = row?.steps ?? [0, 0];
  const isLast = position === stops.length;
  const text = row === undefined ? "initial state" : `CPU ${row.cpu}: ${row.text}`;
  return (
    <>
      <p class="summary">{race.summary}</p>
      <Operations race={race} />
      <div class={isPrinted ? "race printed" : "race"}>
        <div class="lanes">
          <Scrubber position={position} last={stops.length} text={text} onMove={move} />
          <Lanes
            race={race}
            current={position === 0 ? -1 : (stops[position - 1] ?? -1)}
            onStep={onStep}
            addressOf={addressOf}
          />
          <LaneLegend race={race} />
        </div>
        <div class="race-state">
          <section class="state">
            <h2 class="step-heading" aria-live="polite">
              <span class="number current">{end === 0 ? 0 : end}</span> {text}
            </h2>
            {isLast ? <Conclusion {...trace} /> : null}
            {row === undefined ? null : <CallStack row={row} />}
            <StatePicture
              trace={trace}
              position={end}
              before={Math.max(first - 1, 0)}
              faults={isLast ? trace.faults : []}
            />
          </section>
        </div>
      </div>
    </>
  );
}

/** Lists what the CPUs do, before and during the interleaving. */
function Operations({ race: { start, rows } }: { readonly race: RaceContent }): JSX.Element {
  return (
    <ul class="operations">
      {start.map(({ call, sentence }, i) => (
        <li key={i}>
          <b>before</b> {sentence} <code>{call}</code>
        </li>
      ))}
      {rows.map(({ cpu, sentence, text, steps, kind }, i) =>
        sentence === undefined ? null : (
          <li key={i}>
            <b>
              CPU {cpu}
              {kind === "whole" ? "" : ` from step ${steps?.[0]} on`}
            </b>{" "}
            {sentence} <code>{text}</code>
          </li>
        ),
      )}
    </ul>
  );
}

function CallStack({ row: { functions = [], place, stale } }: { readonly row: RaceContentRow }): JSX.Element {
  return (
    <>
      {stale === undefined ? null : (
        <p class="stale-text">
          This load reads an old value: {stale} newer write{stale === 1 ? "" : "s"} to the word{" "}
          {stale === 1 ? "is" : "are"} in memory already.
        </p>
      )}
      {functions.length === 0 ? null : (
        <p class="stack">
          in{" "}
          {functions.map((name, i) => (
            <span key={i}>
              {i === 0 ? "" : " → "}
              <code>{name}()</code>
            </span>
          ))}
          {place === undefined ? null : <code class="place"> {place}</code>}
        </p>
      )}
    </>
  );
}

/** Height of the lanes that counts as shown at least, in CSS pixels. */
const MIN_SHOWN = 120;

/** Curve between two rows, in pixels of the lanes. */
interface Arrow {
  readonly path: string;
  readonly isCurrent: boolean;
}

function Lanes({
  race: { rows, cpus, conflicts },
  current,
  onStep,
  addressOf,
}: Pick<TimelineProps, "onStep" | "addressOf"> & {
  readonly race: RaceContent;
  readonly current: number;
}): JSX.Element {
  const element = useRef<HTMLDivElement>(null);
  const arrows = useArrows(element, conflicts, current);
  const slots = cpus.map((cpu) => Math.max(0, ...rows.map(({ locks }) => locks[cpu]?.length ?? 0)));
  const objects = lockObjects(rows);
  useLayoutEffect(() => {
    const row = element.current?.querySelector(".lane-row.current");
    const view = element.current?.parentElement;
    if (row instanceof HTMLElement && view instanceof HTMLElement) {
      // The lanes scroll, and not the page: its picture stays where it is. Part of them may be below the window.
      const shown = Math.min(view.clientHeight, Math.max(innerHeight - view.getBoundingClientRect().top, MIN_SHOWN));
      const isAbove = row.offsetTop - row.offsetHeight < view.scrollTop;
      const isBelow = row.offsetTop + row.offsetHeight > view.scrollTop + shown;
      view.scrollTop = isAbove || isBelow ? row.offsetTop - shown / 2 : view.scrollTop;
    }
  }, [current]);
  return (
    <div class="lane-scroll">
      <div ref={element} class={`lane-grid cpus-${Math.min(cpus.length, 4)}`}>
        <div class="lane-row lane-head">
          <span class="lane-number">step</span>
          {cpus.map((cpu) => (
            <b key={cpu} class="lane">
              CPU {cpu}
            </b>
          ))}
        </div>
        {rows.map((row, index) => (
          <div key={index} class={`lane-row ${index === current ? "current" : ""}`}>
            <span class="lane-number">{row.steps === undefined ? "" : stepNumbers(row.steps)}</span>
            {cpus.map((cpu, c) => (
              <div key={cpu} class="lane">
                <Bars locks={row.locks[cpu] ?? []} count={slots[c] ?? 0} objects={objects} />
                {row.cpu === cpu ? (
                  <RowText
                    row={row}
                    index={index}
                    isCurrent={index === current}
                    onStep={onStep}
                    addressOf={addressOf}
                  />
                ) : null}
              </div>
            ))}
          </div>
        ))}
        <svg class="arrows" aria-hidden="true">
          <defs>
            <marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">
              <path d="M0 0L8 4L0 8Z" class="arrow-head" />
            </marker>
          </defs>
          {arrows.map(({ path, isCurrent }, i) => (
            <path key={i} d={path} class={isCurrent ? "arrow current" : "arrow"} marker-end="url(#arrow)" />
          ))}
        </svg>
      </div>
    </div>
  );
}

function stepNumbers([first, last]: readonly [number, number]): string {
  return first === last ? `${first}` : `${first}–${last}`;
}

function RowText({
  row: { kind, text, steps, isChange, stale, isPlain, place },
  index,
  isCurrent,
  onStep,
  addressOf,
}: Pick<TimelineProps, "onStep" | "addressOf"> & {
  readonly row: RaceContentRow;
  readonly index: number;
  readonly isCurrent: boolean;
}): JSX.Element {
  const style = `row-text ${kind} ${isChange === true ? "changes" : ""} ${stale === undefined ? "" : "stale"}`;
  const marks = `${stale === undefined ? "" : " ⟲ old value"}${isPlain === true && kind === "next" ? " (plain)" : ""}`;
  return steps === undefined ? (
    <span class={style} data-row={index} title={place}>
      {text}
    </span>
  ) : (
    <StepLink step={steps[1]} style={style} row={index} isCurrent={isCurrent} onStep={onStep} addressOf={addressOf}>
      {text}
      {marks}
    </StepLink>
  );
}

function lockObjects(rows: readonly RaceContentRow[]): string[] {
  return [
    ...new Set(rows.flatMap(({ locks }) => locks.flat().flatMap((lock) => (lock === null ? [] : [lock.object])))),
  ];
}

function Bars({
  locks,
  count,
  objects,
}: {
  readonly locks: RaceContentRow["locks"][number];
  readonly count: number;
  readonly objects: readonly string[];
}): JSX.Element | null {
  return count === 0 ? null : (
    <span class="bars">
      {Array.from({ length: count }, (_, slot) => {
        const lock = locks[slot] ?? null;
        return lock === null ? (
          <span key={slot} class="bar" />
        ) : (
          <span key={slot} class={`bar ${lock.part} lock-${objects.indexOf(lock.object) % 4}`} title={lock.object} />
        );
      })}
    </span>
  );
}

function LaneLegend({ race: { rows, conflicts } }: { readonly race: RaceContent }): JSX.Element {
  const objects = lockObjects(rows);
  return (
    <ul class="legend" aria-label="Legend of the interleaving">
      {objects.map((object, i) => (
        <li key={object}>
          <span class={`bar sample holds lock-${i % 4}`} /> holds {object}
        </li>
      ))}
      {conflicts.length === 0 ? null : <li>↷ accesses to one field by two CPUs, of which at least one writes</li>}
      {rows.some(({ stale }) => stale !== undefined) ? <li>⟲ a load of a value that was overwritten</li> : null}
      <li>… loads that no other CPU can influence</li>
    </ul>
  );
}

/** Returns curves between rows, measured in the document. */
function useArrows(
  element: { readonly current: HTMLDivElement | null },
  conflicts: RaceContent["conflicts"],
  current: number,
): readonly Arrow[] {
  const [arrows, setArrows] = useState<readonly Arrow[]>([]);
  useLayoutEffect(() => {
    const grid = element.current;
    if (grid === null) {
      return;
    }
    const measure = (): void => {
      const origin = grid.getBoundingClientRect();
      const boxOf = (row: number): DOMRect | undefined =>
        grid.querySelector(`[data-row="${row}"]`)?.getBoundingClientRect();
      setArrows(
        conflicts.flatMap(([one, other]): Arrow[] => {
          const [from, to] = [boxOf(one), boxOf(other)];
          return from === undefined || to === undefined
            ? []
            : [{ path: arrowPath(from, to, origin), isCurrent: one === current || other === current }];
        }),
      );
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(grid);
    return () => observer.disconnect();
  }, [element, conflicts, current]);
  return arrows;
}

function arrowPath(from: DOMRect, to: DOMRect, origin: DOMRect): string {
  const isToRight = to.left > from.left;
  const [x1, x2] = isToRight ? [from.right, to.left] : [from.left, to.right];
  const [y1, y2] = [(from.top + from.bottom) / 2 - origin.top, (to.top + to.bottom) / 2 - origin.top];
  const [start, end] = [x1 - origin.left, x2 - origin.left];
  const bend = isToRight ? 24 : -24;
  return `M${start} ${y1}C${start + bend} ${y1} ${end - bend} ${y2} ${end} ${y2}`;
}
