/** Counters of a folio: what the kernel says, beside the truth. */
import type { JSX } from "preact";
import type { FolioFacts } from "../picture/folio-facts.ts";
import { Change } from "./change.tsx";

/** Shows a folio. */
export function FolioCard({ facts }: { readonly facts: FolioFacts }): JSX.Element {
  const { position, name, pages, isFreed, owners, sharing, counters, flags, faults } = facts;
  return (
    <article class={`folio hue-${position % 4}`} aria-label={name}>
      <h3>
        {name}{" "}
        <small>
          {pages} page{pages === 1 ? "" : "s"}
          {isFreed ? ", freed in this step" : ""}
        </small>
      </h3>
      {faults.map((fault) => (
        <p key={fault} class="fault">
          ✗ {fault}
        </p>
      ))}
      {sharing === undefined ? null : (
        <p class="sharing">
          the kernel says <Change fact={sharing} />
        </p>
      )}
      <div class="folio-tables">
        {owners.length === 0 ? null : (
          <table class="owners">
            <thead>
              <tr>
                <td />
                <th scope="col">owner slot tracks</th>
                <th scope="col">really maps</th>
              </tr>
            </thead>
            <tbody>
              {owners.map(({ mm, tracked, mappings }) => (
                <tr key={mm}>
                  <th scope="row">{mm}</th>
                  <td>
                    <Change fact={tracked} />
                  </td>
                  <td>
                    <Change fact={mappings} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
        <table>
          <thead>
            <tr>
              <td />
              <th scope="col">kernel</th>
              <th scope="col">{counters.some(({ truth }) => truth !== undefined) ? "really" : ""}</th>
            </tr>
          </thead>
          <tbody>
            {[...counters, ...flags].map((fact) => (
              <tr key={fact.name}>
                <th scope="row">{fact.name}</th>
                <td>
                  <Change fact={fact} />
                </td>
                <td class="truth">{fact.truth ?? ""}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </article>
  );
}
