/** Settings of the host that a session changes while it runs. */
import { readFileSync, writeFileSync } from "node:fs";
import type { SettingChange } from "./protocol.ts";
import { LiveError } from "./session.ts";

/** Settings that a session requires. */
export interface HostSettings {
  /**
   * A file or folder that is locked (flock(2)) while settings are changed, so that a session does not save the changed
   * values of another one as the host's own. The kernel releases the lock with its holders: nothing is left behind.
   */
  readonly lock: string;
  readonly required: readonly RequiredSetting[];
}

/** A setting and its permitted values. The first one is written if the current value is none of them. */
export interface RequiredSetting {
  readonly path: string;
  readonly oneOf: readonly [string, ...string[]];
}

/**
 * Returns the current value of a setting. If sysfs lists all choices, that is the one in brackets.
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

/** Returns the changes that are needed. */
export function changesFor(required: readonly RequiredSetting[]): SettingChange[] {
  return required.flatMap(({ path, oneOf }) => {
    const oldValue = readSetting(path);
    return oneOf.includes(oldValue) ? [] : [{ path, oldValue, value: oneOf[0] }];
  });
}

/**
 * Restores settings, in reverse order of the changes.
 *
 * @throws LiveError (`settings`), after an attempt for each, when one cannot be restored
 */
export function restoreSettings(changes: readonly SettingChange[]): void {
  const failures = changes.toReversed().flatMap(({ path, oldValue }) => {
    try {
      writeFileSync(path, oldValue);
      return [];
    } catch (error) {
      return [`${path} could not be restored to "${oldValue}": ${(error as Error).message}`];
    }
  });
  if (failures.length > 0) {
    throw new LiveError("settings", failures.join("; "));
  }
}
