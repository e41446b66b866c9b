/** Fields with their values, changed ones as old → new. */
import type { JSX } from "preact";
import type { OtherField } from "../picture/other-fields.ts";
import { Change } from "./change.tsx";

/** Shows fields. @param props.isAll whether they are the whole state */
export function FieldTable({
  fields,
  isAll,
}: {
  readonly fields: readonly OtherField[];
  readonly isAll: boolean;
}): JSX.Element | null {
  return fields.length === 0 ? null : (
    <table class="fields">
      <caption>{isAll ? "State" : "Statistics and other fields"}</caption>
      <tbody>
        {fields.map((field) => (
          <tr key={field.name}>
            <th scope="row">{field.name}</th>
            <td>
              <Change fact={field} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
