/** Entry of the page: draws the report, and all steps of a trace for printing. */
import { render } from "preact";
import { Page } from "./page.tsx";
import { reportData } from "./report-data.ts";
import { applyTheme } from "./theme.ts";

const root = document.getElementById("page");
const data = reportData(document);

function draw(isPrinted: boolean): void {
  if (root !== null) {
    render(<Page data={data} isPrinted={isPrinted} />, root);
  }
}

applyTheme();
root?.replaceChildren();
draw(false);
addEventListener("beforeprint", () => {
  draw(true);
});
addEventListener("afterprint", () => {
  draw(false);
});
