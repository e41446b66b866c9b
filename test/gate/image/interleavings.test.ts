/** The search of interleavings, on a scripted image whose operations add to one counter. */
import { describe, expect, test } from "vitest";
import { interleavings, type RaceOutcome } from "../../../gate/image/machine/interleavings.ts";
import type { CpuOutcome, CpuPhase, OperationCall, StopAt } from "../../../gate/image/module/cpus.ts";
import type { ImageInstance, SavedRace } from "../../../gate/image/module/image-instance.ts";
import type { ImageReport, WaitedFor } from "../../../gate/image/module/image-report.ts";

/** A part of an operation, between two yields. Waits are tested again each time the CPU runs. */
type Part =
  | { readonly does: (memory: Memory) => void }
  | { readonly waits: (memory: Memory) => boolean; readonly for: WaitedFor }
  /** A loop that tries again later. */
  | { readonly pauses: WaitedFor }
  /** Continues, by this number of parts. */
  | { readonly skips: (memory: Memory) => number }
  | { readonly fails: true };

/** Memory of the scripted image: a counter, a register of each CPU, and a lock. */
interface Memory {
  counter: number;
  registers: number[];
  owner: number;
}

const load = (cpu: number): Part => ({
  does: (memory) => {
    memory.registers[cpu] = memory.counter;
  },
});
const store = (cpu: number): Part => ({
  does: (memory) => {
    memory.counter = (memory.registers[cpu] as number) + 1;
    memory.registers[cpu] = 0;
  },
});
const lock = (cpu: number, name: WaitedFor = "spinlock"): Part[] => [
  { waits: ({ owner }) => owner !== -1, for: name },
  {
    does: (memory) => {
      memory.owner = cpu;
    },
  },
];
const idle: Part = { does: () => {} };
const adds: Part = {
  does: (memory) => {
    memory.counter += 10;
  },
};
const unlock: Part = {
  does: (memory) => {
    memory.owner = -1;
  },
};

/** Names in the memory: states with the same form differ in names only. */
interface Forms {
  readonly inSteps: boolean;
  readonly canonical: (counter: number) => number;
}

const NO_NAMES: Forms = { inSteps: true, canonical: (counter) => counter };

/** A counter that is no valid state. */
const LEAK = 99;

/** An image in which each CPU executes parts. */
class ScriptedImage {
  /** Canonical forms of the counter. */
  readonly #forms: Forms;
  readonly #scripts: readonly (readonly Part[])[];
  #memory: Memory = { counter: 0, registers: [0, 0], owner: -1 };
  #positions: number[] = [];
  #phases: CpuPhase[] = [];

  constructor(forms: Forms, scripts: readonly (readonly Part[])[]) {
    this.#forms = forms;
    this.#scripts = scripts;
  }

  load(): void {}

  get canonicalizesInSteps(): boolean {
    return this.#forms.inSteps;
  }

  canonical(state: number): number {
    return this.#forms.canonical(state);
  }

  startCpus(calls: readonly OperationCall[]): void {
    this.#memory = { counter: 0, registers: [0, 0], owner: -1 };
    this.#positions = calls.map(() => 0);
    this.#phases = calls.map(() => ({ kind: "ready" }));
  }

  runCpu(cpu: number, { kinds, number }: StopAt): CpuOutcome | { kind: "fault"; reports: readonly ImageReport[] } {
    const script = this.#scripts[cpu] as readonly Part[];
    let yields = 0;
    const stop = (phase: CpuPhase): CpuPhase => {
      this.#phases[cpu] = phase;
      return phase;
    };
    while ((this.#positions[cpu] as number) < script.length) {
      const part = script[this.#positions[cpu] as number] as Part;
      if ("fails" in part) {
        return { kind: "fault", reports: [{ kind: "harness", report: "bad-page" }] };
      }
      if ("waits" in part && part.waits(this.#memory)) {
        return stop({ kind: "waiting", for: part.for });
      }
      if ("does" in part) {
        part.does(this.#memory);
      }
      (this.#positions[cpu] as number) += "skips" in part ? part.skips(this.#memory) : 1;
      if ("pauses" in part) {
        return stop({ kind: "waiting", for: part.pauses });
      }
      if ("does" in part && kinds !== 0 && ++yields === number && (this.#positions[cpu] as number) < script.length) {
        return stop({ kind: "yielded" });
      }
    }
    return stop({ kind: "ended" });
  }

  get haveCpusEnded(): boolean {
    return this.#phases.every(({ kind }) => kind === "ended");
  }

  saveCpus(): SavedRace {
    const { counter, registers, owner } = this.#memory;
    const phases = [...this.#phases];
    const kinds = phases.map(({ kind }) => ["ready", "yielded", "waiting", "ended"].indexOf(kind));
    const words = Int32Array.of(...kinds, counter, ...registers, owner, ...this.#positions);
    return { cpus: { phases, current: 0, words }, reports: [] };
  }

  restoreCpus({ cpus: { phases, words } }: SavedRace): void {
    const [counter = 0, first = 0, second = 0, owner = 0, ...positions] = words.subarray(phases.length);
    this.#memory = { counter, registers: [first, second], owner };
    this.#positions = positions;
    this.#phases = [...phases];
  }

  finishCpus(): ReturnType<ImageInstance["finishCpus"]> {
    return this.#memory.counter === LEAK
      ? { kind: "fault", reports: [{ kind: "harness", report: "page-leaked" }] }
      : { kind: "done", state: this.#memory.counter, reports: [] };
  }

  abandonCpus(): void {}
}

function raced(preemptions: number, ...scripts: readonly (readonly Part[])[]): ReturnType<typeof interleavings> {
  return racedWith(NO_NAMES, preemptions, ...scripts);
}

function racedWith(
  forms: Forms,
  preemptions: number,
  ...scripts: readonly (readonly Part[])[]
): ReturnType<typeof interleavings> {
  const image = new ScriptedImage(forms, scripts) as unknown as ImageInstance;
  const calls = scripts.map(() => ({ operation: "scripted", parameters: [] }));
  return interleavings(image, 0, calls, { kinds: 1, preemptions });
}

const shown = ({ outcomes }: ReturnType<typeof interleavings>): string[] =>
  outcomes.map(({ kind, memory, reports, turns, preemptions }) => {
    const result =
      kind === "done" ? String(memory) : reports.map((each) => ("report" in each ? each.report : "")).join();
    const schedule = turns.map(({ cpu, stopAt }) => (stopAt === undefined ? `${cpu}` : `${cpu}@${stopAt.number}`));
    return `${result} by ${schedule.join(" ")}, ${preemptions} preempted`;
  });

const increments = (cpu: number): Part[] => [load(cpu), store(cpu)];

describe("The search of interleavings", () => {
  test("without a preemption, operations run one after the other in either order", () => {
    expect(shown(raced(0, increments(0), increments(1)))).toEqual(["2 by 0 1, 0 preempted"]);
  });

  test("one preemption shows a lost update, and the schedule says at which yield", () => {
    expect(shown(raced(1, increments(0), increments(1)))).toEqual([
      "2 by 0 1, 0 preempted",
      "1 by 0@1 1 0, 1 preempted",
    ]);
    expect(shown(raced(1, [idle, idle, ...increments(0)], [adds]))).toContain("1 by 0@3 1 0, 1 preempted");
  });

  test("points with equal memory are distinct if another CPU may continue without a preemption", () => {
    const reads: Part = {
      does: (memory) => {
        memory.registers[0] = memory.owner === 5 ? memory.counter : 100;
      },
    };
    const marks: Part = {
      does: (memory) => {
        memory.owner = 5;
      },
    };
    // The counter is 1 if CPU 1 marks, CPU 0 reads, CPU 1 adds, and CPU 0 stores, in this order.
    expect(shown(raced(2, [idle, reads, store(0)], [marks, adds]))).toContain("1 by 1@1 0@2 1 0, 2 preempted");
  });

  test("each outcome is found with the fewest preemptions that it takes", () => {
    const twice = (cpu: number): Part[] => [...increments(cpu), ...increments(cpu)];
    const least = (preemptions: number): number =>
      Math.min(...raced(preemptions, twice(0), twice(1)).outcomes.map(({ memory }) => memory));
    expect([least(0), least(1), least(2), least(3)]).toEqual([4, 2, 2, 2]);
    const fewest = (memory: number): RaceOutcome | undefined =>
      raced(Number.POSITIVE_INFINITY, twice(0), twice(1)).outcomes.find((each) => each.memory === memory);
    expect([4, 3, 2].map((memory) => fewest(memory)?.preemptions)).toEqual([0, 2, 1]);
  });

  test("an operation that waits for a lock continues when it is released, without a preemption", () => {
    const locked = (cpu: number): Part[] => [...lock(cpu), ...increments(cpu), unlock];
    const { outcomes, waitsForever } = raced(Number.POSITIVE_INFINITY, locked(0), locked(1));
    expect(outcomes.map(({ kind, memory }) => [kind, memory])).toEqual([["done", 2]]);
    expect(waitsForever).toBe(false);
  });

  test("two operations that wait for locks of each other are a deadlock, with its schedule", () => {
    const holds = (memory: Memory, cpu: number): boolean => memory.registers[cpu] === 1;
    const take = (cpu: number, of: number): Part[] => [
      {
        does: (memory) => {
          memory.registers[of] = 1;
        },
      },
      { waits: (memory) => holds(memory, 1 - of), for: "mutex" },
      {
        does: (memory) => {
          memory.registers[of] = 0;
          memory.counter += cpu;
        },
      },
    ];
    expect(shown(raced(0, take(0, 0), take(1, 1)))).toEqual(["1 by 0 1, 0 preempted"]);
    expect(shown(raced(1, take(0, 0), take(1, 1)))).toEqual([
      "1 by 0 1, 0 preempted",
      "deadlock by 0@1 1 0, 1 preempted",
    ]);
  });

  test("an operation that waits for an event which the other one does not bring about is no deadlock", () => {
    const sleeps: Part[] = [{ waits: () => true, for: "sleep" }];
    const { outcomes, waitsForever } = raced(2, sleeps, increments(1));
    expect(outcomes).toEqual([]);
    expect(waitsForever).toBe(true);
  });

  test("a fault ends the schedule that leads to it, and no other", () => {
    const fails: Part[] = [load(1), { waits: ({ counter }) => counter !== 0, for: "spin" }, { fails: true }];
    expect(shown(raced(1, increments(0), fails))).toEqual(["bad-page by 1, 0 preempted"]);
    expect(shown(raced(1, [...increments(0), unlock], [...lock(1), { fails: true }]))[0]).toBe(
      "bad-page by 1, 0 preempted",
    );
  });

  test("outcomes that differ in names only are one, by the first schedule", () => {
    const forms: Forms = { inSteps: false, canonical: (counter) => Math.min(counter, 1) };
    expect(shown(racedWith(forms, 1, increments(0), increments(1)))).toEqual(["2 by 0 1, 0 preempted"]);
  });

  test("a fault of the state after both operations is an outcome, with its schedule", () => {
    const leaks: Part = {
      does: (memory) => {
        memory.counter = memory.counter === 1 ? LEAK : 1;
      },
    };
    expect(shown(raced(0, [leaks], [leaks]))).toEqual(["page-leaked by 0 1, 0 preempted"]);
  });

  test("a point that two schedules lead to is expanded once", () => {
    const idles = Array.from({ length: 6 }, () => idle);
    // Seven positions of each, the CPU that may continue, and the ends.
    const { points } = raced(Number.POSITIVE_INFINITY, idles, idles);
    expect(points).toBeLessThan(2 * 7 * 7);
    expect(points).toBeGreaterThan(6 * 6);
  });

  describe("with operations that try again", () => {
    const take = (cpu: number, is = 1): Part => ({
      does: (memory) => {
        memory.registers[cpu] = is;
      },
    });
    /** Takes a lock of its own, and tries to take that of the other one; if that fails, releases its own and pauses. */
    const retries = (cpu: number, pauses: readonly Part[] = []): Part[] => {
      const again = 3 + pauses.length;
      return [
        take(cpu),
        { skips: ({ registers }) => (registers[1 - cpu] === 0 ? again : 1) },
        take(cpu, 0),
        ...pauses,
        { skips: () => -again },
        adds,
        take(cpu, 0),
      ];
    };
    const UNLIMITED = Number.POSITIVE_INFINITY;

    test("two that make each other try again are a livelock with any number of preemptions, and its schedule has a round", () => {
      const all = raced(UNLIMITED, retries(0), retries(1));
      expect(shown(all)).toContain("20 by 0 1, 0 preempted");
      expect(shown(all).filter((each) => each.startsWith("livelock"))).toEqual([
        "livelock by 0@1 1@3 0@2 1@2, 1 preempted",
      ]);
      expect(all.waitsForever).toBe(false);
    });

    test("one that only a scheduler hinders is none: it does not run while it can", () => {
      const spins: Part[] = [{ skips: ({ counter }) => (counter === 0 ? 1 : 3) }, idle, { skips: () => -2 }, adds];
      const { outcomes, waitsForever } = raced(UNLIMITED, spins, [idle, adds]);
      expect(outcomes.map(({ kind }) => kind)).toEqual(["done"]);
      expect(waitsForever).toBe(false);
    });

    test("two that pause with their locks are a livelock with one preemption", () => {
      const holds = (cpu: number): Part[] => [
        take(cpu),
        { skips: ({ registers }) => (registers[1 - cpu] === 0 ? 3 : 1) },
        { pauses: "spin" },
        { skips: () => -2 },
        adds,
        take(cpu, 0),
      ];
      expect(shown(raced(0, holds(0), holds(1)))).toEqual(["20 by 0 1, 0 preempted"]);
      expect(shown(raced(1, holds(0), holds(1)))).toContain("livelock by 0@1 1 0, 1 preempted");
    });

    test("with a number of preemptions, two that release their locks before they pause end", () => {
      const { outcomes } = raced(2, retries(0, [{ pauses: "retry" }]), retries(1, [{ pauses: "retry" }]));
      expect(new Set(outcomes.map(({ kind }) => kind))).toEqual(new Set(["done"]));
    });

    test("one that would wait forever alone, too, is no livelock", () => {
      const waits: Part[] = [adds, { pauses: "retry" }, { skips: () => -1 }];
      const { outcomes, waitsForever } = raced(1, waits, waits);
      expect(outcomes).toEqual([]);
      expect(waitsForever).toBe(true);
    });
  });
});
