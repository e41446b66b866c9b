/** Idle threads of a pool, which a search takes as workers. */
import { describe, expect, test } from "vitest";
import { IdleThreads } from "./built-search.ts";
import { machineOf, outcomeOf, workersOn } from "./parallel-search.ts";

const SUBJECT = { name: "toyNumbered", argument: 0 } as const;

describe("idle threads of a pool", () => {
  test("a search takes all idle threads, another one gets none until they are given back", () => {
    const pool = IdleThreads.ofPool(4);
    expect(pool.take()).toBe(0);
    pool.set(3);
    expect([pool.take(), pool.take()]).toEqual([3, 0]);
    pool.giveBack(3);
    expect(pool.take()).toBe(3);
  });

  test("a thread that ends its search later is idle besides those that are taken", () => {
    const pool = IdleThreads.ofPool(4);
    pool.set(1);
    expect(pool.take()).toBe(1);
    pool.set(2);
    expect(pool.take()).toBe(1);
  });

  test("threads that are taken and get a search of their own are not given out again", () => {
    const pool = IdleThreads.ofPool(2);
    pool.set(1);
    expect(pool.take()).toBe(1);
    pool.set(0);
    expect(pool.take()).toBe(0);
    pool.giveBack(1);
    expect(pool.take()).toBe(0);
  });

  test("a search with idle threads has the result of one without, and gives them back", () => {
    const pool = IdleThreads.ofPool(2);
    pool.set(1);
    const machine = machineOf(SUBJECT);
    const { workers } = workersOn(SUBJECT, pool);
    const teams: unknown[] = [];
    const watched = {
      ...workers,
      team: (...parts: Parameters<typeof workers.team>): ReturnType<typeof workers.team> => {
        const team = workers.team(...parts);
        const { chunkAt } = team;
        team.chunkAt = (next, levelEnd) => {
          const chunk = chunkAt.call(team, next, levelEnd);
          teams.push(chunk);
          return chunk;
        };
        return team;
      },
    };
    expect(outcomeOf(machine, { workers: watched })).toEqual(outcomeOf(machine, {}));
    expect(teams.filter((chunk) => chunk !== undefined).length, "chunks that the threads expanded").toBeGreaterThan(0);
    expect(pool.take()).toBe(1);
  });

  test("a search of a pool without idle threads expands all states itself", () => {
    const machine = machineOf(SUBJECT);
    expect(outcomeOf(machine, workersOn(SUBJECT, IdleThreads.ofPool(2)))).toEqual(outcomeOf(machine, {}));
  });
});
