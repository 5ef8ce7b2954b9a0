import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** Characters of a source line that are shown. */
const shownOfLine = 100;
/** Milliseconds for another process to come to the same error. */
const patience = 10_000;

/** A place in a source file. Lines and columns count from 1; of what spans several lines there is no column. */
interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number | null;
}

/**
 * Why a module could not be loaded, with file, line and column and the line itself as far as Node tells where it was:
 * "race.ts:6:3: Expected ',', got 'ident'; here: seeds: 2,".
 */
export async function explainModuleError(path: string, error: unknown): Promise<string> {
  if (!(error instanceof Error)) return `${path}: ${String(error)}`;
  const what = `${error.message}${adviceOn(error)}`;
  const stack = error.stack ?? '';
  const place = shownPlace(stack) ?? framePlace(stack) ?? (await parsedPlace(path, error));
  if (place === null) return `${path}: ${what}`;
  const { file, line, column } = place;
  const text = excerpt(lineOf(file, line), column ?? 1);
  // The fault may be in what the module imports.
  const where = [file, line, ...(column === null ? [] : [column])].join(':');
  return `${file === path ? '' : `${path}: `}${where}: ${what}${text === '' ? '' : `; here: ${text}`}`;
}

/** Of a long line, what is around a column. */
function excerpt(text: string, column: number): string {
  if (text.length <= shownOfLine) return text.trim();
  const from = Math.max(0, Math.min(column - shownOfLine / 2, text.length - shownOfLine));
  const to = from + shownOfLine;
  return `${from > 0 ? '…' : ''}${text.slice(from, to).trim()}${to < text.length ? '…' : ''}`;
}

function adviceOn(error: Error): string {
  if ('code' in error && error.code === 'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX') {
    return ': Node only erases types; write it without enum, namespace and parameter property';
  }
  const missing = /^Cannot find package '([^']+)'/.exec(error.message);
  return missing === null ? '' : `; install it there: npm install ${missing[1]}`;
}

/** What Node puts before a stack: a file with a line, then some lines of it, with carets under one where it is one only. */
function shownPlace(text: string): Place | null {
  const head = /^(file:\/\/.+):(\d+)$/m.exec(text);
  if (head === null) return null;
  const lines = text.slice(head.index).split('\n');
  const place = { file: fileURLToPath(head[1]), line: Number(head[2]) };
  const carets = lines.findIndex((line) => /^\s*\^+\s*$/.test(line));
  if (carets < 2) return { ...place, column: null };
  // Tabs are shown as blanks, so that a line may be shown longer than it is.
  const longer = lines[carets - 1].length - lineOf(place.file, place.line).length;
  return { ...place, column: Math.max(1, lines[carets].indexOf('^') + 1 - longer) };
}

const own = new URL('../', import.meta.url).href;

/** The first frame in the user's own files. */
function framePlace(stack: string): Place | null {
  for (const [, url, line, column] of stack.matchAll(/^ +at .*?(file:\/\/.+?):(\d+):(\d+)\)?$/gm)) {
    if (url.startsWith(own) || url.includes('/node_modules/')) continue;
    return { file: fileURLToPath(url), line: Number(line), column: Number(column) };
  }
  return null;
}

/**
 * Where JavaScript cannot be parsed, Node says only as the last words of a process. Another one is made to say it: all modules are parsed
 * before any of them runs.
 */
async function parsedPlace(path: string, error: Error): Promise<Place | null> {
  if (!(error instanceof SyntaxError)) return null;
  const program = `import ${JSON.stringify(pathToFileURL(path).href)}`;
  const args = [...process.execArgv, '--input-type=module', '--eval', program];
  const said = await new Promise<string>((resolve) => {
    execFile(process.execPath, args, { timeout: patience }, (_, __, stderr) => resolve(stderr));
  });
  return said.includes(`SyntaxError: ${error.message}`) ? shownPlace(said) : null;
}

function lineOf(file: string, line: number): string {
  try {
    return readFileSync(file, 'utf8').split(/\r?\n/)[line - 1] ?? '';
  } catch {
    return '';
  }
}
