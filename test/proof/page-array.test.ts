/** Loads from struct pages of which memory has the first few only, in a symbolic execution. */
import { beforeAll, describe, expect, test } from "vitest";
import { compileC } from "../../gate/compile/clang.ts";
import { configurationOf } from "../../gate/unit/configurations.ts";
import { type PageArray, SymbolicInstance } from "../../proof/symbolic/execute.ts";
import { type Assignment, evaluator, signed, type Term, variable } from "../../proof/symbolic/term.ts";
import { decodeModule } from "../../proof/symbolic/wasm-module.ts";

/** Pages of 16 bytes and of 12: a product in one case is a shift, in the other a multiplication. */
const SIZES = [16, 12];

const text = (size: number): string => `
struct page { int flags; int link; int others[${size / 4 - 2}]; };
static struct page pages[4];
__attribute__((export_name("address"))) int address(void) { return (int)(unsigned long)pages; }
__attribute__((export_name("fill"))) void fill(void) { pages[0].link = 5; pages[1].link = 7; pages[2].link = 7; pages[3].link = 7; pages[3].flags = 3; }
__attribute__((export_name("link"))) int link(int a, int b) { return pages[a + b - 1].link; }
__attribute__((export_name("flags"))) int flags(int a, int b) { return pages[a + b - 1].flags; }
__attribute__((export_name("store"))) void store(int a, int b) { pages[a].link = b; }
__attribute__((export_name("within"))) int within(int a, int b) { return ((int *)pages)[a + b]; }
`;

describe.each(["page-mapcount,64bit,mm-id", "page-mapcount,32bit,mm-id"])("An array of pages (%s)", (config) => {
  describe.each(SIZES)("of %i bytes", (size) => {
    let instance: SymbolicInstance;

    beforeAll(async () => {
      const bytes = await compileC({ text: text(size), configuration: configurationOf(config), instrumented: false });
      const module = decodeModule(bytes);
      const address = Number(new SymbolicInstance(module).call("address", [])?.value);
      const pages: PageArray = { address, size, present: 4, count: variable("n", 32), alike: new Set([4, 5, 6, 7]) };
      instance = new SymbolicInstance(module, pages);
      instance.call("fill", []);
    });

    /** A result at page `a + b - 1` of n pages, where memory that nothing has written is filled with a byte. */
    function valueAt(name: string, a: number, b: number, n: number): number {
      const result = instance.clone().call(name, [variable("a", 32), variable("b", 32)]) as Term;
      const values: Readonly<Record<string, number>> = { a, b, n };
      const assignment: Assignment = (symbol) => BigInt(values[symbol] ?? 0x55555555);
      return Number(signed(evaluator(assignment)(result), 32));
    }

    test("has in its first pages what memory has", () => {
      expect([1, 2, 3, 4].map((b) => valueAt("link", 0, b, 4))).toEqual([5, 7, 7, 7]);
      expect(valueAt("flags", 2, 2, 4)).toBe(3);
    });

    test("has in each further page the bytes in which tail pages are alike, and anything in others", () => {
      expect([valueAt("link", 4, 1, 8), valueAt("link", 100, 900, 1000)]).toEqual([7, 7]);
      expect(valueAt("flags", 4, 1, 8)).toBe(0x55555555);
    });

    test("has anything behind the last page, and before the first", () => {
      expect([valueAt("link", 8, 1, 8), valueAt("link", 0, 0, 8), valueAt("link", -3, 1, 8)]).toEqual(
        Array(3).fill(0x55555555),
      );
    });

    test.each(["store", "within"])("has no place for %s: the address is refused", (name) => {
      const call = (): unknown => instance.clone().call(name, [variable("a", 32), variable("b", 32)]);
      expect(call).toThrow("an address that depends on a value");
    });
  });
});
