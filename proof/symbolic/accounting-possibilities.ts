/** Situations that the proof of rmap accounting must not rule out: kinds of mappings, and what its properties are about. */
import { hasQueue } from "../accounting/accounted-state.ts";
import { ACCOUNTING } from "../accounting/accounting-theory.ts";
import { mayCallRmap } from "../accounting/rmap-operations.ts";
import type { Invariant } from "../theory.ts";
import { addsUp, maps, mapsTwice } from "../tracked-state.ts";
import { assumptions, callPossibilities, type Query } from "./queries.ts";
import { and, not, type Term } from "./term.ts";
import type { TermFunctions, TermStep } from "./term-functions.ts";
import { TERMS } from "./terms-logic.ts";

/** Situations that the invariant and the assumptions must allow. */
export function accountingPossibilities(
  functions: TermFunctions<"accounting">,
  invariant: Invariant<"accounting">,
): readonly Query[] {
  const { before, steps } = functions;
  const { anon, mappings, pmdMappings, nrPages } = before;
  const premise = assumptions(ACCOUNTING, functions, invariant);
  const satisfiable = (
    kind: "possible" | "witness",
    to: string,
    sentence: string,
    ...conditions: readonly Term[]
  ): Query => ({
    kind,
    id: { from: kind, to },
    sentence,
    conditions: [...premise, ...conditions],
    sum: addsUp(TERMS, before),
  });
  const byPmd = maps(TERMS, pmdMappings);
  const byPte = maps(TERMS, TERMS.subtract(mappings, pmdMappings));
  const kinds = [
    { name: "anon folio", condition: anon },
    { name: "file folio", condition: not(anon) },
  ];
  const mapped = [
    { name: "not mapped", condition: and(not(byPmd), not(byPte)) },
    { name: "mapped by PTEs", condition: and(not(byPmd), byPte) },
    { name: "mapped by PMDs", condition: and(byPmd, not(byPte)) },
    { name: "mapped by both", condition: and(byPmd, byPte) },
  ];
  const marks = (step: TermStep<"accounting">): Term =>
    and(mayCallRmap(TERMS, step), not(before.partiallyMapped), step.after.partiallyMapped);
  const removal = steps["remove-ptes"];
  return [
    ...kinds.flatMap((kind) =>
      mapped.map((how) =>
        satisfiable(
          "possible",
          `${kind.name}, ${how.name}`,
          "Every kind of folio is mapped in every way",
          kind.condition,
          how.condition,
        ),
      ),
    ),
    ...callPossibilities(ACCOUNTING, functions, invariant),
    satisfiable(
      "witness",
      "remove-ptes marks",
      "The removal of PTEs marks a folio as partially mapped",
      marks(removal),
    ),
    satisfiable(
      "witness",
      "remove-pmd marks",
      "The removal of a PMD marks a folio as partially mapped",
      marks(steps["remove-pmd"]),
    ),
    satisfiable(
      "witness",
      "W3",
      "PTEs are removed of an anon folio that two MMs map, and with as many mappings left as it has pages it is not marked",
      mayCallRmap(TERMS, removal),
      anon,
      hasQueue(TERMS, nrPages),
      mapsTwice(TERMS, removal.after),
      TERMS.equal(removal.after.mappings, nrPages),
      not(byPmd),
      not(removal.after.partiallyMapped),
    ),
  ];
}
