/** Table whose rows can be sorted by each column. */
import type { JSX } from "preact";
import { useMemo, useState } from "preact/hooks";
import type { ContentTable, TableCell } from "../content.ts";

/** Number of rows that are shown at first. */
const FIRST_ROWS = 100;

interface Order {
  readonly column: number;
  readonly isDescending: boolean;
}

/** Shows a table. */
export function SortableTable({ table }: { readonly table: ContentTable }): JSX.Element {
  const { title, rows, isFolded = false } = table;
  return (
    <section>
      {isFolded ? (
        <details class="table-fold">
          <summary>
            <h2>{title}</h2> <span class="dim">{rows.length}</span>
          </summary>
          <Rows table={table} />
        </details>
      ) : (
        <>
          <h2>{title}</h2>
          <Rows table={table} />
        </>
      )}
    </section>
  );
}

function Rows({ table: { title, columns, rows, notes = [] } }: { readonly table: ContentTable }): JSX.Element {
  const [order, setOrder] = useState<Order>();
  const [hasAll, setAll] = useState(rows.length <= FIRST_ROWS);
  const sorted = useMemo(() => (order === undefined ? rows : sortedBy(rows, order)), [rows, order]);
  const shown = hasAll ? sorted : sorted.slice(0, FIRST_ROWS);
  const isList = columns.length === 1;
  return (
    <>
      {notes.map((note) => (
        <p key={note} class="dim">
          {note}
        </p>
      ))}
      {isList ? (
        <ul class="sentences">
          {shown.map(([cell], i) => (
            <li key={i}>{cell === undefined ? "" : textOf(cell)}</li>
          ))}
        </ul>
      ) : (
        <section
          class="table-scroll"
          aria-label={`${title}, table`}
          // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls has to be reachable by keyboard
          tabIndex={0}
        >
          <table>
            <thead>
              <tr>
                {columns.map(({ title: heading, isNumber }, column) => (
                  <th
                    key={column}
                    class={isNumber === true ? "number" : ""}
                    aria-sort={sortState(order, column)}
                    scope="col"
                  >
                    <button type="button" onClick={() => setOrder(nextOrder(order, column, isNumber === true))}>
                      {heading === "" ? <span class="hidden">name</span> : heading}
                      <span aria-hidden="true">
                        {order?.column === column ? (order.isDescending ? " ▾" : " ▴") : heading === "" ? "↕" : ""}
                      </span>
                    </button>
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {shown.map((row, i) => (
                <tr key={i}>
                  {row.map((cell, column) => (
                    <Cell key={column} cell={cell} isNumber={columns[column]?.isNumber === true} />
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
      {hasAll ? null : (
        <button type="button" onClick={() => setAll(true)}>
          Show all {rows.length} rows
        </button>
      )}
    </>
  );
}

function Cell({ cell, isNumber }: { readonly cell: TableCell; readonly isNumber: boolean }): JSX.Element {
  const { tone = "", isCode = false } = typeof cell === "object" ? cell : {};
  return <td class={`${isNumber ? "number" : ""} ${tone}`}>{isCode ? <code>{textOf(cell)}</code> : textOf(cell)}</td>;
}

const NUMBER = new Intl.NumberFormat("en-US");

function textOf(cell: TableCell): string {
  return typeof cell === "object" ? cell.text : typeof cell === "number" ? NUMBER.format(cell) : cell;
}

function sortState(order: Order | undefined, column: number): "ascending" | "descending" | "none" {
  return order?.column === column ? (order.isDescending ? "descending" : "ascending") : "none";
}

/** Returns the order after a click: numbers begin with the largest; the third click restores the order of the report. */
function nextOrder(order: Order | undefined, column: number, isNumber: boolean): Order | undefined {
  if (order?.column !== column) {
    return { column, isDescending: isNumber };
  }
  return order.isDescending === isNumber ? { column, isDescending: !isNumber } : undefined;
}

function sortedBy(rows: ContentTable["rows"], { column, isDescending }: Order): ContentTable["rows"] {
  const sign = isDescending ? -1 : 1;
  return [...rows].sort((a, b) => sign * compared(a[column] ?? "", b[column] ?? ""));
}

function compared(one: TableCell, other: TableCell): number {
  const [a, b] = [sortValue(one), sortValue(other)];
  return typeof a === "number" && typeof b === "number"
    ? a - b
    : String(a).localeCompare(String(b), "en", { numeric: true });
}

function sortValue(cell: TableCell): string | number {
  return typeof cell === "object" ? (cell.sort ?? cell.text) : cell;
}
