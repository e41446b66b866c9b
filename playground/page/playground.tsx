/** The playground: settings, steps, the state under each kernel, claims, searches and exports. */
import type { JSX } from "preact";
import { useEffect, useMemo, useState } from "preact/hooks";
import { ThemeSwitch } from "../../report/html/browser/theme-switch.tsx";
import type { PlaygroundCatalogue } from "../protocol/catalogue.ts";
import { Checker } from "./checker.ts";
import { Desk } from "./desk.tsx";
import { SettingForm } from "./setting-form.tsx";
import { TraceInput } from "./trace-input.tsx";
import { useExecuted } from "./use-executed.ts";
import { useExploration } from "./use-exploration.ts";
import { useSearch } from "./use-search.ts";

/** Shows the playground. */
export function Playground(): JSX.Element {
  const checker = useMemo(() => new Checker(), []);
  const catalogue = useCatalogue(checker);
  const [exploration, { show, move }] = useExploration();
  const { executed, problem, isExecuting } = useExecuted(checker, exploration);
  const { search, start, stop } = useSearch((setting, path) => {
    const { against } = exploration;
    const isSame = setting.machine === exploration.machine && setting.kernel === exploration.kernel;
    show({ ...setting, ...(isSame && against !== undefined ? { against } : {}), path });
  });
  return (
    <>
      <ThemeSwitch />
      <header class="report-header">
        <p class="report-title">foliocheck</p>
        <h1>Playground</h1>
        <p class="dim">
          The model checker runs in this page. Choose what happens next, or let it find a state; the address has every
          step, and can be put into a mail.
        </p>
        {catalogue === undefined ? null : (
          <SettingForm
            catalogue={catalogue}
            exploration={exploration}
            executed={executed}
            onShow={show}
            onFind={(setting, id) => start(setting, [], { kind: "claim", id })}
          />
        )}
        <TraceInput checker={checker} onShow={show} />
        {problem === undefined ? null : (
          <p role="alert" class="remark">
            {problem}
          </p>
        )}
      </header>
      <main>
        {executed === undefined ? (
          <p class="dim">{problem === undefined ? "Loading the model …" : ""}</p>
        ) : (
          <Desk
            checker={checker}
            exploration={exploration}
            executed={executed}
            isExecuting={isExecuting}
            search={search}
            onShow={show}
            onMove={move}
            onFind={(steps, wish) => start(exploration, steps, wish)}
            onStop={stop}
          />
        )}
      </main>
    </>
  );
}

function useCatalogue(checker: Checker): PlaygroundCatalogue | undefined {
  const [catalogue, setCatalogue] = useState<PlaygroundCatalogue>();
  useEffect(() => {
    checker.request({ kind: "catalogue" }).then((reply) => {
      if (reply.kind === "catalogue") {
        setCatalogue(reply.catalogue);
      }
    });
  }, [checker]);
  return catalogue;
}
