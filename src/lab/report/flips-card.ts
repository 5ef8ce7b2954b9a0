import type { RankFlip } from '../analysis/score-types.ts';
import { plural, share, whole } from '../format.ts';
import { type Html, html } from './html.ts';
import { named } from './named.ts';
import { card, table } from './table.ts';
import type { TaskView } from './view.ts';

/** Rows of the table of flips. */
const mostFlips = 20;

/** Who was ahead on the way and is not at the end; over the whole width of the page or half of it. */
export function flipsCard(task: TaskView, wide: boolean): Html | null {
  const { flips, rows } = task.score;
  if (rows.filter(({ final }) => final.finished > 1).length < 2) return null;
  const title = 'Did the order change on the way?';
  if (flips.length === 0) {
    return card(
      title,
      null,
      html`<p>No: at no evaluation was anybody known to be ahead of one that is known to have ended better, by the tests of the ranking.</p>`,
      wide,
    );
  }
  const sorted = [...flips].sort((a, b) => b.share - a.share);
  const left = sorted.length - mostFlips;
  return card(
    title,
    'Pairs whose order at some evaluation was, by the tests of the ranking, the opposite of that at the end. Who judges by a run in progress would have named the other; a shorter race has a schedule of its own and may not.',
    [
      table<RankFlip>({
        caption: `Changes of order on ${task.plan.label}`,
        columns: [
          { head: 'ends better', cell: ({ winner }) => named(task, winner), left: true, names: true },
          { head: 'was behind', cell: ({ loser }) => named(task, loser), left: true },
          { head: html`until step`, cell: ({ step }) => whole(step) },
          { head: html`of the run`, cell: (flip) => share(flip.share) },
        ],
        rows: sorted.slice(0, mostFlips),
      }),
      left > 0 ? html`<p class="note">And ${plural(left, 'pair')} more, which changed earlier.</p>` : null,
    ],
    wide,
  );
}
