/** Choice of machine, kernels, configuration and bounds. */
import type { JSX } from "preact";
import type { Exploration, Setting } from "../address/exploration.ts";
import type { KernelEntry, MachineEntry, PlaygroundCatalogue } from "../protocol/catalogue.ts";
import type { Executed } from "../protocol/executed.ts";
import { ConfigChoice } from "./config-choice.tsx";

/** Properties of the form. */
export interface SettingFormProps {
  readonly catalogue: PlaygroundCatalogue;
  readonly exploration: Exploration;
  readonly executed: Executed | undefined;
  readonly onShow: (exploration: Exploration) => void;
  /** Searches a violation of a property in another setting. */
  readonly onFind: (setting: Setting, property: string) => void;
}

/** Shows the form. */
export function SettingForm({ catalogue, exploration, executed, onShow, onFind }: SettingFormProps): JSX.Element {
  const { machine, kernel, against } = exploration;
  const { step: _, ...steps } = exploration;
  const entry = catalogue.machines.find(({ name }) => name === machine);
  const fitting = catalogue.kernels.filter(({ notOn }) => !notOn.includes(machine));
  const chosen = catalogue.kernels.find(({ name }) => name === kernel);
  const showAgainst = (name: string): void => {
    const { against: _other, ...alone } = steps;
    onShow(name === "" ? alone : { ...alone, against: name });
  };
  return (
    <details class="setting" open={exploration.path.length === 0}>
      <summary>
        machine <b>{machine}</b> · kernel <b>{kernel}</b>
        {against === undefined ? null : (
          <>
            {" "}
            beside <b>{against}</b>
          </>
        )}
        <span class="dim"> · {boundsText(executed)}</span>
      </summary>
      <div class="choices">
        <label>
          Machine
          <select
            value={machine}
            onChange={(event) =>
              onShow({ machine: event.currentTarget.value, bounds: {}, config: "", kernel, path: [] })
            }
          >
            {catalogue.machines.map(({ name }) => (
              <option key={name}>{name}</option>
            ))}
          </select>
          <small>{entry?.summary}</small>
        </label>
        <label>
          Kernel
          <select value={kernel} onChange={(event) => onShow({ ...steps, kernel: event.currentTarget.value })}>
            <KernelOptions kernels={fitting} />
          </select>
          <small>{chosen?.summary}</small>
        </label>
        <label>
          Beside it
          <select value={against ?? ""} onChange={(event) => showAgainst(event.currentTarget.value)}>
            <option value="">no other kernel</option>
            <KernelOptions kernels={fitting.filter(({ name }) => name !== kernel)} />
          </select>
          <small>takes the same steps; differences are marked</small>
        </label>
      </div>
      {chosen?.caught === undefined ? null : <Caught caught={chosen.caught} onFind={onFind} />}
      {executed === undefined ? null : (
        <ConfigChoice config={executed.config} onChoose={(config) => onShow({ ...steps, config })} />
      )}
      {entry === undefined ? null : (
        <Bounds
          entry={entry}
          bounds={executed?.bounds ?? exploration.bounds}
          onChoose={(bounds) => onShow({ ...steps, bounds })}
        />
      )}
    </details>
  );
}

function boundsText(executed: Executed | undefined): string {
  return executed === undefined
    ? ""
    : `${Object.entries(executed.bounds)
        .map(([name, value]) => `${name} ${value}`)
        .join(", ")} · ${executed.config}`;
}

const KINDS: readonly (readonly [kind: KernelEntry["kind"], label: string])[] = [
  ["release", "Releases and the RFC"],
  ["faulty", "Faulty kernels"],
  ["fault-free", "Variants without a fault"],
];

function KernelOptions({ kernels }: { readonly kernels: readonly KernelEntry[] }): JSX.Element {
  return (
    <>
      {KINDS.map(([kind, label]) => (
        <optgroup key={kind} label={label}>
          {kernels
            .filter((each) => each.kind === kind)
            .map(({ name }) => (
              <option key={name}>{name}</option>
            ))}
        </optgroup>
      ))}
    </>
  );
}

function Caught({
  caught: { setting, property },
  onFind,
}: {
  readonly caught: NonNullable<KernelEntry["caught"]>;
  readonly onFind: SettingFormProps["onFind"];
}): JSX.Element {
  return (
    <p class="caught">
      <span>
        This kernel violates <b>{property}</b> on machine {setting.machine}.
      </span>
      <button type="button" onClick={() => onFind(setting, property)}>
        Find the shortest path to it
      </button>
    </p>
  );
}

function Bounds({
  entry,
  bounds,
  onChoose,
}: {
  readonly entry: MachineEntry;
  readonly bounds: Setting["bounds"];
  readonly onChoose: (bounds: Setting["bounds"]) => void;
}): JSX.Element {
  return (
    <fieldset class="bounds">
      <legend>Bounds</legend>
      {entry.bounds.map(({ name, description, values, default: usual }) => (
        <label key={name}>
          <select
            value={bounds[name] ?? usual}
            disabled={values.length === 1}
            onChange={(event) => onChoose({ ...bounds, [name]: Number(event.currentTarget.value) })}
          >
            {values.map((value) => (
              <option key={value}>{value}</option>
            ))}
          </select>
          <b>{name}</b> <small>{description}</small>
        </label>
      ))}
    </fieldset>
  );
}
