/** Fields of a schema that a condition can name. */
import type { AnyField, StructField } from "../../explore/model/schema.ts";

/** A field by its path, with `[*]` for the elements of arrays. */
export interface FieldChoice {
  readonly path: string;
  readonly kind: "number" | "flag";
  /** Number of elements of each array on the path. */
  readonly lengths: readonly number[];
}

/** Returns the fields of a schema, without constant ones. */
export function fieldChoices<T>(schema: StructField<T>): FieldChoice[] {
  return choicesIn(schema, "", []);
}

function choicesIn(field: AnyField, path: string, lengths: readonly number[]): FieldChoice[] {
  switch (field.kind) {
    case "int":
      return field.min === field.max ? [] : [{ path, kind: "number", lengths }];
    case "ref":
      return [{ path, kind: "number", lengths }];
    case "bool":
      return field.never === true ? [] : [{ path, kind: "flag", lengths }];
    case "constant":
    case "self":
      return [];
    case "struct":
      return Object.entries(field.fields).flatMap(([name, each]) =>
        choicesIn(each, path === "" ? name : `${path}.${name}`, lengths),
      );
    case "array": {
      const [element] = field.elements;
      return element === undefined ? [] : choicesIn(element, `${path}[*]`, [...lengths, field.elements.length]);
    }
  }
}

/** Returns the choice that a path names, with any index instead of `[*]`; undefined if there is none. */
export function choiceNamed(path: string, choices: readonly FieldChoice[]): FieldChoice | undefined {
  const indices = [...path.matchAll(/\[(\d+|\*)\]/g)].map(([, index]) => index);
  const general = path.replaceAll(/\[\d+\]/g, "[*]");
  return choices.find(
    (choice) =>
      choice.path === general && choice.lengths.every((length, i) => indices[i] === "*" || Number(indices[i]) < length),
  );
}
