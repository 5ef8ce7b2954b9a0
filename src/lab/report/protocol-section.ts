import { trialsFile } from '../file-names.ts';
import { duration, metricName, metricValue, number, plural, quantityName, values, whole } from '../format.ts';
import type { SchedulePlan, Trial } from '../protocol.ts';
import type { RaceResult } from '../result.ts';
import { endOf, metricOf } from '../score.ts';
import type { SearchMethod } from '../search.ts';
import { type Html, html } from './html.ts';

/** How the race was run, in words; enough to run it again and to doubt it. */

const searches: { readonly [K in SearchMethod]: string } = {
  halton: 'Halton points (bases 2, 3, 5, ..., a random shift per dimension), the learning rate in base 2',
  algoperf: 'Halton points as in AlgoPerf (bases just below 1000, shuffled digits, a random shift per dimension)',
};

export function describeSchedule({ warmup, decay }: SchedulePlan): string {
  const rise = warmup > 0 ? `linear warm-up over the first ${number(100 * warmup)}% of the steps, then ` : '';
  return `${rise}${decay === 'none' ? 'constant' : `${decay} decay to zero`}`;
}

export function protocolSection({ protocol, machine, command, seconds }: RaceResult): Html {
  const { target, competitors, finalSeeds, schedule } = protocol;
  const unscheduled = competitors.filter(({ scheduled }) => !scheduled).map(({ label }) => label);
  const except = unscheduled.length === 0 ? '' : `; ${unscheduled.join(', ')} takes none, as it is defined without one`;
  const items: [string, Html | string][] = [
    [
      'Task',
      `${protocol.task}: ${protocol.taskSummary}; ${plural(protocol.parameters, 'parameter')}, batch ${protocol.batchSize}`,
    ],
    ['Target', `${metricName(protocol)} ${metricValue(target.metric, target.value)} or lower`],
    [
      'Tuning',
      `${plural(protocol.trials, 'trial')} of ${plural(protocol.tuneSteps, 'step')} for each competitor, run seed ${protocol.tuneSeed}${protocol.tuneSteps === protocol.steps ? '' : ` (shorter than a final run of ${whole(protocol.steps)} steps)`}`,
    ],
    ['Search', `${searches[protocol.search]}; seed ${protocol.seed}`],
    [
      'Choice',
      `the setting with the lowest ${metricName(protocol)} at the end of its tuning trial, then the lowest ${quantityName(protocol, 'loss')}; a diverged trial is never chosen`,
    ],
    [
      'Final runs',
      `${plural(protocol.steps, 'step')}, run seeds ${finalSeeds.join(', ')}, which no tuning trial saw; a competitor that diverges on any of them comes last`,
    ],
    ['Schedule', `${describeSchedule(schedule)}, as part of the tuned learning rate${except}`],
    ...(protocol.hasData
      ? [['Test set', 'evaluated once, at the end of each final run; nothing is chosen by it'] as [string, string]]
      : []),
    [
      'Intervals',
      `95%, Student's t over ${plural(finalSeeds.length, 'seed')}; ranks by the interval of the difference paired by seed, without correction for several comparisons`,
    ],
    ['Engine', `${protocol.engine}, ${plural(protocol.jobs, 'trial')} at once with one engine thread each`],
    [
      'Machine',
      `${machine.cpu}, ${plural(machine.cores, 'core')}, ${machine.memoryGiB} GiB, ${machine.platform}; ${duration(seconds)} in all`,
    ],
    [
      'Versions',
      Object.entries(machine.versions)
        .map(([name, version]) => `${name} ${version}`)
        .join(', '),
    ],
  ];
  const spaces = competitors.map(({ label, optimizer, fixed, space }) => {
    const what = [optimizer === label ? '' : optimizer, values(fixed)].filter((text) => text !== '').join(', ');
    const ranges = Object.entries(space).map(
      ([name, { scale, low, high }]) => `${name} ${number(low)} to ${number(high)} (${scales[scale]})`,
    );
    return html`<tr><td class="l">${label}${what ? html`<span class="remark">${what}</span>` : null}</td><td class="l space">${ranges.join(', ') || 'nothing is tuned'}</td></tr>`;
  });
  return html`<section>
<h2>Protocol</h2>
<p class="note">The same for every competitor. What is not named keeps its default.</p>
<dl>${items.map(([term, text]) => html`<dt>${term}</dt><dd>${text}</dd>`)}</dl>
<div class="scroll"><table style="margin-top:14px"><thead><tr><th class="l">competitor</th><th class="l">search space</th></tr></thead><tbody>${spaces}</tbody></table></div>
${command === undefined ? null : html`<p class="note" style="margin:14px 0 0">To repeat it (losses and ranks are the same on the same machine; times vary):</p><pre>${command}</pre>`}
</section>`;
}

const scales = { linear: 'linear', log: 'log', logOneMinus: 'log of 1 − value' } as const;

export function trialsSection({ protocol, trials }: RaceResult): Html {
  const { metric } = protocol.target;
  const order = (trial: Trial) => protocol.competitors.findIndex(({ label }) => label === trial.plan.competitor);
  const sorted = [...trials].sort(
    (a, b) => order(a) - order(b) || b.plan.phase.localeCompare(a.plan.phase) || a.plan.index - b.plan.index,
  );
  const rows = sorted.map((trial) => {
    const { plan, outcome } = trial;
    const end = endOf(trial);
    const status =
      outcome.status === 'diverged' ? `diverged at step ${outcome.steps}` : (outcome.error ?? outcome.status);
    return html`<tr><td class="l">${plan.competitor}</td><td class="l">${plan.phase} ${plan.index + 1}</td><td>${plan.seed}</td><td class="l">${values(plan.values)}</td><td>${end ? metricValue(metric, metricOf(metric, end)) : '–'}</td><td>${end ? number(end.loss, 4) : '–'}</td><td>${number(outcome.wallSeconds)} s</td><td class="l">${status}</td></tr>`;
  });
  return html`<section>
<details><summary>All ${plural(trials.length, 'trial')}</summary>
<p class="note">With their curves in <a href="${trialsFile}">${trialsFile}</a> beside this page, one JSON object per line.</p>
<div class="scroll"><table><thead><tr><th class="l">competitor</th><th class="l">trial</th><th>seed</th><th class="l">hyperparameters</th><th>${metricName(protocol)}</th><th>${quantityName(protocol, 'loss')}</th><th>wall time</th><th class="l">end</th></tr></thead><tbody>${rows}</tbody></table></div>
</details>
</section>`;
}
