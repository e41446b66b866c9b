/** Measured layouts of a tree and its base, as data. */
import type { LayoutReport } from "../layout/layout-report.ts";

/** The layouts of the base; `same` if no line that a layout may depend on differs. */
export type BaseLayout = LayoutReport | "same" | { readonly refusal: string };

/** The layouts of a tree and, if it has a base, of the base. */
export interface MeasuredLayouts {
  readonly own: LayoutReport;
  readonly base: BaseLayout | undefined;
}
