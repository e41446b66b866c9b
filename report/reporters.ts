/** The reporters by name. Each turns the one report into a format, and does nothing else. */
import type { Report } from "../verify/report.ts";
import { github } from "./github.ts";
import { json } from "./json.ts";
import { junit } from "./junit.ts";
import { markdown } from "./markdown.ts";
import { type PrettyOptions, pretty } from "./pretty.ts";

/** Turns a report into text. */
export type Reporter = (report: Report, options: PrettyOptions) => string;

/** The names of the reporters. */
export type ReporterName = "pretty" | "json" | "junit" | "github" | "markdown";

/** The reporters by name, in the order in which help texts show them. */
export const REPORTERS: { readonly [N in ReporterName]: Reporter } = { pretty, json, junit, github, markdown };
