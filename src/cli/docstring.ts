import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('../optim', import.meta.url));

/**
 * The comment above the definition of a method, wrapper or schedule: what it is and its equations, as its file says it. Null where the
 * file has none.
 */
export function docstringOf(id: string): string | null {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
    (file) => /[.](ts|js)$/.test(file) && !/[.](test|d)[.]ts$/.test(file),
  );
  for (const file of files) {
    const text = readFileSync(join(folder, file), 'utf8');
    const at = text.search(new RegExp(`^ {2,4}id: '${id}',`, 'm'));
    if (at < 0) continue;
    const comment = /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*export const \w+ = define\w+\([^;]*$/.exec(text.slice(0, at));
    if (comment) return unwrap(comment[1]);
  }
  return null;
}

const unwrap = (comment: string): string =>
  comment
    .split('\n')
    .map((line) => line.replace(/^\s*\* ?/, '').trimEnd())
    .join('\n')
    .trim();
