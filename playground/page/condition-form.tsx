/** A small form for conditions on the fields of states. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { type Condition, OPERATORS, type Operator } from "../condition/condition.ts";
import { choiceNamed, type FieldChoice } from "../condition/field-choices.ts";

interface Row {
  readonly field: string;
  readonly operator: Operator;
  readonly value: string;
}

const EMPTY: Row = { field: "", operator: "=", value: "" };

/** Properties of the form. */
export interface ConditionFormProps {
  readonly fields: readonly FieldChoice[];
  readonly isDisabled: boolean;
  readonly onFind: (condition: Condition) => void;
}

/** Shows the form. */
export function ConditionForm({ fields, isDisabled, onFind }: ConditionFormProps): JSX.Element {
  const [rows, setRows] = useState<readonly Row[]>([EMPTY]);
  const change = (index: number, part: Partial<Row>): void =>
    setRows(rows.map((row, i) => (i === index ? { ...row, ...part } : row)));
  const submit = (event: Event): void => {
    event.preventDefault();
    onFind(rows.map(({ field, operator, value }) => ({ field, operator, value: parsedValue(value) })));
  };
  return (
    <form class="condition" onSubmit={submit}>
      <datalist id="fields">
        {fields.map(({ path }) => (
          <option key={path} value={path} />
        ))}
      </datalist>
      {rows.map((row, i) => (
        <div key={i} class="comparison">
          <input
            aria-label={`Field ${i + 1}`}
            list="fields"
            placeholder="field"
            autocomplete="off"
            spellcheck={false}
            required
            value={row.field}
            onInput={(event) => change(i, { field: event.currentTarget.value })}
          />
          <select
            aria-label={`Comparison ${i + 1}`}
            value={row.operator}
            onChange={(event) => change(i, { operator: event.currentTarget.value as Operator })}
          >
            {OPERATORS.map((operator) => (
              <option key={operator}>{operator}</option>
            ))}
          </select>
          <input
            aria-label={`Value ${i + 1}`}
            placeholder={choiceNamed(row.field, fields)?.kind === "flag" ? "yes, no" : "number"}
            pattern="-?\d+|yes|no"
            title="a whole number, yes or no"
            required
            size={6}
            value={row.value}
            onInput={(event) => change(i, { value: event.currentTarget.value })}
          />
          {rows.length === 1 ? null : (
            <button
              type="button"
              aria-label={`Remove comparison ${i + 1}`}
              onClick={() => setRows(rows.filter((_, other) => other !== i))}
            >
              ×
            </button>
          )}
        </div>
      ))}
      <p class="buttons">
        <button type="submit" disabled={isDisabled}>
          Find
        </button>
        <button type="button" onClick={() => setRows([...rows, EMPTY])}>
          and …
        </button>
      </p>
      <p class="dim small">
        Names and values as in trace files: a mapcount is stored, so that −1 is unmapped. <code>[*]</code> is any
        element, <code>[0]</code> the first.
      </p>
    </form>
  );
}

function parsedValue(value: string): number | boolean {
  return value === "yes" || value === "no" ? value === "yes" : Number(value);
}
