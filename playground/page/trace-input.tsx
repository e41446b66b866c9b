/** Trace files, opened by a button or dropped on the page. */
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Exploration } from "../address/exploration.ts";
import type { Checker } from "./checker.ts";

/** Properties of the input. */
export interface TraceInputProps {
  readonly checker: Checker;
  readonly onShow: (exploration: Exploration) => void;
}

/** Shows the button, and the reason why a file cannot be opened. */
export function TraceInput({ checker, onShow }: TraceInputProps): JSX.Element {
  const input = useRef<HTMLInputElement>(null);
  const [problem, setProblem] = useState<string>();
  const [isOver, setOver] = useState(false);
  const open = async (file: File | undefined): Promise<void> => {
    if (file === undefined) {
      return;
    }
    const reply = await checker.request({ kind: "open", name: file.name, text: await file.text() });
    setProblem(reply.kind === "refused" || reply.kind === "failed" ? reply.message : undefined);
    if (reply.kind === "opened") {
      onShow(reply.exploration);
    }
  };
  useEffect(() => {
    const over = (event: DragEvent): void => {
      event.preventDefault();
      setOver(true);
    };
    const leave = (event: DragEvent): void => {
      if (event.relatedTarget === null) {
        setOver(false);
      }
    };
    const drop = (event: DragEvent): void => {
      event.preventDefault();
      setOver(false);
      open(event.dataTransfer?.files[0]);
    };
    addEventListener("dragover", over);
    addEventListener("dragleave", leave);
    addEventListener("drop", drop);
    return () => {
      removeEventListener("dragover", over);
      removeEventListener("dragleave", leave);
      removeEventListener("drop", drop);
    };
  }, [checker, onShow]);
  return (
    <div class="trace-input">
      <input
        ref={input}
        type="file"
        accept=".json,application/json"
        class="hidden"
        tabIndex={-1}
        aria-label="Trace file"
        onChange={(event) => open(event.currentTarget.files?.[0])}
      />
      <button type="button" onClick={() => input.current?.click()}>
        Open a trace file
      </button>{" "}
      <span class="dim">or drop one on the page</span>
      {problem === undefined ? null : (
        <p role="alert" class="remark">
          {problem}
        </p>
      )}
      {isOver ? <div class="drop-area">Drop the trace file</div> : null}
    </div>
  );
}
