/** Address of a view, behind the `#` of the page: empty for the report, `finding-3/step-2` for a step. */

/** A finding, counted from 0, and the position of a state; its last one if absent. */
export interface Route {
  readonly finding: number;
  readonly step?: number;
}

/** Parses an address; undefined for the report. */
export function parseRoute(hash: string): Route | undefined {
  const match = /^#finding-(\d+)(?:\/step-(\d+))?$/.exec(hash);
  return match === null
    ? undefined
    : { finding: Number(match[1]) - 1, ...(match[2] === undefined ? {} : { step: Number(match[2]) }) };
}

/** Formats an address. */
export function formatRoute({ finding, step }: Route): string {
  return `#finding-${finding + 1}${step === undefined ? "" : `/step-${step}`}`;
}
