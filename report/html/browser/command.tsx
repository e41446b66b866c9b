/** A command with a button that copies it. */
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";

/** Shows a command. @param props.label what the command is for */
export function Command({ label, command }: { readonly label: string; readonly command: string }): JSX.Element {
  const [isCopied, setCopied] = useState(false);
  useEffect(() => {
    if (!isCopied) {
      return;
    }
    const timer = setTimeout(() => setCopied(false), 2000);
    return () => clearTimeout(timer);
  }, [isCopied]);
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(command);
    setCopied(true);
  };
  return (
    <div class="command">
      <span class="command-label">{label}</span>
      <code>{command}</code>
      <button type="button" onClick={copy} aria-label={`Copy the command: ${label}`}>
        {isCopied ? "Copied" : "Copy"}
      </button>
    </div>
  );
}
