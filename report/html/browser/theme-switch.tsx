/** Button that switches between light and dark colours. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { chooseTheme, currentTheme } from "./theme.ts";

/** Shows the button. */
export function ThemeSwitch(): JSX.Element {
  const [theme, setTheme] = useState(currentTheme);
  const other = theme === "light" ? "dark" : "light";
  const choose = (): void => {
    chooseTheme(other);
    setTheme(other);
  };
  return (
    <button type="button" class="theme-switch" onClick={choose} aria-label={`Use ${other} colours`}>
      {other === "dark" ? "☾" : "☀"}
    </button>
  );
}
