import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readPinned } from './pinned.ts';

describe('pinned files', () => {
  const bytes = new TextEncoder().encode('the thalweg is the line of the lowest points');
  const pin = { bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
  let path: string;
  let folder: URL;
  beforeAll(async () => {
    path = await mkdtemp(join(tmpdir(), 'thalweg-pins-'));
    folder = pathToFileURL(`${path}/`);
    const flipped = bytes.slice();
    flipped[7] ^= 1;
    await Promise.all([
      writeFile(join(path, 'right'), bytes),
      writeFile(join(path, 'short'), bytes.subarray(1)),
      writeFile(join(path, 'flipped'), flipped),
    ]);
  });
  afterAll(() => rm(path, { recursive: true }));

  test('the right file is read', async () => {
    expect(new Uint8Array(await readPinned(folder, 'right', pin))).toEqual(bytes);
  });
  test('a cut file is refused with its name, its size and the expected size', async () => {
    await expect(readPinned(folder, 'short', pin)).rejects.toThrow(/short has 43 bytes; expected 44/);
  });
  test('one flipped bit is refused with both hashes', async () => {
    await expect(readPinned(folder, 'flipped', pin)).rejects.toThrow(
      new RegExp(`flipped has SHA-256 [0-9a-f]{64}; expected ${pin.sha256}`),
    );
  });
  test('a missing file is refused by name', async () => {
    await expect(readPinned(folder, 'absent', pin)).rejects.toThrow(/absent cannot be read \(ENOENT\)/);
  });
});
