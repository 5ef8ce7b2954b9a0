import * as Plot from '@observablehq/plot';

export interface Point {
  readonly step: number;
  readonly loss: number;
}

export interface Curve {
  readonly batch: readonly Point[];
  readonly validation: readonly Point[];
  /** Of the whole run: the axis does not grow with the run. */
  readonly steps: number;
}

/** Points that a line of this width can show. */
const drawable = 800;

const thinned = (points: readonly Point[]): readonly Point[] => {
  const stride = Math.ceil(points.length / drawable);
  return points.filter((_, i) => i % stride === 0);
};

/** Draws the losses of a run so far, on a logarithmic axis. */
export function drawCurve(into: HTMLElement, { batch, validation, steps }: Curve): void {
  const at = { x: 'step', y: 'loss' } as const;
  into.replaceChildren(
    Plot.plot({
      width: 820,
      height: 260,
      marginLeft: 44,
      marginBottom: 40,
      style: { background: 'none', fontSize: '12px' },
      x: { domain: [0, steps], label: 'step' },
      y: { type: 'log', label: null, grid: true, tickFormat: (loss: number) => String(loss), ticks: 6 },
      marks: [
        Plot.lineY(thinned(batch), { ...at, stroke: 'var(--batch)', strokeWidth: 1.25 }),
        Plot.lineY(validation, { ...at, stroke: 'var(--accent)', strokeWidth: 2 }),
        Plot.dot(validation, { ...at, fill: 'var(--accent)', r: 3 }),
      ],
    }),
  );
}
