/** The model checker in a worker. */
import type { Numbered, Reply, Request, SearchProgress } from "../protocol/messages.ts";

/** Reply that ends a request. */
export type FinalReply = Exclude<Reply, { readonly kind: "progress" }>;

interface Pending {
  readonly settle: (reply: FinalReply) => void;
  readonly onProgress: (progress: SearchProgress) => void;
}

/** A worker with the requests that it has not answered yet. */
export class Checker {
  private readonly worker = new Worker("worker.js");
  private readonly pending = new Map<number, Pending>();
  private last = 0;

  constructor() {
    this.worker.onmessage = ({ data }: MessageEvent<Numbered<Reply>>) => this.receive(data);
    this.worker.onerror = ({ message }) => this.settleAll(`the worker failed: ${message}`);
  }

  /** Sends a request, and waits for its reply. */
  request(request: Request, onProgress: (progress: SearchProgress) => void = () => {}): Promise<FinalReply> {
    this.last += 1;
    const number = this.last;
    return new Promise((settle) => {
      this.pending.set(number, { settle, onProgress });
      this.worker.postMessage({ ...request, number } satisfies Numbered<Request>);
    });
  }

  /** Ends the worker, also during a search. */
  end(): void {
    this.worker.terminate();
    this.settleAll("stopped");
  }

  private receive({ number, ...reply }: Numbered<Reply>): void {
    const pending = this.pending.get(number);
    if (reply.kind === "progress") {
      pending?.onProgress(reply.progress);
      return;
    }
    this.pending.delete(number);
    pending?.settle(reply as FinalReply);
  }

  private settleAll(message: string): void {
    for (const { settle } of this.pending.values()) {
      settle({ kind: "failed", message });
    }
    this.pending.clear();
  }
}
