import { share } from '../format.ts';
import { logTicks, max } from './axis.ts';
import { type Chart, draw, lines, narrowest } from './draw.ts';
import { endLabels, type Frame, framed, roomForNames } from './labels.ts';
import type { View } from './view.ts';
import { ordered } from './words.ts';

type Profile = readonly { readonly tau: number; readonly share: number }[];

/** Share of the tasks solved within this many times the fastest. */
export const solvedWithin = (points: Profile, tau: number): number =>
  points.filter((point) => point.tau <= tau).at(-1)?.share ?? 0;

/** Pixels by which neighbouring lines are moved apart, since profiles over few tasks often coincide. */
const offset = 2;

/** Performance profiles: share of the tasks that a competitor solves within tau times the fastest one's steps. */
export function profileChart({ result, tasks, place }: View): Chart {
  const profiles = result.across?.profiles ?? [];
  const last = Math.max(2, max(profiles.flatMap(({ points }) => points.map(({ tau }) => tau))));
  const says = `share of ${tasks.length} tasks solved within a multiple of the fastest competitor's steps; ${ordered(
    profiles.map(({ competitor, points }) => {
      const first = solvedWithin(points, 1);
      const end = solvedWithin(points, last);
      return { label: competitor, value: end + first / 1000, text: `${share(end)} (${share(first)} as the fastest)` };
    }),
    { first: 'highest', last: 'lowest', highestFirst: true },
  )}`;
  return (width) => {
    if (profiles.every(({ points }) => points.length === 0)) return null;
    const narrow = width < narrowest;
    const names = profiles.map(({ competitor }) => competitor);
    const frame: Frame = {
      width,
      height: Math.max(narrow ? 270 : 320, 90 + 16 * profiles.length),
      left: 44,
      right: roomForNames(names, width),
      top: 24,
      bottom: 38,
      x: { type: 'log', low: 1, high: last },
      y: { type: 'linear', low: -0.02, high: 1.04 },
    };
    const pixel = (frame.y.high - frame.y.low) / (frame.height - frame.top - frame.bottom);
    const steps = profiles.map(({ competitor, points }, i) => {
      const shift = (i - (profiles.length - 1) / 2) * Math.min(offset, 24 / profiles.length) * pixel;
      const rises = [{ tau: 1, share: solvedWithin(points, 1) }, ...points.filter(({ tau }) => tau > 1)];
      const end = { tau: last, share: solvedWithin(points, last) };
      return {
        label: competitor,
        place: place(competitor),
        points: [...rises, end].map((point) => ({ tau: point.tau, share: point.share - shift })),
      };
    });
    return draw(width, says, {
      ...framed(frame),
      x: {
        type: 'log',
        domain: [1, last],
        ...logTicks({ low: 1, high: last }, narrow ? 4 : 8),
        tickFormat: (tau: number) => `${tau}×`,
        label: "steps to target, as a multiple of the fastest's",
        labelAnchor: 'center',
        labelArrow: 'none',
      },
      y: {
        domain: [frame.y.low, frame.y.high],
        ticks: [0, 0.25, 0.5, 0.75, 1],
        tickFormat: (value: number) => `${100 * value}`,
        label: 'tasks solved (%)',
        labelArrow: 'none',
        grid: true,
      },
      marks: [
        ...lines(steps, { x: 'tau', y: 'share', curve: 'step-after' }),
        ...endLabels(
          frame,
          steps.map(({ label, place: at, points }) => ({
            label,
            place: at,
            x: last,
            y: points[points.length - 1].share,
          })),
        ),
      ],
      color: { type: 'identity' },
    });
  };
}
