/**
 * Syntax of CPU calls: `zap(mm: 0, first: 0, count: 1); exit(0) | folio_maybe_mapped_shared()`. A bar separates CPUs, a
 * semicolon the calls of one CPU. Arguments are named, or in the order of the operation's parameters.
 */
import type { ParameterValue } from "../../explore/model/action-call.ts";
import type { OperationSignature } from "../../model/race/race-calls.ts";
import type { OperationCall } from "../../races/race-model.ts";
import { oneOf, UsageError } from "./usage-error.ts";

/** Operations by the kernel functions that they model, where the name is not the operation's in snake case. */
const KERNEL_FUNCTIONS: { readonly [name: string]: string } = {
  copy_page_range: "fork",
  dup_mmap: "fork",
  exit_mmap: "exit",
  do_anonymous_page: "anonFault",
  zap_page_range_single: "zap",
  do_wp_page: "writeFault",
  split_huge_pmd: "splitPmd",
  folio_try_get: "speculativeReference",
  deferred_split_scan: "shrinkDeferred",
  shrink_folio_list: "swapOut",
  do_swap_page: "swapIn",
};

/**
 * Parses the calls of each CPU.
 *
 * @throws UsageError for a syntax error, an unknown operation, and arguments that the operation does not have
 */
export function parseCpuCalls(text: string, signatures: readonly OperationSignature[]): OperationCall[][] {
  return text.split("|").map((column, cpu, { length }) => {
    const calls = parseCalls(column, signatures);
    if (calls.length === 0) {
      const where = length === 1 ? "" : ` for CPU ${cpu}`;
      throw new UsageError(`no call${where}; want calls such as "zap(0, 0, 1) | folio_maybe_mapped_shared()"`);
    }
    return calls;
  });
}

/**
 * Parses the calls of one CPU.
 *
 * @throws UsageError as parseCpuCalls() does
 */
export function parseCalls(text: string, signatures: readonly OperationSignature[]): OperationCall[] {
  return text
    .split(";")
    .map((each) => each.trim())
    .filter((each) => each !== "")
    .map((each) => parseCall(each, signatures));
}

function parseCall(text: string, signatures: readonly OperationSignature[]): OperationCall {
  const [, name, list] = /^(\w+)\s*\(([^()]*)\)$/.exec(text) ?? [];
  if (name === undefined || list === undefined) {
    throw new UsageError(`"${text}" is no call; want one such as zap(mm: 0, first: 0, count: 1), or zap(0, 0, 1)`);
  }
  const signature = signatures.find((each) => isCalled(each.name, name));
  if (signature === undefined) {
    throw new UsageError(`unknown operation "${name}"; want ${oneOf(signatures.map((each) => each.name))}`);
  }
  const given = list
    .split(",")
    .map((each) => each.trim())
    .filter((each) => each !== "");
  const values = new Map(given.map((each, i) => argument(each, signature, i)));
  if (values.size !== signature.parameters.length || given.length !== values.size) {
    throw new UsageError(`cannot call ${text}: want ${formatSignature(signature)}`);
  }
  const parameters = Object.fromEntries(signature.parameters.map((each) => [each, values.get(each) as ParameterValue]));
  const isWithinBounds = signature.choices.some((choice) =>
    signature.parameters.every((each) => choice[each] === parameters[each]),
  );
  if (!isWithinBounds) {
    throw new UsageError(`cannot call ${text} within these bounds: want ${formatSignature(signature)}`);
  }
  return { operation: signature.name, parameters };
}

function isCalled(operation: string, name: string): boolean {
  const plain = name.replaceAll("_", "").toLowerCase();
  return (
    KERNEL_FUNCTIONS[name] === operation ||
    [`folio${operation}`, operation].some((each) => each.toLowerCase() === plain)
  );
}

/** Parses an argument, `name: value` or the `value` of the parameter at its position. */
function argument(text: string, signature: OperationSignature, position: number): [string, ParameterValue] {
  const [, name, value = ""] = /^(?:(\w+)\s*:\s*)?(\w+)$/.exec(text) ?? [];
  const parameter = name ?? signature.parameters[position];
  if (parameter === undefined || !signature.parameters.includes(parameter)) {
    throw new UsageError(`cannot pass "${text}" to ${signature.name}: want ${formatSignature(signature)}`);
  }
  return [parameter, value === "true" ? true : value === "false" ? false : /^\d+$/.test(value) ? Number(value) : value];
}

/** Formats an operation with the values of its parameters: `zap(mm: 0 or 1, first: 0 or 1, count: 1 or 2)`. */
function formatSignature({ name, parameters, choices }: OperationSignature): string {
  const texts = parameters.map((parameter) => {
    const values = [...new Set(choices.map((choice) => String(choice[parameter])))].sort();
    return `${parameter}: ${oneOf(values)}`;
  });
  return `${name}(${texts.join(", ")})`;
}
