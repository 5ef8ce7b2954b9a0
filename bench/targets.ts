import type { BenchResult, Row, SteadyRow, Target, WorkloadResult } from './result.ts';

/** What targets are judged by. */
export type Measured = Pick<BenchResult, 'rates' | 'workloads' | 'sweep' | 'steady'>;

/** What the machine can do is no comparison of libraries. */
const isModel = ({ kind }: WorkloadResult): boolean => kind !== 'matmul' && kind !== 'copy';

const digits = (x: number): string => (x >= 1000 ? Math.round(x).toString() : x.toPrecision(3));
const percent = (x: number): string => `${Math.round(100 * x)}%`;
const notMeasured = 'not measured in this run';

const rowOf = (workload: WorkloadResult, peer: string): Row | undefined =>
  workload.rows.find((row) => row.peer === peer && row.outcome === 'measured');

/** Thalweg against one peer on some workloads: how many times as fast on the one where it does worst, and all that miss the target. */
function against(
  claim: string,
  peer: string,
  least: number,
  workloads: readonly WorkloadResult[],
  chosen: (workload: WorkloadResult) => boolean = isModel,
): Target {
  const all = workloads.filter(chosen).flatMap((workload) => {
    const { ratio, times } = rowOf(workload, peer) ?? {};
    return ratio === undefined || !times ? [] : [{ id: workload.id, ratio, once: times.turns === 1 }];
  });
  // A step that was timed once may be one that still warmed up: it decides nothing, for us or against us.
  const ratios = all.filter(({ once }) => !once).sort((a, b) => a.ratio - b.ratio);
  const unjudged = all.filter(({ once }) => once).map(({ id }) => id);
  const aside = unjudged.length > 0 ? `; timed once, not judged: ${unjudged.join(', ')}` : '';
  if (ratios.length === 0) return { claim, measured: `${notMeasured}${aside}`, met: null };
  const missed = ratios.filter(({ ratio }) => ratio < least);
  const some = (missed.length > 0 ? missed : ratios.slice(0, 1)).map(({ id, ratio }) => `${id} ${digits(ratio)}x`);
  const measured = `${ratios.length - missed.length} of ${ratios.length} workloads; ${missed.length > 0 ? 'short' : 'least'}: ${some.join(', ')}${aside}`;
  return { claim, measured, met: missed.length === 0 };
}

/** One number against its bound; undefined where this run has none. */
function bound(
  claim: string,
  value: number | undefined,
  show: (value: number) => string,
  met: (value: number) => boolean,
): Target {
  if (value === undefined) return { claim, measured: notMeasured, met: null };
  return { claim, measured: show(value), met: met(value) };
}

export function judge({ rates, workloads, sweep, steady }: Measured): Target[] {
  const named =
    (...ids: string[]) =>
    (workload: WorkloadResult) =>
      ids.includes(workload.id);
  const ours = (id: string, peer = 'thalweg'): (WorkloadResult & { readonly ms: number }) | undefined => {
    const workload = workloads.find(named(id));
    const ms = workload && rowOf(workload, peer)?.times?.median;
    return ms === undefined ? undefined : { ...(workload as WorkloadResult), ms };
  };
  const matmulBound = ['mlp-784', 'mlp-1024', 'lstm', 'gpt'].map((id) => {
    const { flops, ms } = ours(id) ?? {};
    const share = flops && ms && rates.gflops ? flops / ms / 1e6 / rates.gflops : undefined;
    return bound(`${id}: at least 60% of the machine's matmul rate`, share, percent, (x) => x >= 0.6);
  });
  const elementWise = ['sgd-momentum', 'adamw', 'lion'].map((method) => {
    const { bytes, ms } = ours(`update-${method}-3e7`) ?? {};
    const share = bytes && ms && rates.copy ? bytes / ms / 1e6 / rates.copy : undefined;
    return bound(`${method} at 3e7: at least 80% of the machine's copy bandwidth`, share, percent, (x) => x >= 0.8);
  });
  const adamw = ours('update-adamw-1e6', 'thalweg-one-thread');
  const microseconds = (claim: string, id: string, most: number): Target => {
    const found = ours(id);
    return bound(
      claim,
      found && 1000 * found.ms,
      (x) => `${digits(x)} us`,
      (x) => x <= most,
    );
  };
  return [
    against('@jax-js/jax: at least 8x faster on every workload', 'jax-js', 8, workloads),
    against('TensorFlow.js wasm: at least 30x faster on every workload', 'tfjs-wasm', 30, workloads),
    against('TensorFlow.js in plain JavaScript: at least 30x faster on every workload', 'tfjs-cpu', 30, workloads),
    against(
      'PyTorch eager: at least 1.0x on MLPs, LSTM and GPT',
      'torch',
      1,
      workloads,
      named('logistic', 'mlp-784', 'mlp-1024', 'lstm', 'gpt'),
    ),
    against(
      'PyTorch eager: at least 2x on the tiny ones',
      'torch',
      2,
      workloads,
      (workload) => workload.id === 'mlp-tiny' || workload.kind === 'function',
    ),
    against('PyTorch eager: at least 0.7x on convnets', 'torch', 0.7, workloads, named('lenet', 'resnet8')),
    against('JAX jit: at least 0.9x everywhere', 'jax', 0.9, workloads),
    ...matmulBound,
    ...elementWise,
    bound(
      'adamw at 1e6: at most 1.2 ns per parameter and thread',
      adamw && (adamw.ms * 1e6) / adamw.parameters,
      (x) => `${digits(x)} ns with one thread`,
      (x) => x <= 1.2,
    ),
    microseconds('tiny MLP: a training step in at most 50 us', 'mlp-tiny', 50),
    microseconds("Rosenbrock's function: a step in at most 2 us", 'function-rosenbrock', 2),
    microseconds("Beale's function: a step in at most 2 us", 'function-beale', 2),
    sweepTarget(sweep),
    ...steady.map(growth),
    ...steady.filter(({ workload }) => workload === 'mlp-tiny').map(allocation),
  ];
}

function sweepTarget(sweep: Measured['sweep']): Target {
  const [single, , mapped] = sweep.map(({ trialsPerSecond }) => trialsPerSecond);
  const ratio = single && mapped ? mapped / single : undefined;
  return bound(
    'sweep of 16 small trials: vmapped at least 4x faster than one after another',
    ratio,
    (x) => `${digits(x)}x`,
    (x) => x >= 4,
  );
}

/** What the collector and the allocator of a process move about without any leak. */
const noise = 2 * 2 ** 20;

const growth = ({ workload, steps, growth: bytes }: SteadyRow): Target => ({
  claim: `${workload}: no growth of memory over ${steps} steps (at most 2 MiB)`,
  measured: `${(bytes / 2 ** 20).toFixed(2)} MiB`,
  met: bytes <= noise,
});

const allocation = ({ workload, allocated }: SteadyRow): Target => ({
  claim: `${workload}: no allocation in the step loop (a wasm program; less than one object, 16 bytes, a step)`,
  measured: `${allocated.toFixed(1)} bytes of objects a step`,
  met: allocated < 16,
});
