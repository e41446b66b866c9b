/** Call trees, folded. */
import type { JSX } from "preact";
import { SourceLines } from "./source-lines.tsx";
import type { CallList, CallTree } from "./trace-view.ts";

/** Number of calls up to which a tree is unfolded, and the depth to which a larger one is. */
const UNFOLDED = 40;
const DEPTH = 2;

/** Shows the calls of a step. @param props.isOpen whether all are unfolded */
export function Calls({ list, isOpen }: { readonly list: CallList; readonly isOpen: boolean }): JSX.Element {
  const depth = isOpen || sizeOf(list.calls) <= UNFOLDED ? Number.POSITIVE_INFINITY : DEPTH;
  return (
    <>
      {list.kernel === undefined ? null : <h3>under {list.kernel}</h3>}
      <Level calls={list.calls} depth={depth} />
      {list.remark === undefined ? null : <p class="dim">… {list.remark}</p>}
    </>
  );
}

function sizeOf(calls: readonly CallTree[]): number {
  return calls.reduce((sum, call) => sum + 1 + sizeOf(call.calls), 0);
}

function Level({ calls, depth }: { readonly calls: readonly CallTree[]; readonly depth: number }): JSX.Element {
  return (
    <ul class="call-tree">
      {repeated(calls).map(({ call, times }, i) => (
        <li key={i}>
          {call.calls.length === 0 ? (
            <div class="leaf">
              <Call call={call} times={times} />
              <Source call={call} />
            </div>
          ) : (
            <details open={depth > 0 || hasOtherCpu(call)}>
              <summary>
                <Call call={call} times={times} />
              </summary>
              <Source call={call} />
              <Level calls={call.calls} depth={depth - 1} />
            </details>
          )}
        </li>
      ))}
    </ul>
  );
}

/** Whether another CPU ran during a call: it is shown unfolded down to there. */
function hasOtherCpu({ kind, calls }: CallTree): boolean {
  return kind === "cpu" || kind === "interrupted" || calls.some(hasOtherCpu);
}

/** Joins equal calls that follow one another. */
function repeated(calls: readonly CallTree[]): { readonly call: CallTree; readonly times: number }[] {
  const all: { call: CallTree; times: number }[] = [];
  for (const call of calls) {
    const last = all.at(-1);
    if (last !== undefined && JSON.stringify(last.call) === JSON.stringify(call)) {
      last.times += 1;
    } else {
      all.push({ call, times: 1 });
    }
  }
  return all;
}

function Source({ call: { place } }: { readonly call: CallTree }): JSX.Element | null {
  return place === undefined ? null : <SourceLines place={place} />;
}

function Call({ call, times }: { readonly call: CallTree; readonly times: number }): JSX.Element {
  const { kind, text, place } = call;
  const open = text.indexOf("(");
  const hasName = (kind === "function" || kind === "interrupted") && open > 0;
  return (
    <>
      <code class={kind}>
        {hasName ? (
          <>
            <b>{text.slice(0, open)}</b>
            {text.slice(open)}
          </>
        ) : (
          text
        )}
        {times > 1 ? ` × ${times}` : ""}
      </code>
      {place === undefined ? null : (
        <>
          {" "}
          <code class="place">{place}</code>
        </>
      )}
    </>
  );
}
