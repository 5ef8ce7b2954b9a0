import { duration, plural } from '../format.ts';
import type { RaceResult } from '../result.ts';
import { acrossSection } from './across-section.ts';
import { findingsSection } from './findings-section.ts';
import { head, navigation } from './head.ts';
import { Html, html } from './html.ts';
import { protocolSection } from './protocol-section.ts';
import { script, scriptHash } from './script.ts';
import { style } from './style.ts';
import { taskSection } from './task-section.ts';
import { trialsSection } from './trials-section.ts';
import { viewOf } from './view.ts';

/** It needs no network, and could not use it: the page may load nothing and run no script but its own. */
const policy = `default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src '${scriptHash}'; base-uri 'none'; form-action 'none'`;

/** What a race shows, as one self-contained HTML page. */
export function renderReport(result: RaceResult): string {
  const view = viewOf(result);
  const parts = [
    ...(result.findings.length === 0 ? [] : [{ id: 'findings', title: 'Findings' }]),
    { id: 'protocol', title: 'How it was run' },
    { id: 'trials', title: 'Trials' },
  ];
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>thalweg race: ${result.plan.name}</title>
<link rel="icon" href="data:,">
<style>${new Html(style)}</style>
</head>
<body>
<a class="skip" href="#main">Skip to the results</a>
<div class="page">
${head(view)}
${navigation(view, parts)}
<main id="main">
${acrossSection(view)}
${view.tasks.map((task) => taskSection(view, task))}
${findingsSection(result.findings)}
${protocolSection(view)}
${trialsSection(view)}
</main>
<footer>${plural(result.plan.competitors.length, 'competitor')}, ${plural(result.trials.length, 'trial')}, ${duration(result.seconds)}. Made by thalweg ${result.machine.versions.thalweg ?? ''}.</footer>
</div>
<script>${new Html(script)}</script>
</body>
</html>
`;
  return page.text;
}
