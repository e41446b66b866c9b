/** Messages between the page and its workers. */
import type { Exploration, Setting } from "../address/exploration.ts";
import type { Condition } from "../condition/condition.ts";
import type { PlaygroundCatalogue } from "./catalogue.ts";
import type { Executed } from "./executed.ts";

/** State or step that a search looks for. */
export type Wish =
  /** A violation of a claim, or a witness. */
  | { readonly kind: "claim"; readonly id: string }
  /** A state with given values of fields. */
  | { readonly kind: "condition"; readonly condition: Condition };

/** Formats of exports: a trace file, text for a mail, and a C program. */
export type ExportFormat = "json" | "text" | "c";

/** Request of the page. */
export type Request =
  | { readonly kind: "catalogue" }
  | { readonly kind: "execute"; readonly exploration: Exploration }
  /** Search from the state to which the steps lead: from the initial state if there are none. */
  | { readonly kind: "find"; readonly setting: Setting; readonly steps: readonly string[]; readonly wish: Wish }
  | { readonly kind: "export"; readonly exploration: Exploration; readonly format: ExportFormat }
  /** Text of a trace file, with its name for messages. */
  | { readonly kind: "open"; readonly name: string; readonly text: string };

/** Progress of a search. */
export interface SearchProgress {
  readonly states: number;
  readonly depth: number;
  /** States found and not expanded yet. */
  readonly frontier: number;
  readonly seconds: number;
}

/** Outcome of a search. */
export type Found =
  /** The path: the given steps, and then others. Of single accesses it need not be a shortest one. */
  | {
      readonly outcome: "found";
      readonly path: readonly string[];
      readonly isShortest: boolean;
      readonly states: number;
    }
  /** No state that can be reached within the bounds is as wished. */
  | { readonly outcome: "absent"; readonly states: number }
  /** The search ended before it had visited every state. */
  | { readonly outcome: "incomplete"; readonly states: number; readonly reason: string };

/** Exported text. */
export interface Exported {
  readonly fileName: string;
  readonly text: string;
  /** Restriction that a reader of the text should know. */
  readonly remark?: string;
}

/** Reply of a worker. Progress precedes the reply to a search. */
export type Reply =
  | { readonly kind: "catalogue"; readonly catalogue: PlaygroundCatalogue }
  | { readonly kind: "executed"; readonly executed: Executed }
  | { readonly kind: "progress"; readonly progress: SearchProgress }
  | { readonly kind: "found"; readonly found: Found }
  | { readonly kind: "exported"; readonly exported: Exported }
  | { readonly kind: "opened"; readonly exploration: Exploration }
  /** The request is invalid, for a reason in one line. */
  | { readonly kind: "refused"; readonly message: string }
  /** A mistake of the model, or of foliocheck. */
  | { readonly kind: "failed"; readonly message: string };

/** Request with its number, which the replies repeat. */
export type Numbered<M> = M & { readonly number: number };
