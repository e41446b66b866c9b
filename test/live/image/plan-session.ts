/** A session with a simulated kernel that behaves as a plan expects, or with injected faults. */
import type { ExpectedPage } from "../../../live/compare/expectation.ts";
import type { ImagePlan, PlannedOperation } from "../../../live/image/image-plan.ts";
import { type EntryObservation, type Failure, type Observation, PageFlag } from "../../../live/session/observation.ts";
import type { Operation } from "../../../live/session/operation.ts";
import type { LiveSession } from "../../../live/session/session.ts";

/**
 * Changes an answer.
 *
 * @param index of the operation
 * @param attempt number of the execution, from 0
 */
export type Change = (answer: Observation, index: number, attempt: number) => Observation | Failure;

const PAGE = 4096;
/** A multiple of the pages of any folio. */
const FRAMES_OF_FOLIO = 1024;

/** Returns the session. */
export function planSession({ session, operations, run }: ImagePlan, change: Change = (answer) => answer): LiveSession {
  let attempt = -1;
  return {
    bounds: session,
    reset: async () => {
      attempt += 1;
    },
    perform: async (requested: readonly Operation[]) => {
      const answers: (Observation | Failure)[] = [];
      const firstFrames = new Map<number, number>();
      for (const [i] of requested.entries()) {
        const planned = operations[i] as PlannedOperation;
        for (const [folio, { allocated, from }] of planned.folios.entries()) {
          if (allocated && !firstFrames.has(folio)) {
            const whole = from === undefined ? undefined : firstFrames.get(from.folio);
            firstFrames.set(folio, whole === undefined ? (folio + 1) * FRAMES_OF_FOLIO : whole + (from?.page ?? 0));
          }
        }
        const answer = change(observation(planned, firstFrames, run), i, attempt);
        answers.push(answer);
        if (answer.kind === "failure") {
          break;
        }
      }
      return answers;
    },
    close: async () => {},
  };
}

const NOTHING: EntryObservation = {
  present: false,
  swapped: false,
  pfn: 0,
  exclusive: false,
  mapcount: 0,
  flags: 0,
  content: null,
  alike: 0,
};

function observation(
  { expected }: PlannedOperation,
  firstFrames: ReadonlyMap<number, number>,
  run: number,
): Observation {
  const mms = (expected?.mms ?? []).map((vmas) => {
    if (vmas === null) {
      return null;
    }
    return {
      vmas: vmas.map((entries) => {
        const pages = entries.filter((entry): entry is ExpectedPage => typeof entry !== "string");
        const pss = run * pages.reduce((sum, { divisor }) => sum + Math.floor((PAGE * 4096) / divisor), 0);
        return {
          entries: entries.map((entry): EntryObservation => {
            if (typeof entry === "string") {
              const zeroPage = { ...NOTHING, present: true, pfn: 7, flags: PageFlag.zeroPage, content: 0 };
              return { ...(entry === "zero page" ? zeroPage : NOTHING), alike: run };
            }
            const { folio, page, mapcount, exclusive, flags, content } = entry;
            const pfn = (firstFrames.get(folio) ?? 0) + page;
            return { present: true, swapped: false, pfn, exclusive, mapcount, flags, content, alike: run };
          }),
          smaps: {
            rss: run * PAGE * pages.length,
            pss: Math.floor(pss / 4096 / 1024) * 1024,
            private: run * PAGE * pages.filter((page) => page.private).length,
            vmas: 1,
          },
        };
      }),
    };
  });
  return { kind: "observation", mms, holders: [] };
}
