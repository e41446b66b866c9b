/** The page: the report, or one of its findings. */
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { FindingPage } from "./finding-page.tsx";
import { Overview } from "./overview.tsx";
import type { ReportData } from "./report-data.ts";
import { formatRoute, parseRoute } from "./route.ts";
import { ThemeSwitch } from "./theme-switch.tsx";

/** Shows what the address names. @param props.isPrinted whether all steps of a trace are shown */
export function Page({ data, isPrinted }: { readonly data: ReportData; readonly isPrinted: boolean }): JSX.Element {
  const [hash, setHash] = useState(location.hash);
  useEffect(() => {
    const follow = (): void => setHash(location.hash);
    addEventListener("hashchange", follow);
    return () => removeEventListener("hashchange", follow);
  }, []);
  // A report of one trace and nothing else opens with the trace.
  const isTrace = data.content.tables.length === 0 && data.content.findings.length > 0;
  const route = parseRoute(hash) ?? (hash === "" && isTrace ? { finding: 0 } : undefined);
  const finding = route === undefined ? undefined : data.content.findings[route.finding];
  useEffect(() => {
    // The address of a step shows the step.
    if (route?.step === undefined) {
      scrollTo(0, 0);
    }
  }, [route?.finding]);
  if (route === undefined || finding === undefined) {
    return (
      <>
        <ThemeSwitch />
        <Overview content={data.content} />
      </>
    );
  }
  const go = (step: number): void => {
    const address = formatRoute({ finding: route.finding, step });
    // Steps are not entries of the history: "back" leads to the report.
    history.replaceState(null, "", address);
    setHash(address);
  };
  return (
    <>
      <ThemeSwitch />
      <FindingPage
        key={route.finding}
        content={data.content}
        finding={finding}
        position={route.finding}
        trace={finding.trace === undefined ? undefined : data.trace(finding.trace)}
        step={route.step}
        onStep={go}
        isPrinted={isPrinted}
      />
    </>
  );
}
