import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EngineError } from './engine.ts';
import { Heap, type HeapBuffer } from './heap.ts';

describe('Heap', () => {
  it('gives each dtype its array, on a cache line of its own', () => {
    const heap = new Heap();
    const buffers = (['float32', 'float64', 'int32', 'uint8', 'bool'] as const).map((dtype) =>
      heap.allocate([3], dtype),
    );
    const types = buffers.map(({ data }) => data.constructor.name);
    expect(types).toEqual(['Float32Array', 'Float64Array', 'Int32Array', 'Uint8Array', 'Uint8Array']);
    for (const { offset, data } of buffers) {
      expect(offset).toBeGreaterThan(0);
      expect(offset % 64).toBe(0);
      expect(data.length).toBe(3);
    }
  });

  it('zeroes memory that it gives a second time', () => {
    const heap = new Heap();
    const first = heap.allocate([4], 'float32');
    first.data.fill(7);
    heap.release(first);
    const second = heap.allocate([2, 2], 'float32');
    expect(second.offset).toBe(first.offset);
    expect([...second.data]).toEqual([0, 0, 0, 0]);
  });

  it('joins neighbouring holes, whatever the order of release', () => {
    const heap = new Heap();
    const parts = Array.from({ length: 3 }, () => heap.allocate([16], 'float32'));
    const wall = heap.allocate([16], 'float32');
    for (const i of [1, 0, 2]) heap.release(parts[i]);
    expect(heap.allocate([48], 'float32').offset).toBe(parts[0].offset);
    expect(heap.allocate([16], 'float32').offset).toBeGreaterThan(wall.offset);
  });

  it('refuses what no memory can hold, and goes on', () => {
    const heap = new Heap();
    const first = heap.allocate([4], 'float32');
    const { bytesInUse } = heap;
    expect(() => heap.allocate([2 ** 30], 'float32')).toThrow('the heap is full');
    expect(heap.bytesInUse).toBe(bytesInUse);
    const second = heap.allocate([4], 'float32');
    second.data.set([1, 2, 3, 4]);
    expect([...first.data, ...second.data]).toEqual([0, 0, 0, 0, 1, 2, 3, 4]);
  });

  it('keeps numbers when the memory grows and moves', () => {
    const heap = new Heap();
    const buffer = heap.allocate([4], 'int32');
    buffer.data.set([1, 2, 3, 4]);
    const before = heap.generation;
    const stale = buffer.data;
    heap.allocate([1 << 20], 'float64');
    expect(heap.generation).not.toBe(before);
    expect(stale.length).toBe(0);
    expect([...buffer.data]).toEqual([1, 2, 3, 4]);
  });

  it('keeps numbers and older views when shared memory grows', () => {
    const heap = new Heap({ shared: true });
    const buffer = heap.allocate([4], 'int32');
    const older = buffer.data;
    const before = heap.generation;
    heap.allocate([1 << 20], 'float64');
    expect(heap.generation).not.toBe(before);
    expect(heap.generation).toBeInstanceOf(SharedArrayBuffer);
    buffer.data.set([1, 2, 3, 4]);
    expect([...older]).toEqual([1, 2, 3, 4]);
  });

  it('shares memory with its parts', () => {
    const heap = new Heap();
    const whole = heap.allocate([6], 'float64');
    const part = whole.part(2, [2, 2]);
    part.data.set([1, 2, 3, 4]);
    expect([...whole.data]).toEqual([0, 0, 1, 2, 3, 4]);
    expect(part.bytes).toBe(32);
  });

  it('holds scalars and empty tensors', () => {
    const heap = new Heap();
    expect(heap.allocate([], 'float32').data.length).toBe(1);
    expect(heap.allocate([2, 0], 'float32').data.length).toBe(0);
  });

  it('refuses what a 32-bit memory cannot hold', () => {
    expect(() => new Heap().allocate([2 ** 30, 2], 'float64')).toThrow(EngineError);
  });

  it('never hands out overlapping memory, and counts what it handed out', () => {
    const sizes = fc.array(fc.record({ size: fc.integer({ min: 0, max: 3000 }), drop: fc.nat() }), { maxLength: 60 });
    fc.assert(
      fc.property(sizes, (requests) => {
        const heap = new Heap();
        const live: HeapBuffer[] = [];
        for (const { size, drop } of requests) {
          if (drop % 3 === 0 && live.length > 0) heap.release(live.splice(drop % live.length, 1)[0]);
          live.push(heap.allocate([size], 'uint8'));
        }
        const spans = live
          .map(({ offset, bytes }) => [offset, offset + Math.max(1, bytes)])
          .sort((a, b) => a[0] - b[0]);
        for (let i = 1; i < spans.length; i++) expect(spans[i][0]).toBeGreaterThanOrEqual(spans[i - 1][1]);
        for (const buffer of live) heap.release(buffer);
        expect(heap.bytesInUse).toBe(0);
      }),
    );
  });
});
