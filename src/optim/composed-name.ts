/** How names of optimizers are written: `linear(sam(sgd))`, and with values, `sgd[momentum=0.9]`. */

/** A name that cannot be read: a bracket without its partner, or something where a bracket or a name belongs. */
export class NameSyntaxError extends Error {
  override readonly name = 'NameSyntaxError';
}

const partners: Readonly<Record<string, string>> = { '(': ')', '[': ']' };
const closing = Object.values(partners);

/** Refuses text in which a bracket, round or square, has no partner. */
export function checkBrackets(text: string): void {
  const open: number[] = [];
  for (let i = 0; i < text.length; i++) {
    const character = text[i];
    if (character in partners) open.push(i);
    if (!closing.includes(character)) continue;
    const last = open.pop();
    if (last === undefined) throw refusal(text, i, 'closes nothing');
    if (partners[text[last]] !== character) throw refusal(text, last, `is closed by '${character}'`);
  }
  const unclosed = open.pop();
  if (unclosed !== undefined) throw refusal(text, unclosed, 'is never closed');
}

/** The parts of a composed name, the outermost first: linear, sam and sgd of 'linear(sam(sgd))'. */
export function partsOf(name: string): string[] {
  checkBrackets(name);
  const after = /\)\s*[^)\s]/.exec(name);
  if (after) throw refusal(name, after.index, 'has something after it');
  const parts = name
    .replace(/[)\s]+$/, '')
    .split('(')
    .map((part) => part.trim());
  const empty = parts.length > 1 ? parts.indexOf('') : -1;
  if (empty === -1) return parts;
  const inside = empty === parts.length - 1;
  const bracket = [...name.matchAll(/\(/g)][inside ? empty - 1 : empty];
  throw refusal(name, bracket.index, `has no name ${inside ? 'in' : 'before'} it`);
}

/** "'sam(sgd': the '(' at character 4 is never closed: sam→(sgd". */
const refusal = (text: string, at: number, what: string): NameSyntaxError =>
  new NameSyntaxError(
    `'${text}': the '${text[at]}' at character ${at + 1} ${what}: ${text.slice(0, at)}→${text.slice(at)}`,
  );
