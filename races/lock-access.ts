/** The accesses that take and release locks: an await of a cell that is 0, and stores of 0. */
import type { Access, Memory } from "./access.ts";

/** Takes a free lock. @param name its name in texts */
export function lockAccess(cell: number, object: string, name: string): Access {
  return {
    kind: "lock",
    cells: [cell],
    object,
    marked: true,
    order: "acquire",
    text: `lock ${name}`,
    enabled: (memory: Memory) => memory.read(cell) === 0,
    perform: (memory: Memory) => {
      memory.write(cell, 1);
      return 0;
    },
  };
}

/** Releases the locks in these cells. */
export function unlockAccess(
  cells: readonly number[],
  { object, text, order }: Pick<Access, "object" | "text" | "order">,
): Access {
  return {
    kind: "unlock",
    cells,
    object,
    marked: true,
    order,
    text,
    perform: (memory: Memory) => {
      for (const cell of cells) {
        memory.write(cell, 0);
      }
      return 0;
    },
  };
}
