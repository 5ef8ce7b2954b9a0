import type { Disagreement } from '../../src/optim/about/about.ts';
import { code, sentence, stopped, withArxivLinks } from './markdown.ts';

/** How to get theirs: as code where it is settings, in words where it is not. */
const asCode = (option: string): string =>
  option
    .split(/ or (?=\w+(?:: |\())/)
    .map((one) => (/^\w+(: |\(|$)/.test(one) ? code(one) : withArxivLinks(one)))
    .join(' or ');

/** One disagreement as an item of a list; `label` is set around whose it is. */
export function caseItem({ who, what, ours, option, untested }: Disagreement, label: (who: string) => string): string {
  const lines = [
    `- ${label(`**${withArxivLinks(who)}**`)}`,
    withArxivLinks(sentence(what)),
    `*Here:* ${withArxivLinks(stopped(ours))}${option ? ` *Theirs:* ${asCode(option)}` : ''}`,
    ...(untested ? [`*Not tested:* ${withArxivLinks(stopped(untested))}`] : []),
  ];
  return lines.join('\n\n  ');
}

/** A list of disagreements of one kind, in a frame that the site gives its style. */
export const caseList = (kind: Disagreement['kind'], items: readonly string[]): string =>
  items.length === 0 ? '' : `<div class="cases ${kind}">\n\n${items.join('\n\n')}\n\n</div>`;
