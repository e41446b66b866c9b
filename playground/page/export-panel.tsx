/** Export of the steps: trace file, text for a mail, C program. */
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { CopyButton } from "../../report/html/browser/copy-button.tsx";
import type { Exploration } from "../address/exploration.ts";
import type { Exported, ExportFormat } from "../protocol/messages.ts";
import type { Checker } from "./checker.ts";

const FORMATS: readonly (readonly [format: ExportFormat, label: string])[] = [
  ["json", "Trace JSON"],
  ["text", "Text for a mail"],
  ["c", "C reproducer"],
];

/** Properties of the panel. */
export interface ExportPanelProps {
  readonly checker: Checker;
  readonly exploration: Exploration;
}

/** Shows the panel. */
export function ExportPanel({ checker, exploration }: ExportPanelProps): JSX.Element {
  const [result, setResult] = useState<Exported | string>();
  // An export belongs to the steps for which it was made.
  useEffect(() => setResult(undefined), [exploration]);
  const exportAs = async (format: ExportFormat): Promise<void> => {
    const reply = await checker.request({ kind: "export", exploration, format });
    setResult(
      reply.kind === "exported"
        ? reply.exported
        : reply.kind === "refused" || reply.kind === "failed"
          ? reply.message
          : undefined,
    );
  };
  return (
    <section class="export">
      <h2>Export the steps so far</h2>
      <p class="buttons">
        {FORMATS.map(([format, label]) => (
          <button key={format} type="button" onClick={() => exportAs(format)}>
            {label}
          </button>
        ))}
      </p>
      <div role="status">
        {result === undefined ? null : typeof result === "string" ? (
          <p class="remark">Not possible: {result}.</p>
        ) : (
          <ExportedText exported={result} />
        )}
      </div>
    </section>
  );
}

function ExportedText({ exported: { fileName, text, remark } }: { readonly exported: Exported }): JSX.Element {
  return (
    <>
      {remark === undefined ? null : <p class="remark">{remark}</p>}
      <p class="buttons">
        <CopyButton text={text} label={`Copy ${fileName}`} />
        <button type="button" onClick={() => download(fileName, text)}>
          Download {fileName}
        </button>
      </p>
      <section
        class="exported"
        aria-label={fileName}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls has to be reachable by keyboard
        tabIndex={0}
      >
        <pre>{text}</pre>
      </section>
    </>
  );
}

/** Lets the browser save a text as a file. */
function download(fileName: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text]));
  const link = document.createElement("a");
  link.href = url;
  link.download = fileName;
  link.click();
  URL.revokeObjectURL(url);
}
