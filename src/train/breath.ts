/** Milliseconds after which timers and signals have their turn. */
const interval = 50;

/** Gives timers and signals, which a loop of synchronous steps would keep waiting, their turn now and then. */
export class Breath {
  private last = performance.now();

  get due(): boolean {
    return performance.now() - this.last >= interval;
  }

  async take(): Promise<void> {
    await new Promise((resume) => setTimeout(resume));
    this.last = performance.now();
  }
}
