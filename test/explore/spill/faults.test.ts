/** Faults of the disk and of machines, in searches with states on disk. */
import { describe, expect, it } from "vitest";
import type { Machine } from "../../../explore/model/machine.ts";
import { action, type Model } from "../../../explore/model/model.ts";
import { int, struct } from "../../../explore/model/schema.ts";
import { compile } from "../../../explore/search/compile.ts";
import { type SearchOptions, type SearchResult, search } from "../../../explore/search/search.ts";
import { SpillFailed } from "../../../explore/visited/state-file.ts";
import { counterGrid } from "../../toys/counter-grid.ts";
import { collected } from "../collected.ts";
import { type MemoryFile, spilling } from "./memory-file.ts";

const subject = "faults";

const machine = compile(counterGrid(3, 30));

function outcomeOf({ seconds, tableBytes, resumedAt, ...rest }: SearchResult): unknown {
  return rest;
}

const whole = outcomeOf(search(machine));

/** Runs a search. @returns its result, and its last checkpoint */
function saving(options: SearchOptions): { readonly result: SearchResult; readonly saved: Uint8Array } {
  let saved: Uint8Array = new Uint8Array(0);
  const save = (chunks: Iterable<Uint8Array>): void => {
    saved = collected(chunks);
  };
  return { result: search(machine, { ...options, checkpoint: { subject, save } }), saved };
}

describe("A search whose states cannot be moved to disk", () => {
  it.each([0, 1, 17, 100])(
    "a search whose disk is full after %i segments is incomplete, and can be resumed",
    (full) => {
      const { result, saved } = saving(spilling(machine, [], { full }));
      expect(result).toMatchObject({ outcome: "incomplete", stopped: "max-memory", beyond: "the disk is full" });
      const checkpoint = { subject, resume: [saved] };
      expect(outcomeOf(search(machine, { checkpoint }))).toEqual(whole);
      expect(outcomeOf(search(machine, { ...spilling(machine), checkpoint }))).toEqual(whole);
    },
  );

  it("a search with a limit that not even its next states fit into is incomplete", () => {
    const { budget, spill } = spilling(machine);
    const { result } = saving({ budget: { maxMemoryBytes: budget.maxMemoryBytes / 4 }, spill });
    expect(result).toMatchObject({ outcome: "incomplete", stopped: "max-memory" });
    expect(result.beyond).toBeUndefined();
  });

  it("a limit without a place for states ends a search as before", () => {
    const { budget } = spilling(machine);
    expect(search(machine, { budget })).toMatchObject({ outcome: "incomplete", stopped: "max-memory" });
  });
});

describe("A search whose states cannot be read from disk", () => {
  it.each([0, 1, 100, 1000])(
    "a search that can read only %i pieces ends with an error, and closes its file",
    (unreadable) => {
      const files: MemoryFile[] = [];
      expect(() => search(machine, spilling(machine, files, { unreadable }))).toThrow(SpillFailed);
      expect(files.map(({ isClosed }) => isClosed)).toEqual([true]);
    },
  );
});

interface Place {
  readonly x: number;
  readonly y: number;
}

/** Two counters. Where `drifts` is true, a repeated step leads to a state that no first execution leads to. */
function drifting(drifts: (place: Place) => boolean): Machine {
  let isRepeated = false;
  const model: Model<{ x: number; y: number; lost: number }, null> = {
    name: "drift",
    schema: struct({ x: int(0, 60), y: int(0, 60), lost: int(0, 1) }),
    context: null,
    view: (state) => state,
    properties: [],
    actions: (["x", "y"] as const).map((name) =>
      action(name, {}, (state: { x: number; y: number; lost: number }) => {
        if (state[name] === 60) {
          return false;
        }
        state[name] += 1;
        state.lost = isRepeated && drifts(state) ? 1 : 0;
        return true;
      }),
    ),
    onRepetition: (how) => {
      isRepeated = how !== undefined;
    },
  };
  return compile(model as unknown as Model<unknown, null>);
}

describe("A machine that does not repeat its steps, with states on disk", () => {
  it.each([
    ["early", ({ x }: Place) => x > 12],
    ["late", ({ x, y }: Place) => x > 35 && y > 20],
  ])("a machine that drifts %s has the error of a search in memory", (_, drifts) => {
    const errorOf = (options: SearchOptions): unknown => {
      try {
        return search(drifting(drifts), options);
      } catch (error) {
        return { message: String(error), ...(error as object) };
      }
    };
    const inMemory = errorOf({});
    expect(inMemory).toMatchObject({
      code: "not-deterministic",
      message: expect.stringContaining("led to a state that the search has not visited"),
      place: { trace: { initial: 0 } },
    });
    expect(errorOf(spilling(drifting(drifts)))).toEqual(inMemory);
  });

  it("a checkpoint is refused by a machine that takes other steps than the one that wrote it", () => {
    let saved: Uint8Array = new Uint8Array(0);
    const save = (chunks: Iterable<Uint8Array>): void => {
      saved = collected(chunks);
    };
    const sound = drifting(() => false);
    search(sound, { ...spilling(sound), checkpoint: { subject, save }, interrupted: afterPolls(2) });
    const resume = (): unknown =>
      search(compile({ ...counterGrid(2, 60), name: "drift" } as never), {
        ...spilling(sound),
        checkpoint: { subject, resume: [saved] },
      });
    expect(resume).toThrow("differs in its");
    expect(outcomeOf(search(sound, { ...spilling(sound), checkpoint: { subject, resume: [saved] } }))).toEqual(
      outcomeOf(search(sound)),
    );
  });
});

/** Interrupts a search. */
function afterPolls(polls: number): () => boolean {
  let left = polls;
  return () => left-- <= 0;
}

it("a machine whose states refer to data in memory is refused", () => {
  const learning = { ...machine, stateBytes: (): number => 0 };
  expect(() => search(learning, spilling(machine))).toThrow(/^machine .*: its states refer to data/);
});
