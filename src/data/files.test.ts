import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { folderAt, packageFolder } from './files.ts';

test('a missing package says the command that installs it', () => {
  expect(() => packageFolder('thalweg-no-such-data')).toThrow(
    "the data package 'thalweg-no-such-data' is not installed; install it with: npm install thalweg-no-such-data",
  );
});

test('a folder is named by a path or a URL, with or without a slash at its end', () => {
  const here = pathToFileURL(`${process.cwd()}/`).href;
  expect(folderAt('some/data').href).toBe(`${here}some/data/`);
  expect(folderAt('/some/data/').href).toBe('file:///some/data/');
  expect(folderAt(new URL('file:///some/data')).href).toBe('file:///some/data/');
});
