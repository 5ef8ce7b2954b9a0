/** Text that is already HTML. */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export type Part = string | number | Html | null | readonly Part[];

export const escaped = (text: string): string =>
  /[&<>"]/.test(text)
    ? text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
    : text;

function render(part: Part): string {
  if (part === null) return '';
  if (part instanceof Html) return part.text;
  if (!Array.isArray(part)) return escaped(String(part));
  let text = '';
  for (const one of part) text += render(one);
  return text;
}

/** Joins literal HTML and values; values are escaped unless they are HTML themselves. */
export function html(literals: TemplateStringsArray, ...parts: readonly Part[]): Html {
  let text = literals[0];
  for (let i = 0; i < parts.length; i++) text += render(parts[i]) + literals[i + 1];
  return new Html(text);
}
