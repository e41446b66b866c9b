/** Actions that can happen next, as buttons. */
import type { JSX } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import type { ActionGroup, NextAction } from "../protocol/executed.ts";

/** Number of choices of one action of an MM up to which they are unfolded. */
const UNFOLDED = 12;

/** Properties of the actions. */
export interface NextActionsProps {
  readonly groups: readonly ActionGroup[];
  /** Position of the state in view, and number of steps of the path: taking an action replaces the steps after it. */
  readonly position: number;
  readonly steps: number;
  /** Whether an action is being executed: the choices are of the state before it, and cannot be taken. */
  readonly isExecuting: boolean;
  readonly onTake: (call: string) => void;
}

/** Shows the actions. */
export function NextActions({ groups, position, steps, isExecuting, onTake }: NextActionsProps): JSX.Element {
  const heading = useRef<HTMLHeadingElement>(null);
  const isTaking = useRef(false);
  useLayoutEffect(() => {
    // The button that was pressed is gone: without this, the keyboard would start at the top of the page again.
    if (isTaking.current) {
      isTaking.current = false;
      heading.current?.focus({ preventScroll: true });
    }
  }, [groups]);
  const take = (call: string): void => {
    isTaking.current = true;
    onTake(call);
  };
  return (
    <section class="next">
      <h2 ref={heading} tabIndex={-1}>
        What happens next?
      </h2>
      {position < steps ? <p class="dim">A choice here replaces the steps after {position}.</p> : null}
      {groups.length === 0 ? <p class="dim">No action is enabled in this state.</p> : null}
      {groups.map(({ title, actions }) => (
        <section key={title} aria-label={title}>
          <h3>{title}</h3>
          {byName(actions).map(([name, choices]) =>
            choices.length <= UNFOLDED ? (
              <Choices key={name} choices={choices} isExecuting={isExecuting} onTake={take} />
            ) : (
              <details key={name}>
                <summary>
                  <code>{name}</code> in {choices.length} ways{" "}
                  <Violated ids={choices.flatMap((each) => each.violates)} />
                </summary>
                <Choices choices={choices} isExecuting={isExecuting} onTake={take} />
              </details>
            ),
          )}
        </section>
      ))}
    </section>
  );
}

/** Groups actions by their names. */
function byName(actions: readonly NextAction[]): [name: string, choices: readonly NextAction[]][] {
  const groups = new Map<string, NextAction[]>();
  for (const action of actions) {
    const name = action.call.slice(0, action.call.indexOf("("));
    groups.set(name, [...(groups.get(name) ?? []), action]);
  }
  return [...groups];
}

function Choices({
  choices,
  isExecuting,
  onTake,
}: {
  readonly choices: readonly NextAction[];
  readonly isExecuting: boolean;
  readonly onTake: (call: string) => void;
}): JSX.Element {
  return (
    <ul>
      {choices.map(({ call, text, sentence, violates, onlyUnder }) => (
        <li key={call}>
          {/* Not `disabled`: the button would lose the focus of the keyboard. */}
          <button
            type="button"
            class="action"
            title={text}
            aria-disabled={isExecuting}
            onClick={() => isExecuting || onTake(call)}
          >
            <span>{sentence}</span>
            <Violated ids={violates} />
            {onlyUnder === undefined ? null : <span class="outcome warn">only under {onlyUnder.join(", ")}</span>}
          </button>
        </li>
      ))}
    </ul>
  );
}

/** Shows the claims that a step violates. */
function Violated({ ids }: { readonly ids: readonly string[] }): JSX.Element | null {
  return ids.length === 0 ? null : <span class="outcome bad">✗ {[...new Set(ids)].join(", ")}</span>;
}
