/** Functions that may hand something to their caller besides their result, as their declarations tell. */

/** Structs that belong to nobody's stack: a pointer to one of them is no way to hand something to the caller. */
const SHARED_STRUCTS = ["folio", "page", "mm_struct", "vm_area_struct", "anon_vma", "address_space", "deferred_split"];

const SHARED_POINTER = new RegExp(`^(?:const )?struct (?:${SHARED_STRUCTS.join("|")}) (?:const )?\\*`);

/**
 * Of these functions those that have a parameter through which they may write to their caller's memory, or that return a
 * struct; and those whose declaration is not found.
 *
 * @param declarations C text that declares each function, without its body
 */
export function functionsWithOutParameters(declarations: string, names: readonly string[]): ReadonlySet<string> {
  return new Set(
    names.filter((name) => {
      const found = new RegExp(`([\\w\\s*]*)\\b${name}\\s*\\(([^;{}]*)\\)[^;{}()]*;`).exec(declarations);
      if (found === null) {
        return true;
      }
      const [, result = "", parameters = ""] = found;
      const pointers = parameters.split(",").map((each) => each.replace(/\s+/g, " ").trim());
      return (
        /\bstruct\s+\w+\s*$/.test(result) ||
        pointers.some((each) => each.includes("*") && !/^const .*[^*]\*[^*]*$/.test(each) && !SHARED_POINTER.test(each))
      );
    }),
  );
}
