/** Whether tests can drive the kernel that runs here, and if not, why not. */
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

/** What it takes to drive the kernel. */
export const access: ReturnType<typeof find> = find();

/** A title that says why the tests below it are skipped, if they are. */
export function titleWithReason(title: string): string {
  return access.kind === "able" ? title : `${title}: skipped. ${access.reason}`;
}
