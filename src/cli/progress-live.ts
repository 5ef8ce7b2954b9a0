import { createLogUpdate } from 'log-update';
import colors from 'picocolors';
import { duration, metricName, metricValue, number, plural, whole } from '../lab/format.ts';
import type { Protocol, RaceEvent } from '../lab/protocol.ts';
import { type Lap, type Progress, RaceProgress } from './progress-state.ts';

/** Milliseconds between two drawings. */
const drawEvery = 125;

/** A bar for each competitor, drawn over and over in place. */
export function liveProgress(stream: NodeJS.WriteStream): Progress {
  const race = new RaceProgress();
  const update = createLogUpdate(stream);
  let note = '';
  const draw = () => {
    const lines = race.protocol ? render(race, stream.columns ?? 80) : ['loading the task'];
    update([...lines, ...(note ? [colors.yellow(note.slice(0, (stream.columns ?? 80) - 1))] : [])].join('\n'));
  };
  draw();
  const timer = setInterval(draw, drawEvery);
  return {
    show: (event: RaceEvent) => race.hear(event),
    say: (text) => {
      note = text;
      draw();
    },
    done: () => {
      clearInterval(timer);
      if (race.protocol) draw();
      else update.clear();
      update.done();
    },
  };
}

type Paint = (text: string) => string;

/** Text and how to colour it; widths are those of the plain text. */
interface Cell {
  readonly text: string;
  readonly paint?: Paint;
}

/** What a terminal of this many columns shows. Narrow ones lose columns, never the bar or the state. */
export function render(race: RaceProgress, columns: number): string[] {
  const { protocol } = race;
  if (!protocol) return [];
  const width = Math.max(20, columns - 1);
  const laps = race.laps();
  const left = race.secondsLeft;
  const times = `${duration(race.elapsed)}${Number.isFinite(left) && left > 0 ? `, about ${duration(left)} left` : ''}`;
  const title = `${protocol.task}: ${plural(protocol.trials, 'trial')} of ${whole(protocol.tuneSteps)} steps each, then ${plural(protocol.finalSeeds.length, 'seed')} of ${whole(protocol.steps)}`;
  const head = title.length + times.length + 3 <= width ? `${title}   ${times}` : times.slice(0, width);

  const label = Math.min(Math.max(...laps.map((lap) => lap.label.length)), Math.max(8, Math.floor(width * 0.34)));
  const details = laps.map((lap) => detailsOf(lap, protocol));
  // Columns are dropped from the right until a bar of eight fits.
  let shown = details[0]?.length ?? 0;
  const taken = () => label + 2 + columnWidths(details, shown).reduce((sum, w) => sum + w + 2, 0);
  while (shown > 1 && width - taken() < 8) shown--;
  const widths = columnWidths(details, shown);
  const bar = Math.min(40, width - taken());
  return [
    colors.dim(head),
    ...laps.map((lap, i) => {
      const name = lap.label.length > label ? `${lap.label.slice(0, label - 1)}…` : lap.label.padEnd(label);
      const cells = details[i]
        .slice(0, shown)
        .map(({ text, paint = (plain: string) => plain }, j) => paint(text.padEnd(widths[j])));
      return [name, ...(bar >= 4 ? [drawBar(lap, bar)] : []), ...cells].join('  ');
    }),
  ];
}

const columnWidths = (details: readonly (readonly Cell[])[], shown: number): number[] =>
  Array.from({ length: shown }, (_, j) => Math.max(...details.map((cells) => cells[j].text.length)));

/** State, loss, time left, best value: the most wanted first. */
function detailsOf(lap: Lap, protocol: Protocol): Cell[] {
  const runs = lap.state === 'runs';
  const paint: Paint =
    lap.state === 'done' ? colors.green : lap.state === 'out' ? colors.red : runs ? colors.cyan : colors.dim;
  return [
    { text: lap.state === 'out' ? 'no trial finished' : lap.stage, paint },
    { text: runs && lap.loss !== null ? `loss ${number(lap.loss)}` : '' },
    { text: runs && Number.isFinite(lap.secondsLeft) ? `${duration(lap.secondsLeft)} left` : '', paint: colors.dim },
    {
      text: lap.best === null ? '' : `best ${metricName(protocol)} ${metricValue(protocol.target.metric, lap.best)}`,
      paint: colors.dim,
    },
  ];
}

const eighths = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

function drawBar({ share, state }: Lap, width: number): string {
  const units = Math.round(share * width * 8);
  const whole = Math.floor(units / 8);
  const filled = '█'.repeat(whole) + eighths[units % 8];
  const paint = state === 'done' ? colors.green : state === 'out' ? colors.red : colors.cyan;
  return paint(filled) + colors.dim('·'.repeat(width - filled.length));
}
