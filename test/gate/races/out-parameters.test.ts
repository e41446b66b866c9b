import { expect, test } from "vitest";
import { functionsWithOutParameters } from "../../../gate/races/out-parameters.ts";

const DECLARATIONS = `
static inline int plain(int number);
static inline struct folio *shared(struct page *page,
		const struct vm_area_struct *vma);
static inline void number_out(struct folio *folio, int *result);
static inline bool reads_const(const unsigned long *word);
static inline void own_struct(struct walk_control *control);
static inline struct pair by_value(int number);
`;

test("functionsWithOutParameters() returns the functions that may write to their caller's memory, by their declarations", () => {
  const names = ["plain", "shared", "number_out", "reads_const", "own_struct", "by_value", "undeclared"];
  expect([...functionsWithOutParameters(DECLARATIONS, names)].sort()).toEqual(
    ["by_value", "number_out", "own_struct", "undeclared"].sort(),
  );
});
