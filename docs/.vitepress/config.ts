import { readFileSync } from 'node:fs';
import katex from 'katex';
import { defineConfig } from 'vitepress';

/** One display line of LaTeX. Where it breaks well, at \qquad, its parts may stand one above the other on a narrow screen. */
function equation(tex: string): string {
  const render = (part: string) =>
    katex.renderToString(part, { displayMode: true, throwOnError: true, strict: 'error' });
  const parts = tex.split('\\qquad');
  try {
    return parts.map(render).join('');
  } catch {
    // Not every \qquad stands at the top level.
    return render(tex);
  }
}

const icon =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'%3E%3Cpath d='M3 5q7 20 13 20T29 5' fill='none' stroke='%23586fd1' stroke-width='4' stroke-linecap='round'/%3E%3Ccircle cx='16' cy='24' r='4' fill='%23586fd1'/%3E%3C/svg%3E";

const sidebar = JSON.parse(readFileSync(new URL('./sidebar.json', import.meta.url), 'utf8'));

const reference = [
  { text: 'Methods', link: '/methods/' },
  { text: 'Disagreements', link: '/disagreements' },
  { text: 'Memory', link: '/memory' },
  { text: 'Zoo', link: '/zoo' },
  { text: 'Performance', link: '/performance' },
];
const lab = [
  { text: 'Races', link: '/races' },
  { text: 'Protocols and tuners', link: '/protocols' },
  { text: 'The lab', link: '/lab' },
  { text: 'Four tasks', link: '/races/four-tasks' },
  { text: 'Clusters', link: '/clusters' },
];
const guide = [
  { text: 'README', link: '/guide/readme' },
  { text: 'Architecture', link: '/guide/architecture' },
  { text: 'Contributing', link: '/guide/contributing' },
];

export default defineConfig({
  title: 'Thalweg',
  description: 'The optimization algorithms that train machine-learning models: exact, measured, compared',
  lang: 'en',
  head: [['link', { rel: 'icon', href: icon }]],
  themeConfig: {
    nav: [...reference, { text: 'Lab', items: lab }, { text: 'Guide', items: guide }],
    sidebar: [
      { items: reference },
      { text: 'Lab', items: lab },
      // Too long to be open as a whole.
      ...sidebar.map((group: object) => ({ ...group, collapsed: true })),
      { text: 'Guide', items: guide },
    ],
    outline: [2, 3],
    socialLinks: [],
    search: {
      provider: 'local',
      // The text of equations is no help in a search.
      options: { _render: (source, env, md) => md.render(source.replaceAll(/```math[\s\S]*?```/g, ''), env) },
    },
  },
  // The reports and trials of races are copied beside the pages (scripts/write-docs.ts), which then checks all links again.
  ignoreDeadLinks: [/^\.\/[\w-]+-report$/, /^\.\/[\w-]+\.(html|csv|json)$/],
  // The index of the search is one large chunk, which is loaded when someone searches.
  vite: { build: { chunkSizeWarningLimit: 4000 } },
  markdown: {
    // Names of files are no links, and what stands in braces is no attribute.
    linkify: false,
    attrs: false,
    config(md) {
      const fence = md.renderer.rules.fence;
      md.renderer.rules.fence = (tokens, index, ...rest) => {
        const { info, content } = tokens[index];
        if (info.trim() !== 'math') return fence?.(tokens, index, ...rest) ?? '';
        return `<div class="equation" v-pre>${equation(content)}</div>\n`;
      };
    },
  },
});
