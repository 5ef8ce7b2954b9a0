import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('../optim', import.meta.url));

export interface SourceFile {
  /** Within src/optim, with slashes: 'adaptive/adam.ts'. */
  readonly path: string;
  readonly text: string;
}

let files: readonly SourceFile[] | undefined;

const sources = (): readonly SourceFile[] => {
  files ??= readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => /[.](ts|js)$/.test(file) && !/[.](test|d)[.]ts$/.test(file))
    .map((file) => ({ path: file.replaceAll('\\', '/'), text: readFileSync(join(folder, file), 'utf8') }));
  return files;
};

const idLine = (id: string): RegExp => new RegExp(`^ {2,4}id: '${id}',`, 'm');

/** The file that defines a method, wrapper or schedule; null where none says so. */
export const sourceOf = (id: string): SourceFile | null => sources().find(({ text }) => idLine(id).test(text)) ?? null;

/**
 * The comment above the definition of a method, wrapper or schedule: what it is and its equations, as its file says it. Null where the
 * file has none.
 */
export function docstringOf(id: string): string | null {
  const text = sourceOf(id)?.text ?? '';
  const comment = /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*export const \w+ = define\w+\([^;]*$/.exec(
    text.slice(0, text.search(idLine(id))),
  );
  return comment && unwrap(comment[1]);
}

const unwrap = (comment: string): string =>
  comment
    .split('\n')
    .map((line) => line.replace(/^\s*\* ?/, '').trimEnd())
    .join('\n')
    .trim();
