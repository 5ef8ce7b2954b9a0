import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { methodDocs } from '../scripts/method-docs.ts';

it('docs/methods.md is what `npm run docs` writes', async () => {
  const written = await readFile(join(import.meta.dirname, '..', 'docs', 'methods.md'), 'utf8');
  expect(written, 'run `npm run docs`').toBe(await methodDocs());
});
