/** Raised by a search that lost a worker, after it has written a checkpoint. */
export class WorkerLost extends Error {
  override readonly name = "WorkerLost";
}
