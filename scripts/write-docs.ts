/**
 * Makes the documentation: writes the generated pages under docs/, then builds the site into docs/.vitepress/dist and checks its links.
 *
 *   npm run docs                 all of it
 *   npm run docs -- --pages      only the pages, which are committed (tests/docs.test.ts checks that they are current)
 *   npm run docs -- --base /x/   for a site that does not stand at the root of its host
 *   npx vitepress preview docs   serves what was built; `npx vitepress dev docs` while writing
 */
import { copyFile, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { build } from 'vitepress';
import { brokenLinks } from './docs/check-links.ts';
import { guidePages } from './docs/guide.ts';
import { sitePages } from './docs/site.ts';

const { values } = parseArgs({ options: { pages: { type: 'boolean' }, base: { type: 'string', default: '/' } } });
const root = join(import.meta.dirname, '..');
const docs = join(root, 'docs');

const pages = await sitePages();
for (const file of await readdir(join(docs, 'methods'))) {
  if (!pages.has(`methods/${file}`)) await rm(join(docs, 'methods', file));
}
const write = async (files: ReadonlyMap<string, string>): Promise<void> => {
  for (const [path, text] of files) {
    await mkdir(dirname(join(docs, path)), { recursive: true });
    await writeFile(join(docs, path), text);
  }
};
await write(pages);
await write(guidePages(root));
process.stdout.write(`wrote ${pages.size} files under ${docs}\n`);

if (!values.pages) {
  await build(docs, { base: values.base });
  const site = join(docs, '.vitepress', 'dist');
  // The reports of races are pages of their own, whole as they are.
  await mkdir(join(site, 'races'), { recursive: true });
  for (const file of await readdir(join(docs, 'races'))) {
    if (/\.(html|csv|json)$/.test(file)) await copyFile(join(docs, 'races', file), join(site, 'races', file));
  }
  const broken = await brokenLinks(site, values.base);
  if (broken.length > 0) {
    process.stderr.write(`${broken.join('\n')}\n${broken.length} broken links\n`);
    process.exitCode = 1;
  }
}
