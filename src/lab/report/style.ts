import { paletteSize } from './draw.ts';

const light = [
  '#2f6bde',
  '#d9660b',
  '#16906a',
  '#c2348f',
  '#7b4fd6',
  '#0f92b3',
  '#85563a',
  '#cf3f3f',
  '#6a7480',
  '#6c9021',
];
const dark = [
  '#78a6ff',
  '#ff9f57',
  '#46cb9b',
  '#f184c9',
  '#b59bff',
  '#4cc8e4',
  '#d8ad8f',
  '#ff8585',
  '#a9b4c0',
  '#abcb5c',
];

const variables = (colors: readonly string[]): string =>
  colors
    .slice(0, paletteSize)
    .map((color, i) => `--c${i}:${color};`)
    .join('');

/** The style sheet of the report. No fonts, no images: nothing is loaded. */
export const style = `
:root{color-scheme:light dark;--page:#f6f7f9;--card:#fff;--ink:#17202b;--soft:#5b6775;--line:#e2e6eb;--accent:#1c5fd4;--mark:#eef3fd;${variables(light)}}
@media (prefers-color-scheme:dark){:root{--page:#0f141a;--card:#171e26;--ink:#e5eaf0;--soft:#95a2b0;--line:#28323d;--accent:#7fabff;--mark:#1b2839;${variables(dark)}}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--ink);font:15px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;-webkit-text-size-adjust:100%}
main{max-width:1120px;margin:0 auto;padding:28px 20px 64px}
header{margin-bottom:22px}
.brand{display:flex;align-items:center;gap:9px;color:var(--soft);font-size:13px;letter-spacing:.02em}
.brand svg{display:block}
h1{font-size:clamp(21px,3.4vw,31px);line-height:1.22;letter-spacing:-.015em;margin:14px 0 8px;font-weight:680;text-wrap:balance}
.lead{color:var(--soft);margin:0;max-width:78ch}
.banner{border:1px solid var(--c1);border-left-width:5px;border-radius:8px;padding:10px 14px;margin:16px 0 0;background:var(--card)}
section{background:var(--card);border:1px solid var(--line);border-radius:12px;padding:18px 20px 16px;margin:16px 0}
h2{font-size:16.5px;margin:0 0 2px;letter-spacing:-.005em;font-weight:650}
h3{font-size:13.5px;margin:0;font-weight:620}
.note{color:var(--soft);font-size:13px;margin:0 0 12px;max-width:88ch}
.scroll{overflow-x:auto;margin:0 -20px;padding:0 20px}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums;font-size:14px}
th{font-weight:550;color:var(--soft);font-size:12.5px;text-align:right;vertical-align:bottom;padding:6px 10px 7px;border-bottom:1px solid var(--line);line-height:1.3}
td{padding:8px 10px;text-align:right;border-bottom:1px solid var(--line);white-space:nowrap}
tr:last-child td{border-bottom:0}
th.l,td.l{text-align:left}
td:first-child,th:first-child{padding-left:0}
td:last-child,th:last-child{padding-right:0}
tr.first td.name{font-weight:650}
.rank{color:var(--soft);min-width:2.2em}
tr.first .rank{color:var(--ink);font-weight:650}
.pm{color:var(--soft);font-size:12.5px}
.remark{display:block;color:var(--soft);font-size:12px;font-weight:400;white-space:normal}.space{white-space:normal;min-width:290px}
.swatch{display:inline-block;width:10px;height:10px;border-radius:3px;margin-right:8px;vertical-align:0}
.legend{display:flex;flex-wrap:wrap;gap:4px 16px;font-size:13px;margin:2px 0 10px;padding:0;list-style:none}
.two{display:grid;grid-template-columns:1fr 1fr;gap:22px}
.two>*{min-width:0}
.many{display:grid;grid-template-columns:repeat(auto-fill,minmax(215px,1fr));gap:16px 18px}
.many .note{margin:0 0 2px;font-size:12.5px}
figure{margin:0}
svg{max-width:100%;height:auto;display:block}
.narrow{display:none}
.range{display:inline-block;position:relative;width:60px;height:4px;border-radius:2px;background:var(--line);vertical-align:middle;margin-left:8px}
.range i{position:absolute;top:-3px;width:10px;height:10px;margin-left:-5px;border-radius:50%;border:2px solid var(--card)}
.edge{color:var(--c1);font-size:12px}
dl{display:grid;grid-template-columns:max-content 1fr;gap:5px 20px;margin:0;font-size:14px}
dt{color:var(--soft)}
dd{margin:0;overflow-wrap:anywhere}
pre{background:var(--mark);border-radius:8px;padding:10px 13px;overflow-x:auto;font:13px/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;margin:6px 0 0}
code{font:13px ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
a{color:var(--accent)}
details summary{cursor:pointer;font-weight:620;font-size:14px}
details table{font-size:12.5px;margin-top:8px}
details td,details th{padding:4px 9px}
footer{color:var(--soft);font-size:13px;margin-top:22px}
@media (max-width:760px){
main{padding:18px 12px 48px}section{padding:15px 14px 12px;border-radius:10px}.scroll{margin:0 -14px;padding:0 14px}
.two{grid-template-columns:1fr}.wide{display:none}.narrow{display:block}dl{grid-template-columns:1fr;gap:0}dd{margin-bottom:8px}
.many{grid-template-columns:repeat(auto-fill,minmax(150px,1fr));gap:14px 10px}
td.name{position:sticky;left:-14px;background:var(--card);padding-left:14px;margin-left:-14px}
}
@media print{body{background:#fff}section{break-inside:avoid}}
`;
