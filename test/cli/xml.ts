/** Minimal XML parser that checks whether a JUnit file is well-formed, and counts its elements. */

/** An element with its attributes, in document order. */
export interface XmlElement {
  readonly name: string;
  readonly attributes: { readonly [name: string]: string };
  /** Names of its ancestors, from the root. */
  readonly path: readonly string[];
}

/** Parses the elements of a document. @throws Error when it is not well-formed */
export function xmlElements(xml: string): XmlElement[] {
  const [declaration = ""] = /^<\?xml version="1\.0" encoding="UTF-8"\?>\n/.exec(xml) ?? [];
  const token =
    /<(\/?)([\w-]+)((?:\s+[\w-]+="(?:[^"<&]|&(?:amp|lt|gt|quot|#\d+);)*")*)\s*(\/?)>|(?:[^<>&]|&(?:amp|lt|gt|quot|#\d+);)+/gy;
  token.lastIndex = declaration.length;
  const elements: XmlElement[] = [];
  const open: string[] = [];
  while (token.lastIndex < xml.length) {
    const at = token.lastIndex;
    const match = token.exec(xml);
    if (match === null) {
      throw new Error(`not well-formed at ${JSON.stringify(xml.slice(at, at + 60))}`);
    }
    const [text, closing, name, attributes = "", empty] = match;
    if (name === undefined) {
      if (open.length === 0 && text.trim() !== "") {
        throw new Error(`text outside of the root: ${JSON.stringify(text)}`);
      }
    } else if (closing === "/") {
      if (open.pop() !== name) {
        throw new Error(`</${name}> closes nothing`);
      }
    } else {
      const pairs = [...attributes.matchAll(/([\w-]+)="([^"]*)"/g)].map(([, key, value]) => [key, value]);
      elements.push({ name, attributes: Object.fromEntries(pairs), path: [...open] });
      open.push(...(empty === "/" ? [] : [name]));
    }
  }
  if (open.length > 0 || elements.filter(({ path }) => path.length === 0).length !== 1) {
    throw new Error("not one root element");
  }
  return elements;
}
