/** Lockstep of model and mm image as text: compared transitions and differences. */

import type { LockstepCount } from "../../gate/image/lockstep/lockstep.ts";
import type { FolioLetter, LockstepField, LockstepValue } from "../../gate/image/lockstep/named-differences.ts";
import { pagesText } from "../../gate/image/world/image-bounds.ts";
import type { Block } from "./block.ts";
import { namedWarningText } from "./kernel-warning.ts";
import { formatCount } from "./numbers.ts";
import { span } from "./styled-text.ts";
import { table } from "./table.ts";

/** Formats the compared transitions by operation; empty without the model. */
export function lockstepLines(counts: readonly LockstepCount[]): Block[] {
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

/** Formats the fields in which image and model differ, with both values. */
export function lockstepDifferenceLines(fields: readonly LockstepField[]): Block[] {
  return fields.length === 0
    ? []
    : [
        [],
        ...table(
          [{ title: "where" }, { title: "what" }, { title: "model" }, { title: "image" }],
          fields.map(({ place, field, model, image }) => [
            span(placeText(place)),
            span(field),
            span(valueText(model), "changed"),
            span(valueText(image), "changed"),
          ]),
          2,
        ),
        [],
      ];
}

/** Formats differences as one sentence: `refcount of folio A: 2 in the model, 3 in the image, and 1 more`. */
export function lockstepSentence([first, ...others]: readonly LockstepField[]): string {
  if (first === undefined) {
    return "";
  }
  const { place, field, model, image } = first;
  const more = others.length === 0 ? "" : `, and ${others.length} more`;
  return `${field} of ${placeText(place)}: ${sideText(model)} in the model, ${sideText(image)} in the image${more}`;
}

function placeText(place: LockstepField["place"]): string {
  switch (place.kind) {
    case "process":
      return `process ${place.process}`;
    case "entry":
      return `process ${place.process}, page ${pagesText(place.page, place.page)}`;
    case "folio":
      return folioText(place.folio);
    case "page":
      return `${folioText(place.folio)}, page ${place.page}`;
    case "statistics":
    case "model":
      return place.kind;
  }
}

function folioText(letter: FolioLetter): string {
  return letter === null ? "a folio that no process maps" : `folio ${letter}`;
}

function sideText(value: LockstepValue): string {
  if (typeof value !== "object") {
    return String(value);
  }
  if ("warning" in value) {
    return namedWarningText(value.warning);
  }
  const { folio, page } = value;
  return `page ${page} of ${folio === undefined ? "a folio that the image lacks" : folioText(folio)}`;
}

function valueText(value: LockstepValue): string {
  return typeof value === "boolean" ? (value ? "yes" : "no") : sideText(value);
}
