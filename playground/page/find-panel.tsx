/** Searches for a state as wished, with progress and a stop button. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { ClaimState } from "../protocol/executed.ts";
import type { Found, SearchProgress, Wish } from "../protocol/messages.ts";
import { ConditionForm, type ConditionFormProps } from "./condition-form.tsx";
import type { Search } from "./use-search.ts";

/** Properties of the panel. */
export interface FindPanelProps extends Pick<ConditionFormProps, "fields"> {
  readonly claims: readonly ClaimState[];
  readonly search: Search;
  /** Position of the state in view. */
  readonly position: number;
  /** Whether a search starts there, and not in the initial state. */
  readonly isFromHere: boolean;
  readonly onFromHere: (isFromHere: boolean) => void;
  readonly onFind: (wish: Wish) => void;
  readonly onStop: () => void;
}

/** Shows the panel. */
export function FindPanel(props: FindPanelProps): JSX.Element {
  const { claims, fields, search, position, isFromHere, onFromHere, onFind, onStop } = props;
  const [id, setId] = useState("");
  const isRunning = search.state === "running";
  const chosen = claims.some((each) => each.id === id) ? id : (claims[0]?.id ?? "");
  const witnesses = claims.filter(({ value }) => value === "reached" || value === "not reached");
  const others = claims.filter((each) => !witnesses.includes(each));
  const options = (all: readonly ClaimState[]): JSX.Element[] =>
    all.map((each) => (
      <option key={each.id} value={each.id}>
        {each.id}: {each.claim}
      </option>
    ));
  return (
    <section class="find">
      <h2>Find a state where …</h2>
      <form
        class="wish"
        onSubmit={(event) => {
          event.preventDefault();
          onFind({ kind: "claim", id: chosen });
        }}
      >
        <select aria-label="Claim" value={chosen} onChange={(event) => setId(event.currentTarget.value)}>
          <optgroup label="… a claim is violated">{options(others)}</optgroup>
          <optgroup label="… a witness is reached">{options(witnesses)}</optgroup>
        </select>
        <button type="submit" disabled={isRunning}>
          Find
        </button>
      </form>
      <details>
        <summary>… fields have values</summary>
        <ConditionForm
          fields={fields}
          isDisabled={isRunning}
          onFind={(condition) => onFind({ kind: "condition", condition })}
        />
      </details>
      <label class="from-here">
        <input type="checkbox" checked={isFromHere} onChange={(event) => onFromHere(event.currentTarget.checked)} />{" "}
        start from the state in view ({position})
      </label>
      <p role="status" class="search-status">
        <SearchStatus search={search} />
      </p>
      {isRunning ? (
        <button type="button" onClick={onStop}>
          Stop
        </button>
      ) : null}
    </section>
  );
}

function SearchStatus({ search }: { readonly search: Search }): JSX.Element | null {
  switch (search.state) {
    case "none":
      return null;
    case "running":
      return <>Searching … {search.progress === undefined ? "" : progressText(search.progress)}</>;
    case "stopped":
      return <>Stopped. {search.progress === undefined ? "" : progressText(search.progress)}</>;
    case "ended":
      return <>{foundText(search.found)}</>;
    case "failed":
      return <span class="bad">{search.message}</span>;
  }
}

function progressText({ states, depth, frontier, seconds }: SearchProgress): string {
  return `${states.toLocaleString("en")} states, ${frontier.toLocaleString("en")} to expand · ${depth} steps deep · ${seconds.toFixed(1)} s`;
}

function foundText(found: Found): string {
  const states = `${found.states.toLocaleString("en")} states visited`;
  switch (found.outcome) {
    case "found": {
      const { length } = found.path;
      const steps = `${length} ${length === 1 ? "step" : "steps"}`;
      return `Found: ${steps}${found.isShortest ? ", as few as possible" : ""}. ${states}.`;
    }
    case "absent":
      return `There is none within these bounds: all ${states}.`;
    case "incomplete":
      return `Not found, and not excluded: ${found.reason}. ${states}.`;
  }
}
