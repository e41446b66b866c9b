/** Access to the running kernel for tests, or the reason why there is none. */
import { CannotRunHere, type HostAccess, prepareHost } from "../../live/session/host-session.ts";
import type { SessionBounds } from "../../live/session/session.ts";

const BOUNDS: SessionBounds = { mms: 3, pages: 8, anon: 1, file: 1, holders: 1 };

function find(): ({ readonly kind: "able" } & HostAccess) | { readonly kind: "unable"; readonly reason: string } {
  try {
    return { kind: "able", ...prepareHost(BOUNDS) };
  } catch (error) {
    if (error instanceof CannotRunHere) {
      return { kind: "unable", reason: error.message.replaceAll("\n", " ") };
    }
    throw error;
  }
}

/** The access to the running kernel. */
export const access: ReturnType<typeof find> = find();

/** Returns a title that contains the reason if the tests below it are skipped. */
export function titleWithReason(title: string): string {
  return access.kind === "able" ? title : `${title}: skipped. ${access.reason}`;
}
