/** A queue that cannot be had, or a race that this worker cannot run. */
export class QueueError extends Error {
  override readonly name = 'QueueError';
}
