/** Fields in which the states of two kernels differ. */
import type { JSX } from "preact";
import { pathsOf } from "../../report/trace/paths.ts";

/** Field with its value under each kernel. */
export interface StateDifference {
  readonly field: string;
  readonly values: readonly [one: string, other: string];
}

/** Lists the fields in which two states differ. */
export function differencesBetween(one: unknown, other: unknown): StateDifference[] {
  const [ones, others] = [pathsOf(one), pathsOf(other)];
  return [...new Set([...ones.keys(), ...others.keys()])]
    .map((field): StateDifference => ({ field, values: [textIn(ones, field), textIn(others, field)] }))
    .filter(({ values: [first, second] }) => first !== second);
}

function textIn(paths: ReadonlyMap<string, unknown>, field: string): string {
  return paths.has(field) ? JSON.stringify(paths.get(field)) : "–";
}

/** Shows the differences. */
export function Differences({
  kernels,
  differences,
}: {
  readonly kernels: readonly [string, string];
  readonly differences: readonly StateDifference[];
}): JSX.Element {
  return (
    <section class="differences">
      <h2>Where the kernels differ</h2>
      {differences.length === 0 ? (
        <p class="dim">The states are equal.</p>
      ) : (
        <table>
          <thead>
            <tr>
              <th scope="col">field</th>
              {kernels.map((kernel) => (
                <th scope="col" key={kernel}>
                  {kernel}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {differences.map(({ field, values }) => (
              <tr key={field}>
                <th scope="row">
                  <code>{field}</code>
                </th>
                {values.map((value, i) => (
                  <td key={i}>{value}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}
