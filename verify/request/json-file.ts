/** JSON files that a command reads, and what they are when they are not what is wanted. */
import { isUtf16, withoutByteOrderMark } from "../../files/text-encoding.ts";
import { UsageError } from "./usage-error.ts";

/**
 * The value of a file's text. A byte order mark is skipped.
 *
 * @param name the file's name, for messages
 * @param wanted what it should be: `a file that --trace-out wrote`
 * @throws UsageError when it is not JSON
 */
export function parseJson(text: string, name: string, wanted: string): unknown {
  if (isUtf16(text)) {
    throw new UsageError(`${name} is in UTF-16; want UTF-8, as in ${wanted}`);
  }
  try {
    return JSON.parse(withoutByteOrderMark(text));
  } catch {
    throw new UsageError(`${name} is not JSON, or was cut short; want ${wanted}`);
  }
}

/** Kinds of files that foliocheck writes. */
const OWN: Readonly<Record<string, string>> = {
  "foliocheck-trace": "a trace",
  "foliocheck-report": "a report",
  "foliocheck-baseline": "a baseline",
};

/** Kind of a JSON value that foliocheck wrote, such as `a report`; undefined for anything else. */
export function kindOfJson(json: unknown): string | undefined {
  const format = field(json, "format");
  return typeof format === "string" && Object.hasOwn(OWN, format)
    ? OWN[format]
    : field(field(json, "#meta"), "format") === "ITF"
      ? "a trace in ITF"
      : undefined;
}

/** A field of a value; undefined where it has none. */
export function field(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}
