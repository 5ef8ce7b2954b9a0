/** The files of a race in its folder. */
export const trialsFile = 'trials.jsonl';
export const reportFile = 'report.html';
