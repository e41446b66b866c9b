import { describe, expect, it } from "vitest";
import type { KernelConfig } from "../../model/kernel/config.ts";
import { v7_1 } from "../../model/kernels/v7-1.ts";
import * as fc from "../fast-check.ts";
import { withLog } from "./logged-kernel.ts";
import { folioWith } from "./structs.ts";

/**
 * Owner tracking told in another way, from the patch description: two seats, a list of who sits where and with how many
 * mappings, logical counts only. Nothing here is negative, and nothing is stored minus one.
 */
class OwnerList {
  total = 0;
  marked = false;
  readonly seated = new Map<number, { readonly seat: number; count: number }>();
  private readonly limit: number;

  constructor(limit: number) {
    this.limit = limit;
  }

  private get freeSeat(): number | undefined {
    const taken = [...this.seated.values()].map(({ seat }) => seat);
    return [0, 1].find((seat) => !taken.includes(seat));
  }

  add(mm: number, count: number): void {
    this.total += count;
    const own = this.seated.get(mm);
    const seat = this.freeSeat;
    if (own !== undefined) {
      own.count += count;
      if (own.count > this.limit) {
        this.seated.delete(mm);
        this.marked = true;
      }
    } else if (seat !== undefined) {
      this.seated.set(mm, { seat, count });
      this.marked ||= this.total > count;
    }
  }

  remove(mm: number, count: number): void {
    this.total -= count;
    const own = this.seated.get(mm);
    if (own !== undefined && own.count > count) {
      own.count -= count;
      return;
    }
    this.seated.delete(mm);
    const owners = [...this.seated.values()].filter((each) => each.count === this.total);
    if (this.total === 0 || owners.length > 0) {
      this.marked = false;
    }
  }

  get looksShared(): boolean {
    return this.total > 1 && this.marked;
  }
}

interface Case {
  readonly pages: number;
  readonly limit: number;
  /** Mappings of the folio that one MM can have: more than its pages when the file is mapped several times. */
  readonly most: number;
  readonly operations: readonly (readonly [mm: number, amount: number, removes: boolean])[];
}

const cases: fc.Arbitrary<Case> = fc
  .record({ pages: fc.integer({ min: 2, max: 16 }), views: fc.integer({ min: 1, max: 3 }), slack: fc.nat(20) })
  .chain(({ pages, views, slack }) =>
    fc.record({
      pages: fc.constant(pages),
      limit: fc.constant(pages + slack),
      most: fc.constant(pages * views),
      operations: fc.array(fc.tuple(fc.nat(4), fc.nat(1_000), fc.boolean()), { minLength: 40, maxLength: 120 }),
    }),
  );

function compare({ pages, limit, most, operations }: Case, is64Bit: boolean): Set<string> {
  const config: KernelConfig = { pageMapcount: true, is64Bit, mmId: true, mmIdMapcountMax: limit - 1 };
  const kernel = withLog(v7_1(config));
  const folio = folioWith({ nrPages: pages });
  const list = new OwnerList(is64Bit ? Number.POSITIVE_INFINITY : limit);
  const mappings = [0, 0, 0, 0, 0];
  const seen = new Set<string>();
  for (const [mm, amount, removes] of operations) {
    const mapped = mappings[mm] as number;
    const room = Math.min(pages, removes ? mapped : most - mapped);
    if (room === 0) {
      continue;
    }
    const count = 1 + (amount % room);
    const wasSeated = list.seated.has(mm + 1);
    const operation = removes ? "folioSubReturnLargeMapcount" : "folioAddReturnLargeMapcount";
    const result = kernel[operation](folio, count, { idNumber: mm + 1, hasId: true, hasPinned: false });
    list[removes ? "remove" : "add"](mm + 1, count);
    mappings[mm] = mapped + (removes ? -count : count);
    seen.add(`${operation}, ${wasSeated} to ${list.seated.has(mm + 1)}, ${list.marked}`);
    const seats = [0, 1].map((seat) => {
      const sitting = [...list.seated].find(([, each]) => each.seat === seat);
      return sitting === undefined ? "0: -1" : `${sitting[0]}: ${sitting[1].count - 1}`;
    });
    const slots = folio.slots.map(({ mmId, mapcount }) => `${mmId}: ${mapcount}`);
    const verdict = kernel.folioMaybeMappedShared(folio);
    // One comparison for each operation: there are many.
    expect([result, folio.largeMapcount, folio.mmIdsShared, verdict, kernel.warnings.first, ...slots].join()).toBe(
      [list.total, list.total - 1, list.marked, list.looksShared, 0, ...seats].join(),
    );
    // The claim of the series.
    if (!verdict && mappings.filter((each) => each > 0).length > 1) {
      throw new Error("two MMs map a folio that is reported as mapped exclusively");
    }
  }
  return seen;
}

describe("The tracking functions and a second implementation agree on every sequence of operations", () => {
  it.each([{ is64Bit: true }, { is64Bit: false }])(
    "The tracking functions and a second implementation agree on every sequence of operations: 64-bit: $is64Bit",
    ({ is64Bit }) => {
      const seen = new Set<string>();
      fc.assert(
        fc.property(cases, (each) => {
          for (const what of compare(each, is64Bit)) {
            seen.add(what);
          }
        }),
        { numRuns: 300 },
      );
      // Every kind of step that there is came up: tracked before and after, and the shared bit.
      expect([...seen].filter((what) => what.startsWith("folioAdd")).length).toBe(is64Bit ? 5 : 6);
      expect([...seen].filter((what) => what.startsWith("folioSub")).length).toBe(6);
    },
  );
});
