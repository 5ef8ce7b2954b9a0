import type { Ended, TrialPlan } from '../plan.ts';
import type { Job } from './lane.ts';

/** The trials that a race needs by now, as jobs, in the order in which they are named first: the trials of one batch are one job. */
export function jobsOf(plans: readonly TrialPlan[]): Job[] {
  const jobs = Map.groupBy(plans, (plan) => (plan.batch === undefined ? `trial ${plan.id}` : `batch ${plan.batch}`));
  return [...jobs.values()];
}

/** The trials that those of a job go on from, and so on back to the first; those that have ended, which all of them have. */
export function ancestorsOf(job: Job, ended: Ended): TrialPlan[] {
  const found = new Map<string, TrialPlan>();
  for (const { from } of job) {
    for (let id = from; id !== undefined && !found.has(id); ) {
      const plan = ended.get(id)?.plan;
      if (plan) found.set(id, plan);
      id = plan?.from;
    }
  }
  return [...found.values()];
}
