/** Places of a function where the kernel warns. */
import type { WarningSite } from "../compiled-kernel.ts";
import type { Node } from "./c-parser.ts";
import type { Declaration } from "./declarations.ts";

/** A place without its number. */
export type UnnumberedSite = Omit<WarningSite, "id">;

/** Longest text of a place. */
const LONGEST = 120;

/**
 * The places of a function that warn. The compiler calls a place by the line on which the outermost macro ends.
 *
 * @param isMacro whether a name is that of a macro
 * @param warns whether a name is that of a macro that warns, perhaps through others
 */
export function warningSitesOf(
  declaration: Declaration,
  isMacro: (name: string) => boolean,
  warns: (name: string) => boolean,
): UnnumberedSite[] {
  const { node, file, line } = declaration;
  if (node === undefined) {
    return [];
  }
  const sites: UnnumberedSite[] = [];
  const visit = (each: Node, outermost: Node | undefined): void => {
    const called = each.type === "call_expression" ? each.childForFieldName("function") : null;
    const name = called?.type === "identifier" ? called.text : each.type === "identifier" ? each.text : undefined;
    const outer = outermost ?? (called !== null && name !== undefined && isMacro(name) ? each : undefined);
    if (name !== undefined && warns(name)) {
      const whole = outer ?? each;
      const row = whole.endPosition.row - node.startPosition.row;
      // A name inside of its own call was seen with the call.
      if (each.type === "call_expression" || each.parent?.childForFieldName("function")?.id !== each.id) {
        sites.push({ file, line: line + row, text: shortened(each.text) });
      }
    }
    for (const child of each.namedChildren) {
      if (child !== null) {
        visit(child, outer);
      }
    }
  };
  visit(node, undefined);
  return sites;
}

function shortened(text: string): string {
  const oneLine = text.replace(/\s+/g, " ");
  return oneLine.length > LONGEST ? `${oneLine.slice(0, LONGEST - 1)}…` : oneLine;
}
