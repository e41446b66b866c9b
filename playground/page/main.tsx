/** Entry of the playground's page. */
import { render } from "preact";
import { applyTheme } from "../../report/html/browser/theme.ts";
import { Playground } from "./playground.tsx";

const root = document.getElementById("page");

applyTheme();
root?.replaceChildren();
if (root !== null) {
  render(<Playground />, root);
}
