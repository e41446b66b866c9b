/** A command with a button that copies it. */
import type { JSX } from "preact";
import { CopyButton } from "./copy-button.tsx";

/** Shows a command. @param props.label what the command is for */
export function Command({ label, command }: { readonly label: string; readonly command: string }): JSX.Element {
  return (
    <div class="command">
      <span class="command-label">{label}</span>
      <code>{command}</code>
      <CopyButton text={command} label={`Copy the command: ${label}`} />
    </div>
  );
}
