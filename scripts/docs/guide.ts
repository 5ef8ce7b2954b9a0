import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Pages that stand at the root of the repository, by their name in the site's folder guide/. */
const guides: Readonly<Record<string, string>> = {
  'README.md': 'readme.md',
  'ARCHITECTURE.md': 'architecture.md',
  'CONTRIBUTING.md': 'contributing.md',
};

/** Links of a page at the root, as they are from guide/: files that are no page of the site become plain text. */
function relink(text: string, root: string, from: string): string {
  return text.replaceAll(/(!?)\[([^\]]*)\]\((?!https?:|#)([^)#]+)(#[^)]*)?\)/g, (_, image, label, path, hash = '') => {
    if (!existsSync(join(root, path))) throw new Error(`${from} links to ${path}, which does not exist`);
    const page = guides[path] ?? (path.startsWith('docs/') ? `../${path.slice('docs/'.length)}` : null);
    return page ? `${image}[${label}](${page}${hash})` : label;
  });
}

/** Copies for the site of what the repository says at its root, by path under docs/. They are not committed. */
export const guidePages = (root: string): Map<string, string> =>
  new Map(
    Object.entries(guides).map(([file, page]) => [
      `guide/${page}`,
      relink(readFileSync(join(root, file), 'utf8'), root, file),
    ]),
  );
