import { describe, expect, test } from "vitest";
import { LIVE_SCOPES, liveModel, machineOf, sessionBounds } from "../../live/scopes.ts";
import { PackedWorld } from "../../live/packed-world.ts";
import { walkTour } from "../../live/tour-walk.ts";
import { DEFAULT_CONFIG } from "../../model/config.ts";
import { v6_15 } from "../../model/kernel/v6-15.ts";
import { SimulatedSession } from "./simulated-session.ts";

describe("a tour", () => {
  test.each(LIVE_SCOPES)("$name", async (scope) => {
    const definition = machineOf(scope);
    const bounds = { ...Object.fromEntries(definition.bounds.map(({ name }) => [name, 0])), ...scope.tour, anon: scope.tour["anon"] ?? 1 };
    const kernel = v6_15(DEFAULT_CONFIG);
    const machine = new PackedWorld(liveModel(scope, bounds, kernel, scope.tours));
    const session = new SimulatedSession(liveModel(scope, bounds, v6_15(DEFAULT_CONFIG)), sessionBounds(bounds));
    const result = await walkTour(session, machine, { stopped: () => undefined });
    console.log(scope.name, result);
    expect(result.differences).toEqual([]);
  });
});
