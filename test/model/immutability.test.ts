import { describe, expect, it } from "vitest";
import { interpret } from "../../explore/model/interpreter.ts";
import { rmapSubject, startRmap } from "./session.ts";

function isDeeplyFrozen(value: unknown): boolean {
  return (
    typeof value !== "object" ||
    value === null ||
    (Object.isFrozen(value) && Object.values(value).every(isDeeplyFrozen))
  );
}

describe("States of the library", () => {
  const start = startRmap({ folios: 2, mms: 3, file: 1 });
  const faulted = start.act("anonFault", { mm: 0, first: 0, pages: 4 });

  it("States of the library are frozen through and through", () => {
    expect(isDeeplyFrozen(start.world)).toBe(true);
    expect(isDeeplyFrozen(faulted.world)).toBe(true);
    expect(() => Object.assign(faulted.folio(), { refcount: 9 })).toThrow(TypeError);
  });

  it("States of the library do not change when a step is taken from them", () => {
    const before = structuredClone(faulted.world);
    faulted.act("exit", { mm: 0 });
    faulted.act("fork", { parent: 0, child: 1 });
    expect(faulted.world).toEqual(before);
  });

  it("States of the library share what a step did not touch", () => {
    expect(faulted.world.folios[1]).toBe(start.world.folios[1]);
    expect(faulted.world.mms[1]).toBe(start.world.mms[1]);
    expect(faulted.world.mms[0]?.vmas[1]).toBe(start.world.mms[0]?.vmas[1]);
    expect(faulted.world.folios[0]).not.toBe(start.world.folios[0]);
    const created = faulted.act("newMm", { mm: 2 });
    expect(created.world.folios).toBe(faulted.world.folios);
    expect(created.world.stats).toBe(faulted.world.stats);
    expect(created.world.mms[2]?.vmas).toBe(faulted.world.mms[2]?.vmas);
  });
});

describe("A step of the library", () => {
  const interpreter = interpret(rmapSubject().model);
  const start = interpreter.initialStates[0] as (typeof interpreter.initialStates)[number];

  it("A step of the library throws an error that names the action if it is not enabled", () => {
    const fork = { action: "fork", parameters: { parent: 1, child: 0 } };
    expect(interpreter.attempt(start, fork)).toEqual({ enabled: false });
    expect(() => interpreter.step(start, fork)).toThrow(
      expect.objectContaining({ code: "bad-action", message: expect.stringContaining("fork(parent: 1, child: 0)") }),
    );
  });

  it("A step of the library throws for an action that the machine does not have, or not with these parameters", () => {
    const badAction = expect.objectContaining({ code: "bad-action" });
    expect(() => interpreter.step(start, { action: "mremap", parameters: {} })).toThrow(badAction);
    expect(() => interpreter.step(start, { action: "exit", parameters: { mm: 2 } })).toThrow(badAction);
    // Forking into itself and unaligned folios are not among the choices.
    expect(() => interpreter.step(start, { action: "fork", parameters: { parent: 0, child: 0 } })).toThrow(badAction);
    const unaligned = { mm: 0, first: 1, pages: 2 };
    expect(() => interpreter.step(start, { action: "anonFault", parameters: unaligned })).toThrow(badAction);
  });

  it("A step of the library is enabled exactly when it is listed", () => {
    expect(interpreter.enabledActions(start).map(({ action }) => action)).toEqual(
      ["newMm", "fork", "exit", ...Array(7).fill("anonFault")].sort(byModelOrder),
    );
  });
});

const ORDER = ["newMm", "fork", "unmap", "exit", "anonFault"];

function byModelOrder(a: string, b: string): number {
  return ORDER.indexOf(a) - ORDER.indexOf(b);
}
