/** Parses the dependencies of an object, which compilers write as a rule for make. */
import { posix } from "node:path";

/**
 * Returns the prerequisites of a rule, without `.` and `..` in paths, and without duplicates.
 *
 * @param rule such as `x.o: mm/x.c include/linux/mm.h`; may have several lines
 */
export function prerequisites(rule: string): readonly string[] {
  const colon = rule.indexOf(": ");
  const paths = rule
    .slice(colon + 1)
    .replace(/\\\r?\n/g, " ")
    .match(/(?:\\[ #\\]|\$\$|[^\s])+/g);
  return [
    ...new Set((paths ?? []).map((path) => posix.normalize(path.replace(/\\([ #\\])/g, "$1").replaceAll("$$", "$")))),
  ];
}
