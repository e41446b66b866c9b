/** Writer of XML 1.0. */

/** Attributes of an element, in order. */
export type Attributes = { readonly [name: string]: string | number };

/** Formats an element. @param children XML texts */
export function element(name: string, attributes: Attributes, children: readonly string[] = []): string {
  const list = Object.entries(attributes)
    .map(([key, value]) => ` ${key}="${escapeXml(String(value)).replaceAll("\n", "&#10;").replaceAll("\t", "&#9;")}"`)
    .join("");
  return children.length === 0 ? `<${name}${list}/>` : `<${name}${list}>${children.join("")}</${name}>`;
}

/** Escapes text for elements and attributes. Characters that XML cannot represent become `\u{…}`. */
export function escapeXml(text: string): string {
  return [...text].map(escapeCharacter).join("");
}

function escapeCharacter(character: string): string {
  switch (character) {
    case "&":
      return "&amp;";
    case "<":
      return "&lt;";
    case ">":
      return "&gt;";
    case '"':
      return "&quot;";
    case "\r":
      return "&#13;";
    default:
      return isXmlCharacter(character) ? character : `\\u{${codeOf(character).toString(16)}}`;
  }
}

function codeOf(character: string): number {
  return character.codePointAt(0) ?? 0;
}

/** @see https://www.w3.org/TR/xml/#charsets */
function isXmlCharacter(character: string): boolean {
  const code = codeOf(character);
  return (
    code === 0x9 ||
    code === 0xa ||
    code === 0xd ||
    (code >= 0x20 && code <= 0xd7ff) ||
    (code >= 0xe000 && code <= 0xfffd) ||
    code >= 0x10000
  );
}
