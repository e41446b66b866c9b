/** JSON input files, and the kind of a file for error messages. */
import { isUtf16, withoutByteOrderMark } from "../../files/text-encoding.ts";
import { UsageError } from "./usage-error.ts";

/**
 * Parses the text of a JSON file. A byte order mark is skipped.
 *
 * @param name the file's name, for messages
 * @param expected description of a valid file, such as `a file that --trace-out wrote`
 * @throws UsageError when it is not JSON
 */
export function parseJson(text: string, name: string, expected: string): unknown {
  if (isUtf16(text)) {
    throw new UsageError(`${name} is in UTF-16; want UTF-8, as in ${expected}`);
  }
  try {
    return JSON.parse(withoutByteOrderMark(text));
  } catch {
    throw new UsageError(`${name} is not JSON, or was cut short; want ${expected}`);
  }
}

/** Kinds of files that foliocheck writes. */
const FORMATS: Readonly<Record<string, string>> = {
  "foliocheck-trace": "a trace",
  "foliocheck-report": "a report",
  "foliocheck-baseline": "a baseline",
};

/** Returns the kind of a JSON value that foliocheck wrote, such as `a report`; undefined for other values. */
export function kindOfJson(json: unknown): string | undefined {
  const format = field(json, "format");
  return typeof format === "string" && Object.hasOwn(FORMATS, format)
    ? FORMATS[format]
    : field(field(json, "#meta"), "format") === "ITF"
      ? "a trace in ITF"
      : undefined;
}

/** Returns a field of a value; undefined if the value is no object or lacks the field. */
export function field(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}
