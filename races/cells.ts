/**
 * Cells: the fields of a state as shared memory. A thread names an element of the scalarset (an MM) by its *role* in
 * the operation that the thread executes, so that one access tree serves every choice of elements, and a renaming of
 * elements does not change the position of a thread in its tree.
 */
import type { AnyField, StructField } from "../explore/model/schema.ts";
import type { CellIndex, Memory } from "./access.ts";

/** The scalarset whose elements have roles, and the maximum number of roles of an operation. */
export interface Roles {
  readonly scalarset: string;
  readonly count: number;
}

/** The elements in roles: for each role the position of the element plus one; 0 for none. */
export type Assignment = { readonly [role: `role${number}`]: number };

/** A field, with a path by role. */
export interface Cell {
  /** Such as `mms[0].vmas[0].ptes[1].folio`, in which 0 is the role of the MM. */
  readonly path: string;
  readonly kind: "int" | "bool" | "ref";
  /** Role of the element that contains it; −1 for none. */
  readonly role: number;
  /** Smallest and largest value. */
  readonly range: readonly [least: number, most: number];
  readonly get: (state: unknown, roles: Assignment) => number;
  readonly set: (state: unknown, roles: Assignment, value: number) => void;
  /** Whether it is a reference to an element: `get` returns the element's role, `raw` its position plus one. */
  readonly isElement: boolean;
  readonly raw: (state: unknown, roles: Assignment) => number;
  /** Index of the same cell in the element with the first role. */
  readonly canonical: number;
}

/**
 * Value of a reference to an element without a role in the operation. Threads only compare it with their own elements.
 */
export function otherElement({ count }: Roles): number {
  return count + 1;
}

/** The cells of a schema: each field with more than one possible value. */
export class Cells implements CellIndex {
  readonly all: readonly Cell[];
  readonly roles: Roles;
  private readonly byPath: ReadonlyMap<string, number>;

  constructor(schema: StructField, roles: Roles) {
    this.roles = roles;
    this.all = cellsOf(schema, roles);
    this.byPath = new Map(this.all.map(({ path }, index) => [path, index]));
  }

  cell(path: string): number {
    const index = this.byPath.get(path);
    if (index === undefined) {
      throw new RangeError(`there is no cell ${path}`);
    }
    return index;
  }

  /** Smallest and largest value of a cell. */
  rangeOf(path: string): readonly [least: number, most: number] {
    return (this.all[this.cell(path)] as Cell).range;
  }

  /** Whether the field with this path has more than one possible value. */
  has(path: string): boolean {
    return this.byPath.has(path);
  }
}

/** Sequentially consistent memory: the state itself, with cells resolved by the roles of a CPU. */
export class StateMemory implements Memory {
  state: unknown;
  assignment: Assignment = {};
  private readonly cells: readonly Cell[];

  constructor({ all }: Cells) {
    this.cells = all;
  }

  read(cell: number): number {
    return (this.cells[cell] as Cell).get(this.state, this.assignment);
  }

  write(cell: number, value: number): void {
    (this.cells[cell] as Cell).set(this.state, this.assignment, value);
  }
}

/** Whether a field has the same value in every state. */
export function isConstant(field: AnyField): boolean {
  switch (field.kind) {
    case "int":
      return field.min === field.max;
    case "bool":
      return field.never === true;
    case "constant":
    case "self":
      return true;
    default:
      return false;
  }
}

function cellsOf(schema: StructField, roles: Roles): Cell[] {
  const cells: Cell[] = [];
  const ofFirstRole = new Map<string, number>();
  /** @param first the path with the first role for the element @param source JavaScript expression of the record */
  const visit = (field: AnyField, path: string, first: string, source: string, role: number): void => {
    switch (field.kind) {
      case "struct":
        for (const [name, each] of Object.entries(field.fields)) {
          const dotted = path === "" ? name : `.${name}`;
          visit(each, path + dotted, first + dotted, `${source}.${name}`, role);
        }
        break;
      case "array": {
        const isRole = field.scalarset === roles.scalarset;
        const count = isRole ? roles.count : field.elements.length;
        for (let i = 0; i < count; i++) {
          const element = field.elements[isRole ? 0 : i] as StructField;
          const index = isRole ? `c.role${i} - 1` : `${i}`;
          visit(element, `${path}[${i}]`, `${first}[${isRole ? 0 : i}]`, `${source}[${index}]`, isRole ? i : role);
        }
        break;
      }
      default:
        if (!isConstant(field)) {
          const canonical = ofFirstRole.get(first) ?? cells.length;
          ofFirstRole.set(first, canonical);
          cells.push({ path, role, range: rangeOf(field), canonical, ...accessorsOf(field, source, roles) });
        }
    }
  };
  visit(schema, "", "", "s", -1);
  return cells;
}

function rangeOf(field: AnyField): readonly [number, number] {
  return field.kind === "int" ? [field.min, field.max] : [0, field.kind === "ref" ? field.count : 1];
}

/** Generated: each accessor is a separate function, in which V8 sees one hidden class. */
function accessorsOf(
  field: AnyField,
  source: string,
  roles: Roles,
): Pick<Cell, "kind" | "get" | "set" | "raw" | "isElement"> {
  const isElement = field.kind === "ref" && field.scalarset === roles.scalarset;
  const make = (get: string, set: string, value: string): Pick<Cell, "get" | "set" | "raw" | "isElement"> => {
    const read = new Function("s", "c", `${get}`) as Cell["get"];
    return {
      get: read,
      set: new Function("s", "c", "value", `${set} = ${value};`) as Cell["set"],
      isElement,
      raw: isElement ? (new Function("s", "c", `return ${source};`) as Cell["raw"]) : read,
    };
  };
  if (field.kind === "bool") {
    return { kind: "bool", ...make(`return ${source} ? 1 : 0;`, source, "value !== 0") };
  }
  if (isElement) {
    const numbers = Array.from({ length: roles.count }, (_, i) => i);
    const toRole = numbers.map((i) => `v === c.role${i} ? ${i + 1} : `).join("");
    const fromRole = numbers.map((i) => `value === ${i + 1} ? c.role${i} : `).join("");
    return {
      kind: "ref",
      ...make(
        `const v = ${source}; return v === 0 ? 0 : ${toRole}${otherElement(roles)};`,
        source,
        `value === 0 ? 0 : ${fromRole}${UNKNOWN_ELEMENT}`,
      ),
    };
  }
  return { kind: field.kind === "ref" ? "ref" : "int", ...make(`return ${source};`, source, "value") };
}

/** A thread never stores a reference to an element without a role: this value is outside the range of every field. */
const UNKNOWN_ELEMENT = -1;
