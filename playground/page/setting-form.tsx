/** Choice of machine, kernels, configuration and bounds. */
import type { ComponentChildren, JSX } from "preact";
import { Command } from "../../report/html/browser/command.tsx";
import type { Exploration, Setting } from "../address/exploration.ts";
import type { KernelEntry, MachineEntry, PlaygroundCatalogue } from "../protocol/catalogue.ts";
import type { Executed } from "../protocol/executed.ts";
import { CallsChoice } from "./calls-choice.tsx";
import { ConfigChoice } from "./config-choice.tsx";

/** Machine whose CPUs execute calls. */
const RACE = "race";

/** Pages on which the open form leaves room for the state. */
const WIDE = "(min-width: 721px)";

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
    <details class="setting" open={exploration.path.length === 0 && matchMedia(WIDE).matches}>
      <summary>
        machine <b>{machine}</b> · kernel <b>{kernel}</b>
        {against === undefined ? null : (
          <>
            {" "}
            beside <b>{against}</b>
          </>
        )}
        {exploration.calls === undefined ? null : (
          <>
            {" "}
            · <code>{exploration.calls.cpus}</code>
          </>
        )}
        <span class="dim"> · {boundsText(executed)}</span>
      </summary>
      <div class="choices">
        <Choice
          title="Machine"
          remark={entry?.summary}
          value={machine}
          onChoose={(name) => onShow({ machine: name, bounds: {}, config: "", kernel, path: [] })}
        >
          {catalogue.machines.map(({ name }) => (
            <option key={name}>{name}</option>
          ))}
        </Choice>
        <Choice
          title="Kernel"
          remark={chosen?.summary}
          value={kernel}
          onChoose={(name) => onShow({ ...steps, kernel: name })}
        >
          <KernelOptions kernels={fitting} />
        </Choice>
        <Choice
          title="Beside it"
          remark="takes the same steps; differences are marked"
          value={against ?? ""}
          onChoose={showAgainst}
        >
          <option value="">no other kernel</option>
          <KernelOptions kernels={fitting.filter(({ name }) => name !== kernel)} />
        </Choice>
      </div>
      {chosen?.caught === undefined ? null : <Caught caught={chosen.caught} onFind={onFind} />}
      {executed === undefined ? null : (
        <ConfigChoice
          config={exploration.config === "" ? executed.config : exploration.config}
          onChoose={(config) => onShow({ ...steps, config })}
        />
      )}
      {entry === undefined ? null : (
        <Bounds
          entry={entry}
          bounds={{ ...executed?.bounds, ...exploration.bounds }}
          onChoose={(bounds) => onShow({ ...steps, bounds })}
        />
      )}
      {machine === RACE ? (
        <CallsChoice
          key={exploration.calls?.cpus}
          calls={exploration.calls}
          onChoose={(calls) => {
            const { calls: _calls, ...others } = steps;
            onShow({ ...others, ...(calls === undefined ? {} : { calls }), path: [] });
          }}
        />
      ) : null}
      {executed === undefined ? null : <Command label="check every state" command={executed.command} />}
    </details>
  );
}

function Choice({
  title,
  remark,
  value,
  onChoose,
  children,
}: {
  readonly title: string;
  readonly remark: string | undefined;
  readonly value: string;
  readonly onChoose: (value: string) => void;
  readonly children: ComponentChildren;
}): JSX.Element {
  return (
    <div class="choice">
      <label>
        <span>{title}</span>
        <select value={value} onChange={(event) => onChoose(event.currentTarget.value)}>
          {children}
        </select>
      </label>
      <small>{remark}</small>
    </div>
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
        The suite catches this kernel by <b>{property}</b> on machine {setting.machine}.
      </span>
      <button type="button" onClick={() => onFind(setting, property)}>
        Find it
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
