/** How the accesses of a C function differ from those of the model's function, one by one. */
import { diffArrays } from "diff";
import type { Access } from "../../races/access.ts";

/** An access, with the functions in which it is, the outermost first. */
export interface LoggedAccess {
  readonly access: Access;
  readonly functions: readonly string[];
}

/** An access that only one side makes. */
export interface AccessDifference {
  readonly side: "C" | "model";
  /** Its position in the accesses of that side, from 0. */
  readonly position: number;
  /** The innermost function that makes it. */
  readonly function: string;
  /** What it accesses, as `plain store folios[0].slots[0].mmId`. */
  readonly access: string;
  /** File and line of the C code, where they are known. */
  readonly line?: string;
}

/** Names a cell: its path. */
export type NameOfCell = (cell: number) => string;

/** Kind, order, marking and cells of an access, in words. Accesses with the same words correspond. */
export function accessWords({ kind, marked, order, cells }: Access, nameOf: NameOfCell): string {
  const names = cells.map(nameOf).sort().join(" + ");
  return `${marked ? "marked" : "plain"} ${order} ${kind} ${names}`.trim();
}

/** The accesses that have no counterpart, in the order in which they are made. */
export function accessDifferences(
  compiled: readonly LoggedAccess[],
  model: readonly LoggedAccess[],
  nameOf: NameOfCell,
): readonly AccessDifference[] {
  const words = (log: readonly LoggedAccess[]): string[] => log.map(({ access }) => accessWords(access, nameOf));
  const differences: AccessDifference[] = [];
  const position = { C: 0, model: 0 };
  const take = (side: "C" | "model", count: number): void => {
    for (let i = 0; i < count; i++) {
      const at = position[side]++;
      const { access, functions } = (side === "C" ? compiled : model)[at] as LoggedAccess;
      differences.push({
        side,
        position: at,
        function: functions.at(-1) ?? "",
        access: accessWords(access, nameOf),
        ...(access.line === undefined ? {} : { line: access.line }),
      });
    }
  };
  for (const { added, removed, count = 0 } of diffArrays(words(model), words(compiled))) {
    if (added) {
      take("C", count);
    } else if (removed) {
      take("model", count);
    } else {
      position.C += count;
      position.model += count;
    }
  }
  return differences;
}

/** A difference in words. */
export function describeDifference({ side, function: name, access, line, position }: AccessDifference): string {
  const where = line === undefined ? "" : ` at ${line}`;
  return `${name}()${where} ${side === "C" ? "also makes" : "in the model also makes"} access ${position}: ${access}`;
}
