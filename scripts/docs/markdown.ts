// Small pieces of Markdown that read well in the built site and as plain files.

/** Text as it is: nothing in it is markup but `code` between backticks. */
export const prose = (text: string): string =>
  text
    .split(/(`[^`]*`)/)
    .map((part) => (part.startsWith('`') ? part : escaped(part)))
    .join('');

/** Two braces would open an expression of the site's template language. */
const escaped = (text: string): string =>
  text
    .replaceAll('{{', '{ {')
    .replaceAll(/[\\*_<>[\]~$]/g, '\\$&')
    .replace(/^(\s*)([-+#]|\d+[.)])(?=\s)/, '$1\\$2');

/** With a full stop at its end. */
export const stopped = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`);

/** Names of quantities, which keep their first letter. */
const symbols = /^(lr|eps|epsilon|rho|mu|eta|gamma|alpha|beta|sigma|theta|kappa)$|^.$|[^a-z]/;

/** A sentence: begins with a capital, unless it begins with the name of a quantity, and ends with a full stop. */
export function sentence(text: string): string {
  const [first] = text.split(/[\s,:;'’-]/);
  const begun = symbols.test(first) && first !== 'a' ? text : text[0].toUpperCase() + text.slice(1);
  return stopped(begun);
}

/** A table; the cells are Markdown already. */
export const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows]
    .map((cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`)
    .join('\n');

/** Text with its arXiv numbers as links. */
export const withArxivLinks = (text: string): string =>
  text
    .split(/(arXiv:\d{4}\.\d{4,5})/)
    .map((part) => (part.startsWith('arXiv:') ? `[${part}](https://arxiv.org/abs/${part.slice(6)})` : prose(part)))
    .join('');

export const code = (text: string): string => `\`${text}\``;

export const mathBlock = (lines: readonly string[]): string =>
  lines.map((line) => `\`\`\`math\n${line}\n\`\`\``).join('\n\n');

/** A docstring: indented lines are equations and stay as they are set, the rest is prose. */
export function docstring(text: string): string {
  const blocks: { readonly set: boolean; readonly lines: string[] }[] = [];
  for (const line of text.split('\n')) {
    const set = line.startsWith('  ');
    const last = blocks.at(-1);
    if (line === '') blocks.push({ set: false, lines: [] });
    else if (last && last.set === set) last.lines.push(line);
    else blocks.push({ set, lines: [line] });
  }
  return blocks
    .filter(({ lines }) => lines.length > 0)
    .map(({ set, lines }) =>
      set ? `\`\`\`text\n${lines.map((line) => line.slice(2)).join('\n')}\n\`\`\`` : withArxivLinks(lines.join(' ')),
    )
    .join('\n\n');
}
