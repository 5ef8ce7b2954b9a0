import type { BenchResult, Rate, Row, SteadyRow, SweepRow, Target, WorkloadResult } from './result.ts';

/** What targets are judged by. */
export type Measured = Pick<BenchResult, 'rates' | 'workloads' | 'sweep' | 'steady'>;

/** What the machine can do is no comparison of libraries. */
const isModel = ({ kind }: WorkloadResult): boolean => kind !== 'matmul' && kind !== 'copy';

const digits = (x: number): string => (x >= 1000 ? Math.round(x).toString() : x.toPrecision(3));
const percent = (x: number): string => `${Math.round(100 * x)}%`;
const notMeasured = 'not measured in this run';

const rowOf = (workload: WorkloadResult, peer: string): Row | undefined =>
  workload.rows.find((row) => row.peer === peer && row.outcome === 'measured');

/** Why the ratio of a row decides nothing, for us or against us. */
function unfit({ agrees, times }: Row): string | null {
  if (agrees === false) return 'value differs';
  if (agrees === undefined) return 'value not compared';
  // A step that was timed once may be one that still warmed up.
  return times?.turns === 1 ? 'timed once' : null;
}

/** Thalweg against one peer on some workloads: how many times as fast on the one where it does worst, and all that miss the target. */
function against(
  claim: string,
  peer: string,
  least: number,
  workloads: readonly WorkloadResult[],
  chosen: (workload: WorkloadResult) => boolean = isModel,
): Target {
  const all = workloads.filter(chosen).flatMap((workload) => {
    const row = workload.rows.find((candidate) => candidate.peer === peer);
    if (!row || row.outcome === 'unsupported') return [];
    const why = row.outcome === 'measured' ? unfit(row) : row.outcome;
    return [{ id: workload.id, ratio: row.ratio ?? Number.NaN, why }];
  });
  const ratios = all.filter(({ why }) => why === null).sort((a, b) => a.ratio - b.ratio);
  const reasons = [...new Set(all.flatMap(({ why }) => why ?? []))];
  const unjudged = reasons.map((reason) => {
    const ids = all.filter(({ why }) => why === reason).map(({ id }) => id);
    return `; not judged (${reason}): ${ids.join(', ')}`;
  });
  if (ratios.length === 0) return { claim, measured: [notMeasured, ...unjudged].join(''), met: null };
  const missed = ratios.filter(({ ratio }) => ratio < least);
  const some = (missed.length > 0 ? missed : ratios.slice(0, 1)).map(({ id, ratio }) => `${id} ${digits(ratio)}x`);
  const measured = `${ratios.length - missed.length} of ${ratios.length} workloads; ${missed.length > 0 ? 'short' : 'least'}: ${some.join(', ')}${unjudged.join('')}`;
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

const share = (rate: number | undefined, of: Rate | undefined): number | undefined =>
  rate === undefined || of === undefined ? undefined : rate / of.rate;

/** '60% of 100 (thalweg), 40% of 150 (torch)': of the rate that decides, and of a faster one beside it. */
function shares(rate = Number.NaN, deciding?: Rate, fastest?: Rate): string {
  const others = fastest && fastest.peer !== deciding?.peer ? [fastest] : [];
  return [deciding, ...others]
    .flatMap((of) => (of ? [`${percent(rate / of.rate)} of ${digits(of.rate)} (${of.peer})`] : []))
    .join(', ');
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
    const { flops, ms, product } = ours(id) ?? {};
    const rate = flops && ms && flops / ms / 1e6;
    const claim = `${id}: at least 60% of the rate of the largest product by MLAS or OpenBLAS, in turn with it`;
    return bound(
      claim,
      share(rate, product),
      () => shares(rate, product, rates.fastest),
      (x) => x >= 0.6,
    );
  });
  const elementWise = ['sgd-momentum', 'adamw', 'lion'].map((method) => {
    const { bytes, ms } = ours(`update-${method}-3e7`) ?? {};
    const rate = bytes && ms && bytes / ms / 1e6;
    const claim = `${method} at 3e7: at least 80% of the machine's copy bandwidth`;
    return bound(
      claim,
      share(rate, rates.copy),
      () => shares(rate, rates.copy),
      (x) => x >= 0.8,
    );
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

/** Judged by whole trials; the ratio of the steps alone stands beside it. */
function sweepTarget(sweep: Measured['sweep']): Target {
  const ratioOf = (level: SweepRow['level']): number | undefined => {
    const [alone, , mapped] = sweep.filter((row) => row.level === level);
    return alone && mapped?.agrees ? mapped.trialsPerSecond / alone.trialsPerSecond : undefined;
  };
  const [trials, steps] = [ratioOf('trials'), ratioOf('steps')];
  return bound(
    'sweep of 16 small trials: sweep() at least 4x faster than train() one after another',
    trials,
    (x) => `${digits(x)}x${steps === undefined ? '' : `; the steps alone, without trainer, ${digits(steps)}x`}`,
    (x) => x >= 4,
  );
}

/** What the collector and the allocator of a process move about without any leak; 500 bytes kept at each of 9,000 steps are more. */
const noise = 4 * 2 ** 20;
/** A boxed number or two, which the JavaScript engine makes as it likes; a promise takes 40 bytes, an object 56. */
const boxed = 32;

const growth = ({ workload, steps, growth: bytes }: SteadyRow): Target => ({
  claim: `${workload}: no growth of memory over ${steps} steps. Measured: resident memory of the process after the last step less that after the first tenth; allowed: ${noise / 2 ** 20} MiB, what allocator and collector move about`,
  measured: `${(bytes / 2 ** 20).toFixed(2)} MiB`,
  met: bytes <= noise,
});

const allocation = ({ workload, allocated }: SteadyRow): Target => ({
  claim: `${workload}: no allocation in the step loop. Measured: JavaScript objects made by a step of the compiled program, which is wasm alone; allowed: ${boxed} bytes, a boxed number or two, less than any object or promise. The loop of train(), with minibatches, history and hooks, is bounded in tests/steady.test.ts`,
  measured: `${allocated.toFixed(1)} bytes a step`,
  met: allocated < boxed,
});
