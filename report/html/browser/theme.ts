/** Choice between light and dark colours; without one, the page follows the system. */

/** Colours of the page. */
export type Theme = "light" | "dark";

const KEY = "foliocheck-theme";

/** Returns the colours in use. */
export function currentTheme(): Theme {
  return chosenTheme() ?? systemTheme();
}

/** Applies the reader's choice, if there is one. */
export function applyTheme(): void {
  const chosen = chosenTheme();
  if (chosen === undefined) {
    delete document.documentElement.dataset["theme"];
  } else {
    document.documentElement.dataset["theme"] = chosen;
  }
}

/** Chooses colours for this page and later ones. The colours of the system are no choice: the page follows it again. */
export function chooseTheme(theme: Theme): void {
  const storage = storageOf();
  if (theme === systemTheme()) {
    storage?.removeItem(KEY);
  } else {
    storage?.setItem(KEY, theme);
  }
  applyTheme();
}

function chosenTheme(): Theme | undefined {
  const stored = storageOf()?.getItem(KEY);
  return stored === "light" || stored === "dark" ? stored : undefined;
}

function systemTheme(): Theme {
  return matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
}

/** Returns the browser's storage; undefined if its settings forbid it. */
function storageOf(): Storage | undefined {
  try {
    return localStorage;
  } catch {
    return undefined;
  }
}
