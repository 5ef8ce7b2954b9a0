import { isShare, metricName, metricValue, plural } from '../format.ts';
import { type Axis, axisAround, max } from './axis.ts';
import { valueAxis } from './curves.ts';
import { bands, type Chart, draw, lines, narrowest } from './draw.ts';
import { endLabels, type Frame, framed, roomForNames } from './labels.ts';
import type { TaskView } from './view.ts';
import { ordered } from './words.ts';

/** 1, 2, 4, ... and the last. */
function doublings(most: number): number[] {
  const ks: number[] = [];
  for (let k = 1; k < most; k *= 2) ks.push(k);
  return [...ks, most];
}

/** What the best of k tuning trials is expected to reach, over k, with its bootstrap band. */
export function tunabilityChart(task: TaskView): Chart {
  const { metric } = task.plan.target;
  const scale = isShare(metric) ? 100 : 1;
  const curves = task.score.tunability
    .map(({ competitor, points }) => ({
      label: competitor,
      place: task.place(competitor),
      points: points.filter(({ mean }) => Number.isFinite(mean)),
    }))
    .filter(({ points }) => points.length > 0);
  const all = curves.flatMap(({ points }) => points);
  const most = max(all.map(({ k }) => k));
  const says = `expected ${metricName(task.plan)} of the best of k tuning trials; ${ordered(
    curves.map(({ label, points }) => {
      const { mean } = points[points.length - 1];
      return { label, value: mean, text: metricValue(metric, mean) };
    }),
  )} after ${plural(most, 'trial')}`;
  return (width) => {
    if (all.length === 0 || most < 2) return null;
    const narrow = width < narrowest;
    const y: Axis = axisAround(
      all.flatMap(({ mean, low, high }) => [mean, low, high].map((value) => scale * value)),
      { log: true },
    );
    const frame: Frame = {
      width,
      height: Math.max(narrow ? 270 : 300, 90 + 16 * curves.length),
      left: 44,
      right: roomForNames(
        curves.map(({ label }) => label),
        width,
      ),
      top: 24,
      bottom: 38,
      x: { type: 'log', low: 1, high: most },
      y,
    };
    return draw(width, says, {
      ...framed(frame),
      x: {
        type: 'log',
        domain: [1, most],
        ticks: doublings(most).filter((k, i, ks) => i === ks.length - 1 || k * (narrow ? 1.9 : 1.4) <= most),
        tickFormat: (k: number) => String(k),
        label: 'tuning trials',
        labelAnchor: 'center',
        labelArrow: 'none',
      },
      y: {
        ...valueAxis(y),
        label: `expected ${metricName(task.plan)} of the best${scale === 100 ? ' (%)' : ''}`,
        labelArrow: 'none',
        grid: true,
      },
      marks: [
        bands(
          curves.map(({ place, points }) => ({
            place,
            points: points.filter(({ low, high }) => Number.isFinite(low) && Number.isFinite(high)),
          })),
          { x: 'k', y1: ({ low }) => scale * low, y2: ({ high }) => scale * high },
          curves.length > 10 ? 0.06 : 0.11,
        ),
        ...lines(curves, { x: 'k', y: (point) => scale * point.mean }),
        ...endLabels(
          frame,
          curves.map(({ label, place, points }) => {
            const last = points[points.length - 1];
            return { label, place, x: last.k, y: scale * last.mean };
          }),
        ),
      ],
      color: { type: 'identity' },
    });
  };
}
