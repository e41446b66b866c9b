import { describe, expect, it, vi } from "vitest";
import type { Machine } from "../../explore/model/machine.ts";
import { action, always, type Model } from "../../explore/model/model.ts";
import { int, type StructField, struct } from "../../explore/model/schema.ts";
import { compile } from "../../explore/search/compile.ts";
import { type SearchOptions, type SearchResult, search } from "../../explore/search/search.ts";
import * as fc from "../fast-check.ts";
import { accounts } from "../toys/accounts.ts";
import { faultyToys, soundToys, toy } from "../toys/all.ts";
import { counterGrid } from "../toys/counter-grid.ts";
import { conveyor } from "../toys/field-kinds.ts";
import { twoPhaseCommit } from "../toys/two-phase-commit.ts";
import { collected } from "./collected.ts";

const subject = "this test";

/** The part of a result that must not depend on interruptions. */
function outcomeOf({ seconds, resumedAt, ...rest }: SearchResult): unknown {
  return rest;
}

/** Runs a search until it stops. @returns its last checkpoint, if any */
function interrupted(machine: Machine, options: SearchOptions, resume?: Uint8Array): Uint8Array | undefined {
  let saved: Uint8Array | undefined;
  const save = (chunks: Iterable<Uint8Array>): void => {
    saved = collected(chunks);
  };
  search(machine, { ...options, checkpoint: { subject, save, ...(resume && { resume: [resume] }) } });
  return saved;
}

/** A function that returns true from the given call on. */
function fromCall(calls: number): () => boolean {
  let remaining = calls;
  return () => remaining-- <= 0;
}

function resumed(machine: Machine, resume: Iterable<Uint8Array>, options: SearchOptions = {}): SearchResult {
  return search(machine, { ...options, checkpoint: { subject, resume } });
}

describe.each([{ symmetry: false }, { symmetry: true }])("symmetry: $symmetry", ({ symmetry }) => {
  it.each([...soundToys, ...faultyToys])("an interrupted and resumed search of $name has the same result", (each) => {
    each.with((model) => {
      const whole = search(compile(model), { symmetry });
      const limits = fc.sample(fc.nat(whole.states), { numRuns: 4, seed: 7 });
      for (const budget of [
        ...[0, 1, ...limits].map((maxStates) => ({ maxStates })),
        ...[1, 2, whole.depth - 1].map((maxDepth) => ({ maxDepth })),
      ]) {
        const saved = interrupted(compile(model), { symmetry, budget });
        if (saved !== undefined) {
          const result = resumed(compile(model), [saved], { symmetry });
          expect(outcomeOf(result), JSON.stringify(budget)).toEqual(outcomeOf(whole));
        }
      }
    });
  });

  it.each(faultyToys)("an interrupted and resumed search for all violations of $name has the same result", (each) => {
    each.with((model) => {
      const options = { symmetry, allViolations: true };
      const whole = search(compile(model), options);
      for (const maxStates of [0, ...fc.sample(fc.nat(whole.states), { numRuns: 4, seed: 9 })]) {
        const saved = interrupted(compile(model), { ...options, budget: { maxStates } });
        if (saved !== undefined) {
          expect(outcomeOf(resumed(compile(model), [saved], options)), String(maxStates)).toEqual(outcomeOf(whole));
          // A search that ends at the first violation must refuse this checkpoint.
          expect(() => resumed(compile(model), [saved], { symmetry })).toThrow("differs in its allViolations");
        }
      }
    });
  });

  it.each([...faultyToys, toy(twoPhaseCommit(3)), toy(accounts(2))])(
    "a resumed search of $name observes its depth limit",
    (each) => {
      each.with((model) => {
        const { states, depth } = search(compile(model), { symmetry });
        for (const maxStates of fc.sample(fc.nat(states), { numRuns: 4, seed: 8 })) {
          const saved = interrupted(compile(model), { symmetry, budget: { maxStates } });
          for (const maxDepth of saved === undefined ? [] : [depth - 1, Math.ceil(depth / 2)]) {
            // A limit below the depth of the checkpoint ends the search at once.
            const limited = search(compile(model), { symmetry, budget: { maxDepth } });
            const result = resumed(compile(model), [saved as Uint8Array], { symmetry, budget: { maxDepth } });
            if (result.transitions !== result.resumedAt?.transitions) {
              expect(outcomeOf(result), JSON.stringify({ maxStates, maxDepth })).toEqual(outcomeOf(limited));
            }
          }
        }
      });
    },
  );

  it.each([
    ["several kinds of fields", compile(conveyor())],
    ["interchangeable elements", compile(accounts(2))],
  ])("a search of %s can be interrupted after every single state", (_, machine) => {
    const whole = search(machine, { symmetry });
    let saved = interrupted(machine, { symmetry, budget: { maxStates: 0 } });
    for (let sessions = 1; ; sessions++) {
      const next = interrupted(machine, { symmetry, budget: { maxStates: 0 } }, saved);
      if (next === undefined) {
        expect(sessions).toBeGreaterThan(whole.states / 2);
        break;
      }
      saved = next;
    }
    expect(outcomeOf(resumed(machine, [saved ?? new Uint8Array(0)], { symmetry }))).toEqual(outcomeOf(whole));
  });
});

describe("A checkpoint", () => {
  const machine = compile(counterGrid(3, 40));
  const whole = search(machine);

  it("checkpoints of several segments are saved at intervals, and each leads to the same result", () => {
    // 106 × 107 × 108 ÷ 6 states up to symmetry.
    const machine = compile(counterGrid(3, 105));
    const whole = search(machine);
    const all: Uint8Array[] = [];
    let calls = 0;
    const save = (chunks: Iterable<Uint8Array>): void => {
      if (calls++ % 60 === 0) {
        all.push(collected(chunks));
      }
    };
    expect(outcomeOf(search(machine, { checkpoint: { subject, save, everySeconds: 0 } }))).toEqual(outcomeOf(whole));
    // One poll for 1,024 states.
    expect(calls).toBe(Math.ceil(204_156 / 1024));
    expect(all.at(-1)?.length).toBeGreaterThan(2 * 65_536 * 8);
    for (const saved of all) {
      const result = resumed(machine, [saved]);
      expect(outcomeOf(result)).toEqual(outcomeOf(whole));
      expect(result.seconds).toBeGreaterThan(result.resumedAt?.seconds ?? Number.NaN);
    }
  });

  it("a checkpoint is saved when the interval has passed since the last one", () => {
    let [now, saves] = [0, 0];
    const clock = vi.spyOn(performance, "now").mockImplementation(() => now);
    const save = (): void => {
      saves += 1;
    };
    const onProgress = (): void => {
      now += 1000;
    };
    search(machine, { onProgress, checkpoint: { subject, save, everySeconds: 3 } });
    clock.mockRestore();
    expect(saves).toBe(Math.floor(Math.ceil(12_341 / 1024) / 3));
  });

  it("no checkpoint is saved before the interval has passed, nor at the end of the search", () => {
    const save = (): never => expect.fail("saved");
    expect(search(machine, { checkpoint: { subject, save, everySeconds: 3600 } }).outcome).toBe("exhausted");
    expect(search(machine, { checkpoint: { subject, save } }).outcome).toBe("exhausted");
  });

  it.each([
    { stopped: "interrupted", options: { interrupted: fromCall(5) } },
    { stopped: "timeout", options: { budget: { timeoutSeconds: 0 } } },
    { stopped: "max-memory", options: { budget: { maxMemoryBytes: 1 } } },
    { stopped: "max-states", options: { budget: { maxStates: 10_000 } } },
    { stopped: "max-depth", options: { budget: { maxDepth: 50 } } },
  ])("a checkpoint is saved when the search stops: $stopped", ({ options }) => {
    const saved = interrupted(machine, options);
    expect(outcomeOf(resumed(machine, [saved ?? new Uint8Array(0)]))).toEqual(outcomeOf(whole));
  });

  it("a time limit of a resumed search counts from the resumption", () => {
    let now = 0;
    const clock = vi.spyOn(performance, "now").mockImplementation(() => now);
    const onProgress = (): void => {
      now += 60_000;
    };
    const saved = interrupted(machine, { onProgress, interrupted: fromCall(5) }) ?? new Uint8Array(0);
    now = 7_000;
    const result = resumed(machine, [saved], { budget: { timeoutSeconds: 60 } });
    clock.mockRestore();
    expect(result).toMatchObject({ outcome: "exhausted", seconds: 360, resumedAt: { seconds: 360 } });
    expect(resumed(machine, [saved], { budget: { timeoutSeconds: 0 } })).toMatchObject({ stopped: "timeout" });
  });

  it("a checkpoint is read from chunks of any length", () => {
    const saved = interrupted(machine, { budget: { maxStates: 7_000 } }) ?? new Uint8Array(0);
    fc.assert(
      fc.property(fc.array(fc.nat(saved.length), { maxLength: 9 }), (cuts) => {
        const at = [0, ...cuts.sort((a, b) => a - b), saved.length];
        const chunks = at.slice(1).map((to, i) => saved.subarray(at[i], to));
        expect(resumed(machine, chunks, { budget: { maxStates: 0 } }).resumedAt?.states).toBeGreaterThan(7_000);
      }),
      { numRuns: 20 },
    );
  });

  it("a checkpoint is written in pieces of at most 65,536 states, which need little memory", () => {
    const machine = compile(counterGrid(3, 105));
    let [bytes, most] = [0, 0];
    const buffers = new Set<ArrayBufferLike>();
    const save = (chunks: Iterable<Uint8Array>): void => {
      for (const chunk of chunks) {
        bytes += chunk.byteLength;
        most = Math.max(most, chunk.byteLength);
        buffers.add(chunk.buffer);
      }
    };
    const { states } = search(machine, { checkpoint: { subject, save }, budget: { maxStates: 200_000 } });
    expect(bytes).toBeGreaterThan(4 * states * (machine.words + 1));
    expect(most).toBe(4 * 65_536 * machine.words);
    // Those of the states and of their parents; magic number, head and checksum.
    expect(buffers.size).toBe(5);
  });
});

interface Level {
  level: number;
}
const schema: StructField<Level> = struct({ level: int(0, 100) });

/** Climbs up to a level, by one step, or by `step` steps at once near the end. */
function climb(change: Partial<Model<Level, null>> = {}, step: number = 1): Model<Level, null> {
  return {
    name: "climb",
    schema,
    context: null,
    view: (state) => state,
    actions: [
      action("up", { by: [1, 2] }, (state: Level, _, { by }) => {
        const next = state.level + by * step;
        if (next > 50) {
          return false;
        }
        state.level = next;
        return true;
      }),
    ],
    properties: [always({ id: "low", claim: "Low", source: subject, holds: ({ level }) => level <= 100 })],
    ...change,
  };
}

function errorOf(act: () => unknown): unknown {
  try {
    act();
  } catch (error) {
    return error;
  }
  return undefined;
}

describe("A checkpoint is refused", () => {
  const saved = interrupted(compile(climb()), { budget: { maxStates: 20 } }) ?? new Uint8Array(0);
  const refusal = (machine: Machine, chunks: Iterable<Uint8Array>, options: SearchOptions = {}): string => {
    const error = errorOf(() => resumed(machine, chunks, options));
    expect(error).toMatchObject({ name: "MachineError", code: "bad-checkpoint" });
    return (error as Error).message;
  };

  it("a checkpoint is accepted by the same machine", () => {
    expect(resumed(compile(climb()), [saved]).states).toBe(51);
  });

  /** The first format, with a head length of −4 bytes. */
  const NEGATIVE_HEAD = "srch\u0001\0\0\0\u00fc\u00ff\u00ff\u00ff\0\0\0\0";
  const { actions, properties } = climb();
  const wide = struct({ level: int(0, 100), other: struct({ a: int(0, 65_535), b: int(0, 65_535) }) });
  it.each([
    { differs: "name", change: { name: "hike" } },
    { differs: "layout", change: { schema: struct({ level: int(0, 101) }) } },
    { differs: "words, layout", change: { schema: wide as StructField<Level> } },
    {
      differs: "actions",
      change: { actions: [...actions, action<Level, null, Record<string, never>>("stay", {}, () => true)] },
    },
    { differs: "actions", change: { actions: actions.map((each) => ({ ...each, choices: each.choices.slice(1) })) } },
    { differs: "actions", change: { actions: actions.map((each) => ({ ...each, name: "down" })) } },
    { differs: "properties", change: { properties: [] } },
    { differs: "properties", change: { properties: properties.map((each) => ({ ...each, id: "high" })) } },
  ])("a checkpoint is refused by a machine that differs in its $differs", ({ differs, change }) => {
    const message = refusal(compile(climb(change as Partial<Model<Level, null>>)), [saved]);
    expect(message).toMatch(new RegExp(`of machine climb \\(this test\\).* differs in its ${differs}$`));
  });

  it("a checkpoint is refused for another subject, and for another choice of symmetry", () => {
    const machine = compile(climb());
    expect(
      (errorOf(() => search(machine, { checkpoint: { subject: "v2", resume: [saved] } })) as Error).message,
    ).toContain("machine climb (v2) differs in its subject");
    const symmetric = compile(accounts(2));
    const without = interrupted(symmetric, { symmetry: false, budget: { maxStates: 5 } }) ?? new Uint8Array(0);
    expect(refusal(symmetric, [without], { symmetry: true })).toContain("differs in its symmetry");
  });

  it.each([
    { reason: "actions lead elsewhere", machine: compile(climb({}, 3)) },
    { reason: "an action fails", machine: compile(climb({}, 0.5)) },
    {
      reason: "the search starts elsewhere",
      machine: compile(climb({ initial: [(state: Level) => Object.assign(state, { level: 77 })] })),
    },
  ])("a checkpoint is refused by a machine with the same outline but another behaviour: $reason", ({ machine }) => {
    expect(refusal(machine, [saved])).toContain("does not do what it did when this checkpoint was taken");
  });

  it("a checkpoint with a single flipped bit is refused, and never misread", () => {
    const machine = compile(climb());
    for (let at = 0; at < saved.length; at++) {
      const damaged = saved.slice();
      damaged[at] = (damaged[at] as number) ^ (1 << (at % 8));
      refusal(machine, [damaged]);
    }
  });

  it("a checkpoint that is truncated or too long is refused", () => {
    const machine = compile(climb());
    for (let length = 0; length < saved.length; length++) {
      refusal(machine, [saved.subarray(0, length)]);
    }
    expect(refusal(machine, [saved, new Uint8Array(1)])).toContain("damaged or not complete");
  });

  it.each([
    "",
    "hello",
    '{"format":"something else","version":1}',
    "srch",
    "srch\u0003\0\0\0\0\0\0\0\0\0\0\0",
    "srch\u0002\0\0\0\0\0\0\0\0\0\0\0",
    NEGATIVE_HEAD,
  ])("data of another format is refused as a checkpoint: %j", (text) => {
    refusal(compile(climb()), [Buffer.from(text, "latin1")]);
  });

  it("the source of a refused checkpoint is closed", () => {
    let closed = 0;
    function* source(): Generator<Uint8Array> {
      try {
        yield Buffer.from("hello, this is something else");
        yield Buffer.from("and so on");
      } finally {
        closed += 1;
      }
    }
    refusal(compile(climb()), source());
    expect(closed).toBe(1);
  });
});
