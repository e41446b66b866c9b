/** The model in lockstep with an mm image: how much was compared, and what differs. */
import type { LockstepField } from "../gate/image/lockstep/difference-text.ts";
import type { LockstepCount } from "../gate/image/lockstep/lockstep.ts";
import { formatCount } from "./numbers.ts";
import { table } from "./table.ts";
import { type Line, span } from "./text.ts";

/** The section of a report: transitions by operation. Nothing where the model does not run. */
export function lockstepLines(counts: readonly LockstepCount[]): Line[] {
  if (counts.length === 0) {
    return [];
  }
  const rows = counts.map(({ operation, compared, notCompared }) => [
    span(operation),
    span(formatCount(compared)),
    span(formatCount(notCompared.reduce((sum, { transitions }) => sum + transitions, 0))),
    span(reasonsText(notCompared), compared === 0 ? "warn" : undefined),
  ]);
  return [
    [span("Compared with the model", "strong")],
    ...table(
      [
        { title: "" },
        { title: "compared", align: "right" },
        { title: "not compared", align: "right" },
        { title: "because", wraps: true },
      ],
      rows,
      2,
    ),
  ];
}

function reasonsText(notCompared: LockstepCount["notCompared"]): string {
  return notCompared
    .map(({ reason, transitions }) => (notCompared.length === 1 ? reason : `${reason} (${formatCount(transitions)})`))
    .join("; ");
}

/** The fields in which image and model differ, with both sides. */
export function lockstepDifferenceLines(fields: readonly LockstepField[]): Line[] {
  return fields.length === 0
    ? []
    : [
        [],
        ...table(
          [{ title: "where" }, { title: "what" }, { title: "model" }, { title: "image" }],
          fields.map(({ place, field, model, image }) => [
            span(place),
            span(field),
            span(valueText(model), "changed"),
            span(valueText(image), "changed"),
          ]),
          2,
        ),
        [],
      ];
}

function valueText(value: string | number | boolean): string {
  return typeof value === "boolean" ? (value ? "yes" : "no") : String(value);
}
