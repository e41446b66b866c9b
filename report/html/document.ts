/**
 * The HTML document: style, script and data inline. Each trace is an element of its own, so that the page decodes only
 * those that are shown. A policy forbids every request.
 */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { ContentWithTraces } from "./content.ts";

/** Folder of the bundle, which `npm run build` writes; sources are run beside it. */
const BUNDLE = import.meta.url.endsWith(".ts") ? "../../dist/report/html/" : "./";

/** Id of the element that contains the report without its traces. */
const CONTENT_ID = "content";

/** Formats the document. */
export function documentOf({ content, traces }: ContentWithTraces): string {
  const script = bundled("page.js");
  const style = bundled("page.css");
  const policy = [
    "default-src 'none'",
    `script-src '${hashOf(script)}'`,
    `style-src '${hashOf(style)}'`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
  return [
    "<!doctype html>",
    '<html lang="en">',
    "<head>",
    '<meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${policy}">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="color-scheme" content="light dark">',
    `<title>${escaped(`${content.title}: ${content.verdict.mark} ${content.verdict.text}`)}</title>`,
    `<style>${style}</style>`,
    "</head>",
    "<body>",
    '<div id="page"><noscript><p>This report is drawn by a script, which this browser does not run. The same report ' +
      "without one: --reporter pretty, or --reporter markdown.</p></noscript></div>",
    data(CONTENT_ID, content),
    ...traces.map((trace, i) => data(`trace-${i}`, trace)),
    `<script>${script}</script>`,
    "</body>",
    "</html>",
    "",
  ].join("\n");
}

function bundled(name: string): string {
  return readFileSync(new URL(`${BUNDLE}${name}`, import.meta.url), "utf8");
}

/** Formats data such that no text in it ends the element. */
function data(id: string, value: unknown): string {
  return `<script type="application/json" id="${id}">${JSON.stringify(value).replaceAll("<", "\\u003c")}</script>`;
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}

function hashOf(text: string): string {
  return `sha256-${createHash("sha256").update(text).digest("base64")}`;
}
