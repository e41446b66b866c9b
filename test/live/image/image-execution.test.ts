import { describe, expect, test } from "vitest";
import { executeImageTrace, type ImageExecution } from "../../../live/image/image-execution.ts";
import { planImage } from "../../../live/image/image-plan.ts";
import type { EntryObservation, Observation } from "../../../live/session/observation.ts";
import { DEFAULT_CONFIG } from "../../../model/kernel/config.ts";
import { type Change, planSession } from "./plan-session.ts";
import { STORED_TRACES, storedTrace } from "./stored-traces.ts";

const PAGE = 4096;

function executed(name: (typeof STORED_TRACES)[number], change?: Change): Promise<ImageExecution> {
  const plan = planImage(storedTrace(name), DEFAULT_CONFIG);
  return executeImageTrace(planSession(plan, change), plan, PAGE);
}

/** Changes an entry of a process after an operation. */
function entry(index: number, mm: number, position: number, change: (seen: EntryObservation) => object): Change {
  return (answer, i) =>
    i !== index
      ? answer
      : {
          ...answer,
          mms: answer.mms.map((each, m) =>
            m !== mm || each === null
              ? each
              : {
                  vmas: each.vmas.map((vma) => ({
                    ...vma,
                    entries: vma.entries.map((original, e) =>
                      e === position ? { ...original, ...change(original) } : original,
                    ),
                  })),
                },
          ),
        };
}

const differing = ({ difference }: ImageExecution): string[] =>
  (difference?.fields ?? []).filter(({ holds }) => !holds).map(({ place, field }) => `${place}: ${field}`);

describe("a trace taken on a kernel", () => {
  test.each(STORED_TRACES)("a kernel that agrees with trace %s has no difference", async (name) => {
    expect(await executed(name)).toEqual({ difference: undefined, steps: storedTrace(name).steps.length, retries: 0 });
  });

  const huge = "copy-on-write-of-a-huge-page";
  test.each<[string, (typeof STORED_TRACES)[number], Change, number, string]>([
    ["counts otherwise", huge, entry(2, 1, 3, () => ({ mapcount: 1 })), 2, "mm 1 vma 0 entry 3: mapcount"],
    ["shares a page", huge, entry(3, 1, 4, () => ({ exclusive: false })), 3, "mm 1 vma 0 entry 4: exclusive"],
    [
      "maps an entry in part",
      huge,
      entry(2, 0, 0, () => ({ alike: 63 })),
      2,
      "mm 0 vma 0 entry 0: pages that are alike",
    ],
    ["zaps too little", huge, entry(4, 0, 0, () => ({ present: true })), 4, "mm 0 vma 0 entry 0: present"],
    ["copies wrongly", huge, entry(3, 1, 4, () => ({ content: 9 })), 3, "mm 1 vma 0 entry 4: content"],
    [
      "copies a page where it must reuse it",
      "copy-on-write-of-a-large-folio",
      entry(6, 0, 4, ({ pfn }) => ({ pfn: pfn + 64 })),
      6,
      "mm 0 vma 0 entry 4: page frame",
    ],
    [
      "reuses a page where it must copy it",
      "copy-on-write-of-a-large-folio",
      entry(3, 1, 4, () => ({ pfn: 1024 })),
      3,
      "folio 1: page frames are its own",
    ],
    [
      "has no zero page",
      "copy-on-write-of-a-large-folio",
      entry(4, 1, 0, () => ({ flags: 0x1000 })),
      4,
      "mm 1 vma 0 entry 0: flags",
    ],
    [
      "moves the pieces of a folio that is split",
      "split-of-a-huge-page",
      entry(3, 0, 34, ({ pfn }) => ({ pfn: pfn + 1 })),
      3,
      "mm 0 vma 0 entry 34: page frame",
    ],
  ])("a kernel that %s differs from the trace", async (_, name, change, steps, field) => {
    const execution = await executed(name, change);
    expect(execution.difference?.steps).toBe(steps);
    expect(differing(execution)).toContain(field);
    expect(execution.retries).toBe(1);
  });

  test("a trace is repeated after a difference, which is ignored if it does not recur", async () => {
    const noisy = entry(2, 1, 3, () => ({ mapcount: 1 }));
    const once: Change = (answer, i, attempt) => (attempt === 0 ? noisy(answer, i, attempt) : answer);
    expect(await executed(huge, once)).toEqual({ difference: undefined, steps: 2 + 8, retries: 1 });
  });

  test("an operation that fails ends the execution with an error", async () => {
    const message = "cannot split a folio, split_huge_pages of debugfs: Operation not permitted";
    const refuses: Change = (answer: Observation, i) => (i === 3 ? { kind: "failure", message } : answer);
    await expect(executed("split-of-a-huge-page", refuses)).rejects.toThrow(
      `step 3, split(mm: 0, page: 4, order: 0): ${message}`,
    );
  });
});
