import { describe, expect, test } from 'vitest';
import { hasMadd } from './features.ts';
import { loadLinearAlgebra, roundUpToTile } from './linear-algebra.ts';

const entry = (i: number): number => ((i * 7919) % 1009) / 1009 - 0.5;

describe.each([...new Set([hasMadd, false])])('fused multiply-add %s', (madd) => {
  test.each([
    [1, 1, 1],
    [4, 8, 3],
    [7, 5, 9],
    [130, 20, 260],
    [10, 520, 30],
  ])('multiplyAdd of [%d, %d] by depth %d, either side transposed or not', async (m, n, k) => {
    const algebra = await loadLinearAlgebra(madd);
    const [rows, columns, depth] = [m, n, k].map(roundUpToTile);
    for (const [left, right] of [
      [false, false],
      [true, false],
      [false, true],
      [true, true],
    ]) {
      const [, a, b, c] = algebra.workspace(0, rows * depth, depth * columns, rows * columns);
      const at = (i: number, j: number, row: number, column: number, turned: boolean): number =>
        turned ? j * row + i : i * column + j;
      for (let i = 0; i < m; i++) for (let l = 0; l < k; l++) a[at(i, l, rows, depth, left)] = entry(i * k + l);
      for (let l = 0; l < k; l++) for (let j = 0; j < n; j++) b[at(l, j, depth, columns, right)] = entry(l * n + j + 5);
      c.fill(2);
      algebra.multiplyAdd(
        { at: c.byteOffset, row: columns },
        { at: a.byteOffset, row: left ? rows : depth, transposed: left },
        { at: b.byteOffset, row: right ? depth : columns, transposed: right },
        m,
        n,
        k,
      );
      let worst = 0;
      for (let i = 0; i < m; i++) {
        for (let j = 0; j < n; j++) {
          let sum = 2;
          for (let l = 0; l < k; l++) sum += entry(i * k + l) * entry(l * n + j + 5);
          worst = Math.max(worst, Math.abs(sum - c[i * columns + j]));
        }
      }
      expect(worst).toBeLessThan(1e-13);
    }
  });

  test('a workspace is zeros but for its scratch, whatever was there, and is replaced by a small one when it was large', async () => {
    const algebra = await loadLinearAlgebra(madd);
    const [large] = algebra.workspace(1 << 24);
    large.fill(1);
    algebra.release();
    expect(large.buffer.byteLength).toBeGreaterThan(1 << 27);
    const [, small, other] = algebra.workspace(8, 1000, 9);
    expect(small.buffer.byteLength).toBeLessThan(1 << 23);
    expect([...small, ...other].every((value) => value === 0)).toBe(true);
    small.fill(1);
    expect(algebra.workspace(8, 1009)[1].every((value) => value === 0)).toBe(true);
  });
});
