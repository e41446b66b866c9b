/** Maps calls of the model to operations that perform them. */
import type { ActionCall } from "../../explore/model/model.ts";
import { at } from "../../explore/model/schema.ts";
import { HolderKind, type World } from "../../model/state/world.ts";
import type { Operation } from "../session/operation.ts";

type Numbers = { readonly [name: string]: number };

/** Returns the reason why user space cannot perform a call; undefined if it can. */
export function reasonNotPerformable({ action, parameters }: ActionCall): string | undefined {
  switch (action) {
    case "newMm":
    case "fork":
    case "exit":
    case "unmap":
    case "writeFault":
    case "store":
    case "mremap":
    case "put":
    case "readFile":
    case "fileFault":
    case "reclaim":
    case "dmaWrite":
      return undefined;
    case "anonFault":
      return parameters["pages"] === 2 ? "the kernel has no anon folios of two pages" : undefined;
    case "gup":
      return parameters["kind"] === HolderKind.pin ? "io_uring pins pages for writing only" : undefined;
    case "tryGet":
      return "only the kernel takes speculative references";
    default:
      return "only the kernel decides when it does this";
  }
}

/**
 * Returns the operation that performs an enabled call.
 *
 * @param before the state before the call
 * @param value the value that a store or fault writes, if the call has one
 */
export function operationOf({ action, parameters }: ActionCall, before: World, value: number): Operation {
  const { mm = 0, entry = 0, first = 0, count = 0, vma = 0, pages = 0 } = parameters as Numbers;
  switch (action) {
    case "newMm":
    case "exit":
      return { kind: action, mm };
    case "fork": {
      const { parent = 0, child = 0 } = parameters as Numbers;
      return { kind: "fork", parent, child };
    }
    case "anonFault":
      return { kind: "fault", mm, first, pages, value };
    case "writeFault":
      return { kind: "touch", mm, entry };
    case "store":
      return { kind: "write", mm, entry, value };
    case "unmap":
      return { kind: "unmap", mm, vma, first, count };
    case "mremap": {
      const { from = 0, to = 0 } = parameters as Numbers;
      return { kind: "mremap", mm, from, to };
    }
    case "gup": {
      const holder = before.holders.findIndex(({ kind }) => kind === HolderKind.none);
      return { kind: parameters["kind"] === HolderKind.get ? "get" : "pin", mm, entry, holder };
    }
    case "dmaWrite": {
      const { holder = 0 } = parameters as Numbers;
      return { kind: "deviceWrite", holder, value };
    }
    case "put": {
      const { holder = 0 } = parameters as Numbers;
      return { kind: "put", holder };
    }
    case "readFile": {
      const { index = 0 } = parameters as Numbers;
      return { kind: "readFile", index, pages };
    }
    case "fileFault":
      return { kind: "fileFault", mm, vma, first, count };
    case "reclaim": {
      const { index, nrPages } = at(before.folios, (parameters as Numbers)["folio"] ?? 0);
      return { kind: "reclaim", index, pages: nrPages };
    }
    default:
      throw new RangeError(`${action}: ${reasonNotPerformable({ action, parameters })}`);
  }
}
