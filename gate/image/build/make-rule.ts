/** Dependencies of an object, as a compiler writes them: a rule for make. */
import { posix } from "node:path";

/**
 * The prerequisites of a rule, without `.` and `..` in their paths, each once.
 *
 * @param rule such as `x.o: mm/x.c include/linux/mm.h`, over several lines
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
