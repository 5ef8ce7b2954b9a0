import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, posix } from 'node:path';

interface BuiltPage {
  readonly ids: ReadonlySet<string>;
  /** Everything that it refers to: pages, images, styles, scripts. */
  readonly links: readonly string[];
}

const decode = (text: string): string => text.replaceAll('&amp;', '&').replaceAll('&quot;', '"');

const read = async (file: string): Promise<BuiltPage> => {
  const html = await readFile(file, 'utf8');
  const found = (pattern: RegExp) => Array.from(html.matchAll(pattern), ([, value]) => decode(value));
  return { ids: new Set(found(/\sid="([^"]*)"/g)), links: found(/\s(?:href|src)="([^"]*)"/g) };
};

/** What is loaded from elsewhere when a page is opened: nothing may be. A link that a reader may follow is no such thing. */
const isLoaded = (html: string): string[] =>
  Array.from(html.matchAll(/<(?:link|script|img)\b[^>]*\s(?:href|src)="((?:https?:)?\/\/[^"]*)"/g), ([, url]) => url);

/** Links of a built site that lead nowhere (files and anchors), and what its pages would load from other hosts. */
export async function brokenLinks(dist: string, base = '/'): Promise<string[]> {
  const files = (await readdir(dist, { recursive: true })).map((file) => file.replaceAll('\\', '/'));
  const known = new Set(files);
  const pages = new Map<string, BuiltPage>();
  const broken: string[] = [];
  for (const file of files.filter((name) => name.endsWith('.html'))) {
    pages.set(file, await read(join(dist, file)));
    const loaded = isLoaded(await readFile(join(dist, file), 'utf8'));
    broken.push(...loaded.map((url) => `${file} loads ${url}`));
  }
  for (const [file, { links }] of pages) {
    for (const link of new Set(links)) {
      if (/^(https?:|mailto:|data:|\/\/)/.test(link)) continue;
      const [path, hash] = link.split(/[?#]/);
      const target = targetOf(path, file, base);
      const page = [target, `${target}.html`, posix.join(target, 'index.html')].find((name) => known.has(name));
      if (path !== '' && page === undefined) broken.push(`${file}: there is no ${link}`);
      else if (hash && page && !pages.get(page)?.ids.has(decodeURIComponent(hash))) {
        broken.push(`${file}: there is no #${hash} in ${page}`);
      }
    }
  }
  return broken;
}

/** The file under the site's folder that a link means. */
function targetOf(path: string, from: string, base: string): string {
  if (path === '') return from;
  if (path.startsWith(base)) return path.slice(base.length) || 'index.html';
  return posix.join(dirname(from), path);
}
