/** Finds the warning sites of a function. */
import type { Node } from "./c-parser.ts";
import type { Declaration } from "./declarations.ts";
import type { WarningSite } from "./warning-site.ts";

/** A warning site without its number. */
export interface UnnumberedSite extends Omit<WarningSite, "id"> {
  /** The value of __LINE__ there: the line where the outermost macro call ends. */
  readonly compiledLine: number;
}

/** Maximum length of the text of a site. */
const LONGEST = 120;

/**
 * Returns the warning sites of a function.
 *
 * @param isMacro whether a name is that of a macro
 * @param warns whether a name is that of a macro that warns, directly or through others
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
      const first = line - node.startPosition.row;
      const compiledLine = first + (outer ?? each).endPosition.row;
      // The name of a called macro was handled with the call.
      if (each.type === "call_expression" || each.parent?.childForFieldName("function")?.id !== each.id) {
        sites.push({ file, line: first + each.startPosition.row, compiledLine, text: shortened(each.text) });
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
