/** Families of operations: those of one name, as calls of functions that the image exports. */
import type { Parameters } from "../../../explore/model/model.ts";

/** A call of a function that the image exports. */
export interface ImageCall {
  readonly operation: string;
  readonly parameters: readonly number[];
}

/** A range of pages, from the first page of the VMA. */
export interface PageRange {
  readonly page: number;
  readonly pages: number;
}

/** The operations of one name, one for each combination of parameters. */
export interface OperationFamily {
  readonly name: string;
  /** Values of each parameter. */
  readonly domains: { readonly [parameter: string]: readonly Parameters[string][] };
  readonly call: (parameters: Parameters) => ImageCall;
  /** Whether an operation takes part in races: of similar ones, one does. */
  readonly races: (parameters: Parameters) => boolean;
}

/** Returns a family of operations. */
export function family<P extends Parameters>(
  name: string,
  domains: { readonly [K in keyof P]: readonly P[K][] },
  call: (parameters: P) => readonly [operation: string, ...parameters: number[]],
  races: (parameters: P) => boolean = () => true,
): OperationFamily {
  return {
    name,
    domains,
    races: races as OperationFamily["races"],
    call: (chosen) => {
      const [operation, ...parameters] = call(chosen as P);
      return { operation, parameters };
    },
  };
}
