/** Functions that may write to their caller's memory, by their declarations. */

/** Structs that are never on the stack: a pointer to one of them is not an out-parameter. */
const SHARED_STRUCTS = ["folio", "page", "mm_struct", "vm_area_struct", "anon_vma", "address_space", "deferred_split"];

const SHARED_POINTER = new RegExp(`^(?:const )?struct (?:${SHARED_STRUCTS.join("|")}) (?:const )?\\*`);

/**
 * Returns the functions that may have an out-parameter, that return a struct, or whose declaration is not found.
 *
 * @param declarations C text with a declaration of each function, without bodies
 */
export function functionsWithOutParameters(declarations: string, names: readonly string[]): ReadonlySet<string> {
  return new Set(
    names.filter((name) => {
      const declaration = new RegExp(`([\\w\\s*]*)\\b${name}\\s*\\(([^;{}]*)\\)[^;{}()]*;`).exec(declarations);
      if (declaration === null) {
        return true;
      }
      const [, result = "", parameters = ""] = declaration;
      const pointers = parameters.split(",").map((each) => each.replace(/\s+/g, " ").trim());
      return (
        /\bstruct\s+\w+\s*$/.test(result) ||
        pointers.some((each) => each.includes("*") && !/^const .*[^*]\*[^*]*$/.test(each) && !SHARED_POINTER.test(each))
      );
    }),
  );
}
