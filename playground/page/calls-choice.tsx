/** Choice of the calls that the CPUs of machine race execute. */
import type { JSX } from "preact";
import type { Setting } from "../address/exploration.ts";

/** Properties of the choice. */
export interface CallsChoiceProps {
  /** Undefined if the CPUs execute any calls. */
  readonly calls: Setting["calls"];
  readonly onChoose: (calls: Setting["calls"]) => void;
}

/** Shows the choice. */
export function CallsChoice({ calls, onChoose }: CallsChoiceProps): JSX.Element {
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    const data = new FormData(event.currentTarget as HTMLFormElement);
    const [cpus, start] = [String(data.get("cpus")).trim(), String(data.get("start")).trim()];
    onChoose(cpus === "" ? undefined : { start, cpus });
  };
  return (
    <form onSubmit={submit}>
      <fieldset class="calls-choice">
        <legend>Calls of the CPUs</legend>
        <label>
          A bar between CPUs, semicolons between calls; empty: any calls
          <input name="cpus" placeholder="exit(0) | zap(1, 0, 1)" spellcheck={false} defaultValue={calls?.cpus} />
        </label>
        <label>
          Before them, by one CPU
          <input name="start" placeholder="anonFault(0); fork(0, 1)" spellcheck={false} defaultValue={calls?.start} />
        </label>
        <button type="submit">Use these calls</button>
      </fieldset>
    </form>
  );
}
