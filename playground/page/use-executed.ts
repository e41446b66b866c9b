/** Execution of the exploration in view. */
import { useEffect, useState } from "preact/hooks";
import type { Exploration } from "../address/exploration.ts";
import type { Executed } from "../protocol/executed.ts";
import type { Checker } from "./checker.ts";

/** The last execution, and the reason why a newer one failed. */
export interface ExecutedOrNot {
  readonly executed?: Executed;
  readonly problem?: string;
  /** Whether the exploration has changed and its execution has not ended: `executed` is of an earlier one. */
  readonly isExecuting: boolean;
}

interface Reply extends Omit<ExecutedOrNot, "isExecuting"> {
  /** Exploration that the reply is for. */
  readonly exploration?: Exploration;
}

/** Executes an exploration whenever it changes. */
export function useExecuted(checker: Checker, exploration: Exploration): ExecutedOrNot {
  const [last, setLast] = useState<Reply>({});
  useEffect(() => {
    let isCurrent = true;
    checker.request({ kind: "execute", exploration }).then((reply) => {
      if (!isCurrent) {
        return;
      }
      if (reply.kind === "executed") {
        setLast({ executed: reply.executed, exploration });
      } else if (reply.kind === "refused" || reply.kind === "failed") {
        setLast((before) => ({ ...before, problem: reply.message, exploration }));
      }
    });
    return () => {
      isCurrent = false;
    };
  }, [checker, exploration]);
  const { exploration: of, ...rest } = last;
  return { ...rest, isExecuting: of !== exploration };
}
