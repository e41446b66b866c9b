/**
 * Calls of CPUs, as users write them: `zap(mm: 0, first: 0, count: 1); exit(0) | folio_maybe_mapped_shared()`. A bar stands
 * between CPUs, a semicolon between the calls of one; arguments have names, or stand in the order of the operation's
 * parameters.
 */
import type { ParameterValue } from "../../explore/model/action-call.ts";
import type { OperationSignature } from "../../model/race/race-calls.ts";
import type { OperationCall } from "../../races/race-model.ts";
import { oneOf, UsageError } from "./usage-error.ts";

/** The kernel's functions that operations stand for, where the name is another one than ours with underscores. */
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
 * The calls of each CPU.
 *
 * @throws UsageError for text that is no calls, an unknown operation, and arguments that it does not take
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

/** Calls one after the other. @throws UsageError as parseCpuCalls does */
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
    throw new UsageError(`cannot call ${text}: want ${spelled(signature)}`);
  }
  const parameters = Object.fromEntries(signature.parameters.map((each) => [each, values.get(each) as ParameterValue]));
  const isKnown = signature.choices.some((choice) =>
    signature.parameters.every((each) => choice[each] === parameters[each]),
  );
  if (!isKnown) {
    throw new UsageError(`cannot call ${text} within these bounds: want ${spelled(signature)}`);
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

/** `name: value` or `value`, which is the next parameter's. */
function argument(text: string, signature: OperationSignature, position: number): [string, ParameterValue] {
  const [, named, value = ""] = /^(?:(\w+)\s*:\s*)?(\w+)$/.exec(text) ?? [];
  const parameter = named ?? signature.parameters[position];
  if (parameter === undefined || !signature.parameters.includes(parameter)) {
    throw new UsageError(`cannot pass "${text}" to ${signature.name}: want ${spelled(signature)}`);
  }
  return [parameter, value === "true" ? true : value === "false" ? false : /^\d+$/.test(value) ? Number(value) : value];
}

/** The operation with the values that its parameters can have: `zap(mm: 0 or 1, first: 0 or 1, count: 1 or 2)`. */
function spelled({ name, parameters, choices }: OperationSignature): string {
  const texts = parameters.map((parameter) => {
    const values = [...new Set(choices.map((choice) => String(choice[parameter])))].sort();
    return `${parameter}: ${oneOf(values)}`;
  });
  return `${name}(${texts.join(", ")})`;
}
