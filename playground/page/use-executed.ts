/** Execution of the exploration in view. */
import { useEffect, useState } from "preact/hooks";
import type { Exploration } from "../address/exploration.ts";
import type { Executed } from "../protocol/executed.ts";
import type { Checker } from "./checker.ts";

/** The last execution, and the reason why a newer one failed. */
export interface ExecutedOrNot {
  readonly executed?: Executed;
  readonly problem?: string;
}

/** Executes an exploration whenever it changes. */
export function useExecuted(checker: Checker, exploration: Exploration): ExecutedOrNot {
  const [last, setLast] = useState<ExecutedOrNot>({});
  useEffect(() => {
    let isCurrent = true;
    checker.request({ kind: "execute", exploration }).then((reply) => {
      if (!isCurrent) {
        return;
      }
      if (reply.kind === "executed") {
        setLast({ executed: reply.executed });
      } else if (reply.kind === "refused" || reply.kind === "failed") {
        setLast((before) => ({ ...before, problem: reply.message }));
      }
    });
    return () => {
      isCurrent = false;
    };
  }, [checker, exploration]);
  return last;
}
