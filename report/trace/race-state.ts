/** CPUs and shared memory of a state of machine race. */
import * as v from "valibot";
import type { RaceAccess } from "../../model/race/step-access.ts";

/** CPU of a state. */
export interface DrawnCpu {
  /** The call that it executes; empty if none. */
  readonly executes: string;
  readonly next?: RaceAccess;
  readonly buffer: readonly { readonly path: string; readonly value: number }[];
}

const cpusSchema = v.object({
  cpus: v.array(
    v.object({
      executes: v.string(),
      next: v.exactOptional(
        v.object({
          kind: v.picklist(["load", "store", "rmw", "lock", "unlock", "await", "fence", "drain"]),
          object: v.string(),
          marked: v.boolean(),
          order: v.picklist(["relaxed", "acquire", "release", "full"]),
          text: v.string(),
          functions: v.array(v.string()),
          place: v.exactOptional(v.object({ file: v.string(), line: v.number() })),
        }),
      ),
      buffer: v.array(v.object({ path: v.string(), value: v.number() })),
    }),
  ),
});

/** Returns the CPUs of a state; none for a state of another shape. */
export function cpusOf(state: unknown): readonly DrawnCpu[] {
  const { success, output } = v.safeParse(cpusSchema, state);
  return success ? output.cpus : [];
}

/** Fields of locks, which the columns of a trace show instead. */
const LOCKS: ReadonlySet<string> = new Set([
  "pageTableLock",
  "mmapReaders",
  "mmapWriter",
  "gupFasts",
  "writeProtectSeq",
  "largeMapcountLock",
  "splitQueueLock",
]);

/** Returns a state without CPUs and locks, for a picture. */
export function memoryOf(state: unknown): unknown {
  const { cpus: _, overwritten: __, ...memory } = state as { readonly cpus: unknown; readonly overwritten?: unknown };
  return Object.fromEntries(
    Object.entries(memory).map(([name, value]) => [name, Array.isArray(value) ? value.map(withoutLocks) : value]),
  );
}

function withoutLocks(record: unknown): unknown {
  return Object.fromEntries(Object.entries(record as object).filter(([name]) => !LOCKS.has(name)));
}
