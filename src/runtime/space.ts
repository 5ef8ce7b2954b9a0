/** Ranges of bytes taken from a stretch of memory and given back: the first hole that fits, else the end. */
export class Space {
  private readonly free: { offset: number; bytes: number }[] = [];
  private end = 0;

  /** Where what was ever taken ends. */
  get bytes(): number {
    return this.end;
  }

  take(bytes: number): number {
    const at = this.free.findIndex((hole) => hole.bytes >= bytes);
    if (at < 0) {
      this.end += bytes;
      return this.end - bytes;
    }
    const hole = this.free[at];
    const { offset } = hole;
    hole.offset += bytes;
    hole.bytes -= bytes;
    if (hole.bytes === 0) this.free.splice(at, 1);
    return offset;
  }

  give(offset: number, bytes: number): void {
    this.free.push({ offset, bytes });
    this.free.sort((a, b) => a.offset - b.offset);
    for (let i = this.free.length - 1; i > 0; i--) {
      const [before, after] = [this.free[i - 1], this.free[i]];
      if (before.offset + before.bytes !== after.offset) continue;
      before.bytes += after.bytes;
      this.free.splice(i, 1);
    }
  }
}
