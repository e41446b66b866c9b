/** Actions that can happen next, as buttons. */
import type { JSX } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import type { ActionGroup, NextAction } from "../protocol/executed.ts";

/** Properties of the actions. */
export interface NextActionsProps {
  readonly groups: readonly ActionGroup[];
  /** Position of the state in view, and number of steps of the path: taking an action replaces the steps after it. */
  readonly position: number;
  readonly steps: number;
  readonly onTake: (call: string) => void;
}

/** Shows the actions. */
export function NextActions({ groups, position, steps, onTake }: NextActionsProps): JSX.Element {
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
          <ul>
            {actions.map((action) => (
              <li key={action.call}>
                <ActionButton action={action} onTake={take} />
              </li>
            ))}
          </ul>
        </section>
      ))}
    </section>
  );
}

function ActionButton({
  action: { call, text, sentence, violates, onlyUnder },
  onTake,
}: {
  readonly action: NextAction;
  readonly onTake: (call: string) => void;
}): JSX.Element {
  return (
    <button type="button" class="action" title={text} onClick={() => onTake(call)}>
      <span>{sentence}</span>
      {violates.length === 0 ? null : <span class="outcome bad">✗ {violates.join(", ")}</span>}
      {onlyUnder === undefined ? null : <span class="outcome warn">only under {onlyUnder.join(", ")}</span>}
    </button>
  );
}
