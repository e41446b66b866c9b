/** Claims with their values in the state in view. */
import type { JSX } from "preact";
import { Badge } from "../../report/html/browser/badge.tsx";
import type { Tone } from "../../report/html/content.ts";
import type { ClaimState, ClaimValue, KernelExecution } from "../protocol/executed.ts";

const TONES: { readonly [V in ClaimValue]: Tone } = {
  holds: "good",
  violated: "bad",
  "premise false": "dim",
  reached: "good",
  "not reached": "dim",
};

/** Number of claims with a value, in the order of the summary. */
const SUMMARY: readonly (readonly [value: ClaimValue, text: string])[] = [
  ["violated", "violated"],
  ["holds", "hold"],
  ["premise false", "premise false"],
  ["reached", "witnesses reached"],
];

/** Properties of the list. */
export interface ClaimListProps {
  readonly kernels: readonly KernelExecution[];
  /** Searches a violation of a claim, or a witness. */
  readonly onFind: (id: string) => void;
}

/** Shows the claims. */
export function ClaimList({ kernels, onFind }: ClaimListProps): JSX.Element {
  const [first] = kernels;
  const isDecided = ({ value }: ClaimState): boolean => value === "violated" || value === "reached";
  const claims = [
    ...new Map(kernels.flatMap((kernel) => kernel.claims.map((each) => [each.id, each] as const))).values(),
  ];
  const rows = (all: readonly ClaimState[]): JSX.Element => (
    <ClaimTable claims={all} kernels={kernels} onFind={onFind} />
  );
  const decided = claims.filter(({ id }) =>
    kernels.some((kernel) => kernel.claims.some((each) => each.id === id && isDecided(each))),
  );
  const others = claims.filter((each) => !decided.includes(each));
  return (
    <section class="claims">
      <h2>Claims in this state</h2>
      <p class="dim">{summaryOf(first?.claims ?? [])}</p>
      {decided.length === 0 ? null : rows(decided)}
      <details>
        <summary>
          {decided.length === 0 ? "All" : "The other"} {others.length} claims
        </summary>
        {rows(others)}
      </details>
    </section>
  );
}

function summaryOf(claims: readonly ClaimState[]): string {
  return SUMMARY.flatMap(([value, text]) => {
    const count = claims.filter((each) => each.value === value).length;
    return count === 0 ? [] : [`${count} ${text}`];
  }).join(" · ");
}

function ClaimTable({
  claims,
  kernels,
  onFind,
}: Pick<ClaimListProps, "kernels" | "onFind"> & { readonly claims: readonly ClaimState[] }): JSX.Element {
  return (
    <ul class="claim-list">
      {claims.map(({ id, claim, value }) => {
        const isWitness = value === "reached" || value === "not reached";
        return (
          <li key={id}>
            <span class="claim-head">
              <b>{id}</b>
              <Values kernels={kernels} id={id} />
              <button
                type="button"
                onClick={() => onFind(id)}
                aria-label={isWitness ? `Find a witness of ${id}` : `Find a violation of ${id}`}
              >
                find
              </button>
            </span>
            {claim}
          </li>
        );
      })}
    </ul>
  );
}

/** Shows the value of a claim under each kernel; once if it is the same. */
function Values({ kernels, id }: Pick<ClaimListProps, "kernels"> & { readonly id: string }): JSX.Element {
  const values = kernels.map(({ claims }) => claims.find((each) => each.id === id)?.value);
  const areSame = values.every((value) => value === values[0]);
  return (
    <>
      {(areSame ? values.slice(0, 1) : values).map((value, i) => (
        <span key={kernels[i]?.kernel}>
          {areSame ? null : <span class="dim">{kernels[i]?.kernel} </span>}
          {value === undefined ? "–" : <Badge tone={TONES[value]} text={value} />}
        </span>
      ))}
    </>
  );
}
