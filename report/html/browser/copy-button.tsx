/** A button that copies a text. */
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";

/** Shows the button. @param props.label description for screen readers */
export function CopyButton({ text, label }: { readonly text: string; readonly label: string }): JSX.Element {
  const [isCopied, setCopied] = useState(false);
  useEffect(() => {
    if (!isCopied) {
      return;
    }
    const timer = setTimeout(() => setCopied(false), 2000);
    return () => clearTimeout(timer);
  }, [isCopied]);
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(text);
    setCopied(true);
  };
  return (
    <button type="button" onClick={copy} aria-label={label}>
      {isCopied ? "Copied" : "Copy"}
    </button>
  );
}
