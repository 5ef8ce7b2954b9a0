import { plural } from '../format.ts';

/** What a chart shows, in a sentence for those who do not see it. */

export interface Told {
  readonly label: string;
  readonly value: number;
  readonly text: string;
}

/** 'lowest: muon 1.94%, adamw 2.12% ...; highest: sgd 4%'; of many entries the first few and the last. `highestFirst` turns it round. */
export function ordered(
  entries: readonly Told[],
  { first = 'lowest', last = 'highest', highestFirst = false, most = 6 } = {},
): string {
  const sorted = entries
    .filter(({ value }) => !Number.isNaN(value))
    .sort((a, b) => (highestFirst ? b.value - a.value : a.value - b.value));
  if (sorted.length === 0) return 'nothing to show';
  const said = sorted.slice(0, most).map(({ label, text }) => `${label} ${text}`);
  const left = sorted.length - said.length;
  const end = sorted[sorted.length - 1];
  const rest = left > 0 ? `; ${plural(left, 'other')} follow, ${last}: ${end.label} ${end.text}` : '';
  return `${first}: ${said.join(', ')}${rest}`;
}
