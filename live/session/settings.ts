/** Settings of the host that a session changes for as long as it lasts. */
import { readFileSync, writeFileSync } from "node:fs";
import type { SettingChange } from "./protocol.ts";
import { LiveError } from "./session.ts";

/** What a session wants the host to be set to. */
export interface HostSettings {
  /**
   * A file or folder that is locked (flock(2)) while settings differ from what they were, so that two sessions do not take
   * each other's for the host's own. Locks go with their holders: nothing is left behind.
   */
  readonly lock: string;
  readonly wanted: readonly WantedSetting[];
}

/** A setting and what it must say: one of the words, of which the first is written if it says something else. */
export interface WantedSetting {
  readonly path: string;
  readonly oneOf: readonly [string, ...string[]];
}

/**
 * What a setting says now. Where sysfs lists all choices, the one in brackets.
 *
 * @throws LiveError (`settings`) when it cannot be read
 */
export function readSetting(path: string): string {
  try {
    const text = readFileSync(path, "utf8").trim();
    return /\[([^\]]*)\]/.exec(text)?.[1] ?? text;
  } catch (error) {
    throw new LiveError("settings", `${path} cannot be read: ${(error as Error).message}`);
  }
}

/** The changes that it takes. */
export function changesFor(wanted: readonly WantedSetting[]): SettingChange[] {
  return wanted.flatMap(({ path, oneOf }) => {
    const old = readSetting(path);
    return oneOf.includes(old) ? [] : [{ path, old, wanted: oneOf[0] }];
  });
}

/**
 * Puts settings back, the last change first.
 *
 * @throws LiveError (`settings`), after all were tried, when one cannot be put back
 */
export function undo(changes: readonly SettingChange[]): void {
  const failures = changes.toReversed().flatMap(({ path, old }) => {
    try {
      writeFileSync(path, old);
      return [];
    } catch (error) {
      return [`${path} could not be put back to "${old}": ${(error as Error).message}`];
    }
  });
  if (failures.length > 0) {
    throw new LiveError("settings", failures.join("; "));
  }
}
