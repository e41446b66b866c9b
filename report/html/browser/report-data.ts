/** Data of the page: the report, and its traces, which are decoded when they are shown. */
import type { Content, TraceContent } from "../content.ts";
import { type TraceView, traceView } from "./trace-view.ts";

/** Report with its traces by position. */
export interface ReportData {
  readonly content: Content;
  readonly trace: (position: number) => TraceView | undefined;
}

/** Reads the data elements of a document. */
export function reportData(page: Document): ReportData {
  const views = new Map<number, TraceView>();
  return {
    content: parsed<Content>(page, "content") as Content,
    trace: (position) => {
      const known = views.get(position);
      if (known !== undefined) {
        return known;
      }
      const content = parsed<TraceContent>(page, `trace-${position}`);
      if (content === undefined) {
        return undefined;
      }
      const view = traceView(content);
      views.set(position, view);
      return view;
    },
  };
}

function parsed<T>(page: Document, id: string): T | undefined {
  const text = page.getElementById(id)?.textContent;
  return text === undefined || text === null ? undefined : (JSON.parse(text) as T);
}
