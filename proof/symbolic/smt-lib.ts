/** Terms as SMT-LIB 2 text, in the logic QF_BV. */
import { conditionsOf, type Term } from "./term.ts";

const SYMBOLS: { readonly [op in Term["op"]]?: string } = {
  add: "bvadd",
  mul: "bvmul",
  and: "bvand",
  or: "bvor",
  xor: "bvxor",
  shl: "bvshl",
  lshr: "bvlshr",
  ashr: "bvashr",
  concat: "concat",
  ite: "ite",
  eq: "=",
  ult: "bvult",
  slt: "bvslt",
  not: "not",
  all: "and",
};

function sortOf({ width }: Term): string {
  return width === 0 ? "Bool" : `(_ BitVec ${width})`;
}

/**
 * Whether conditions can hold together, as a question to a solver.
 *
 * @param comments lines for people
 * @param values variables whose values are wanted where they can
 */
export function smtQuery(comments: readonly string[], conditions: readonly Term[], values: readonly Term[]): string {
  const lines = [...comments.map((line) => `; ${line}`), "(set-option :produce-models true)", "(set-logic QF_BV)"];
  const uses = usesOf([...conditions, ...values]);
  const names = new Map<Term, string>();
  const text = (term: Term): string => {
    const found = names.get(term);
    if (found !== undefined) {
      return found;
    }
    const { op, width, args, low, value } = term;
    const inner = args.map(text).join(" ");
    switch (op) {
      case "const":
        return `(_ bv${value} ${width})`;
      case "true":
        return "true";
      case "extract":
        return `((_ extract ${low + width - 1} ${low}) ${inner})`;
      case "sext":
        return `((_ sign_extend ${width - (args[0] as Term).width}) ${inner})`;
      default:
        return `(${SYMBOLS[op]} ${inner})`;
    }
  };
  // Terms come after those that they contain.
  for (const [term, count] of [...uses].sort(([one], [other]) => one.id - other.id)) {
    if (term.op === "var") {
      const name = `|${term.name}|`;
      lines.push(`(declare-const ${name} ${sortOf(term)})`);
      names.set(term, name);
    } else if (count > 1 && term.args.length > 0) {
      const name = `t${names.size}`;
      lines.push(`(define-fun ${name} () ${sortOf(term)} ${text(term)})`);
      names.set(term, name);
    }
  }
  for (const condition of conditions.flatMap(conditionsOf)) {
    lines.push(`(assert ${text(condition)})`);
  }
  lines.push("(check-sat)");
  if (values.length > 0) {
    lines.push(`(get-value (${values.map(text).join(" ")}))`);
  }
  return `${lines.join("\n")}\n`;
}

/** Number of uses of each term, within other terms and alone. */
function usesOf(terms: readonly Term[]): ReadonlyMap<Term, number> {
  const uses = new Map<Term, number>();
  const left = [...terms];
  for (let term = left.pop(); term !== undefined; term = left.pop()) {
    const count = uses.get(term) ?? 0;
    uses.set(term, count + 1);
    if (count === 0) {
      left.push(...term.args);
    }
  }
  return uses;
}
