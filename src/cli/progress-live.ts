import { createLogUpdate } from 'log-update';
import colors from 'picocolors';
import { duration, metricName, metricValue, number, plural } from '../lab/format.ts';
import type { RaceEvent } from '../lab/plan.ts';
import { notice, times, title } from './progress-lines.ts';
import { type Lap, type Progress, RaceProgress } from './progress-state.ts';

/** Milliseconds between two drawings. */
const drawEvery = 125;
/** Of the lines that are to stay, so many are shown while the race runs. */
const notesShown = 3;

/** Bars, drawn over and over in place. */
export function liveProgress(stream: NodeJS.WriteStream): Progress {
  const race = new RaceProgress();
  const update = createLogUpdate(stream);
  const notes: string[] = [];
  const draw = () => {
    const { columns = 80, rows = 24 } = stream;
    const shown = notes.slice(-notesShown).map((note) => colors.yellow(cut(note, columns - 1)));
    // The last line of a terminal is left free: a drawing as high as the screen would scroll.
    const lines = race.plan ? render(race, columns, rows - 1 - shown.length) : ['loading the tasks'];
    update([...lines, ...shown].join('\n'));
  };
  draw();
  const timer = setInterval(draw, drawEvery);
  const say = (text: string) => {
    notes.push(text);
    draw();
  };
  return {
    say,
    show(event: RaceEvent) {
      race.hear(event);
      const text = notice(event);
      if (text !== null) say(text);
    },
    done() {
      clearInterval(timer);
      if (race.plan) draw();
      else update.clear();
      update.done();
      // All of them stay.
      const hidden = notes.slice(0, -notesShown);
      if (hidden.length > 0) stream.write(`${hidden.join('\n')}\n`);
    },
  };
}

type Paint = (text: string) => string;

/** Text and how to colour it; widths are those of the plain text. */
interface Cell {
  readonly text: string;
  readonly paint?: Paint;
}

/** One line of the drawing. */
interface Bar {
  readonly label: string;
  readonly state: Lap['state'];
  readonly share: number;
  /** The most wanted first. */
  readonly details: readonly Cell[];
}

const cut = (text: string, width: number): string =>
  text.length > width ? `${text.slice(0, Math.max(0, width - 1))}…` : text;

/** What a terminal of this size shows. Narrow ones lose columns, never the bar or the state; low ones see tasks, or the whole, as one bar. */
export function render(race: RaceProgress, columns: number, rows = Number.POSITIVE_INFINITY): string[] {
  const { plan } = race;
  if (!plan) return [];
  const width = Math.max(19, columns - 1);
  const laps = race.laps();
  const bars = [barsOfLaps(laps, plan.tasks.length > 1), barsOfTasks(laps), [together(plan.name, laps)]];
  const fitting = bars.find(({ length }) => length + 1 <= rows) ?? [];
  return [colors.dim(head(race, width)), ...drawAll(fitting, width)];
}

function head(race: RaceProgress, width: number): string {
  const restarts = race.restarts === 0 ? '' : `, ${plural(race.restarts, 'restart')}`;
  const counts = `${race.ended} of ${plural(race.size.trials, 'trial')}${restarts}`;
  const parts = [title(race), counts, times(race)];
  // The times are the last to go.
  while (parts.length > 1 && parts.join('   ').length > width) parts.shift();
  return cut(parts.join('   '), width);
}

/** A bar for each competitor; of several tasks, on each of them. */
const barsOfLaps = (laps: readonly Lap[], several: boolean): Bar[] =>
  laps.map((lap) => {
    const label = several ? `${lap.task.label} ${lap.competitor}` : lap.competitor;
    const runs = lap.state === 'runs';
    const best =
      lap.best === null ? '' : `best ${metricName(lap.task)} ${metricValue(lap.task.target.metric, lap.best)}`;
    return {
      label,
      state: lap.state,
      share: lap.share,
      details: [
        { text: stage(lap), paint: paints[lap.state] },
        { text: runs && lap.loss !== null && Number.isFinite(lap.loss) ? `loss ${number(lap.loss)}` : '' },
        {
          text: runs && Number.isFinite(lap.secondsLeft) ? `${duration(lap.secondsLeft)} left` : '',
          paint: colors.dim,
        },
        { text: best, paint: colors.dim },
      ],
    };
  });

function stage({ state, phase, ended, most }: Lap): string {
  if (state === 'out') return 'no trial finished';
  if (state === 'done') return 'done';
  if (state === 'waits') return 'waits';
  return `${phase} ${Math.min(most, ended + (state === 'runs' ? 1 : 0))}/${most}`;
}

const barsOfTasks = (laps: readonly Lap[]): Bar[] =>
  [...Map.groupBy(laps, ({ task }) => task.label)].map(([label, group]) => together(label, group));

/** Several laps as one bar: as much done as their work together. */
function together(label: string, laps: readonly Lap[]): Bar {
  const over = laps.filter(({ state }) => state === 'done' || state === 'out').length;
  const running = laps.filter(({ state }) => state === 'runs');
  const state = over === laps.length ? 'done' : running.length > 0 ? 'runs' : 'waits';
  return {
    label,
    state,
    share: laps.reduce((sum, { share }) => sum + share, 0) / laps.length,
    details: [
      { text: `${over} of ${laps.length} done`, paint: paints[state] },
      { text: running.map(({ competitor, phase }) => `${competitor} ${phase}`).join(', '), paint: colors.dim },
    ],
  };
}

const paints: { readonly [K in Lap['state']]: Paint } = {
  done: colors.green,
  out: colors.red,
  runs: colors.cyan,
  pauses: colors.dim,
  waits: colors.dim,
};

function drawAll(bars: readonly Bar[], width: number): string[] {
  const label = Math.min(Math.max(...bars.map((bar) => bar.label.length)), Math.max(8, Math.floor(width * 0.34)));
  const details = bars.map((bar) => bar.details);
  // Columns are dropped from the right until a bar of eight fits.
  let shown = details[0]?.length ?? 0;
  const taken = () => label + 2 + columnWidths(details, shown).reduce((sum, w) => sum + w + 2, 0);
  while (shown > 1 && width - taken() < 8) shown--;
  const widths = columnWidths(details, shown);
  const room = Math.min(40, width - taken());
  return bars.map((bar) => {
    const cells = bar.details
      .slice(0, shown)
      .map(({ text, paint = (plain: string) => plain }, j) => paint(text.padEnd(widths[j])));
    const parts = [cut(bar.label, label).padEnd(label), ...(room >= 4 ? [drawBar(bar, room)] : []), ...cells];
    return parts.join('  ');
  });
}

const columnWidths = (details: readonly (readonly Cell[])[], shown: number): number[] =>
  Array.from({ length: shown }, (_, j) => Math.max(...details.map((cells) => cells[j].text.length)));

const eighths = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

function drawBar({ share, state }: Bar, width: number): string {
  const units = Math.round(share * width * 8);
  const whole = Math.floor(units / 8);
  const filled = '█'.repeat(whole) + eighths[units % 8];
  const paint = state === 'done' ? colors.green : state === 'out' ? colors.red : colors.cyan;
  return paint(filled) + colors.dim('·'.repeat(width - filled.length));
}
