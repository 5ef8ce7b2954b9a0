import { mkdir, mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import katex from 'katex';
import { beforeAll, describe, expect, it } from 'vitest';
import { brokenLinks } from '../scripts/docs/check-links.ts';
import { docstring, prose, sentence } from '../scripts/docs/markdown.ts';
import { sitePages } from '../scripts/docs/site.ts';
import * as abouts from '../src/optim/about/index.ts';

const docs = join(import.meta.dirname, '..', 'docs');

describe('the pages under docs/ are what `npm run docs -- --pages` writes', () => {
  let pages: Map<string, string>;
  beforeAll(async () => {
    pages = await sitePages();
  });

  it('none is missing or old', async () => {
    const stale: string[] = [];
    for (const [path, text] of pages) {
      const written = await readFile(join(docs, path), 'utf8').catch(() => null);
      if (written !== text) stale.push(path);
    }
    expect(stale).toEqual([]);
  });

  it('none is left over', async () => {
    const files = (await readdir(join(docs, 'methods'))).map((file) => `methods/${file}`);
    expect(files.filter((file) => !pages.has(file))).toEqual([]);
  });
});

it.each(Object.entries(abouts))('the equations of %s are LaTeX that KaTeX sets', (_, { equations }) => {
  for (const equation of equations) {
    katex.renderToString(equation, { displayMode: true, throwOnError: true, strict: 'error' });
  }
});

describe('text of the sources as Markdown', () => {
  it('shows what it says: nothing is markup but code', () => {
    expect(prose('w_t * [0, 1) <- `m_t` {{x}}')).toBe('w\\_t \\* \\[0, 1) \\<- `m_t` { {x}}');
    expect(prose('- 1')).toBe('\\- 1');
  });

  it('begins with a capital unless it begins with a symbol', () => {
    expect(sentence('a moving average')).toBe('A moving average.');
    expect(['lr is bounded', 'e = rho g', 'beta2, as in the paper', 'x?'].map(sentence)).toEqual([
      'lr is bounded.',
      'e = rho g.',
      'beta2, as in the paper.',
      'x?',
    ]);
  });

  it('keeps the equations of a docstring as they are set, and joins its lines of prose', () => {
    const text = 'Adam.\n\n  m <- b m\n    more\n\nwith m_0\nzero.';
    expect(docstring(text)).toBe('Adam.\n\n```text\nm <- b m\n  more\n```\n\nwith m\\_0 zero.');
  });
});

it('a link of the site that leads nowhere is found, and what would be loaded from another host', async () => {
  const dist = await mkdtemp(join(tmpdir(), 'thalweg-docs-'));
  await mkdir(join(dist, 'methods'));
  await writeFile(
    join(dist, 'index.html'),
    `<a href="/x/methods/adam.html#use">fine</a> <a href="./methods/adam">fine</a> <a href="#here" id="here">fine</a>
     <a href="https://example.org/">fine</a> <a href="/x/methods/adam.html#usee">no such anchor</a>
     <a href="methods/adamm.html">no such page</a> <script src="https://example.org/x.js"></script>`,
  );
  await writeFile(
    join(dist, 'methods', 'adam.html'),
    '<h2 id="use">Use</h2> <a href="../index.html#there">nowhere</a>',
  );
  expect((await brokenLinks(dist, '/x/')).sort()).toEqual([
    'index.html loads https://example.org/x.js',
    'index.html: there is no #usee in methods/adam.html',
    'index.html: there is no methods/adamm.html',
    'methods/adam.html: there is no #there in index.html',
  ]);
});
