import { paletteSize } from './draw.ts';

/** Colours of the page by what they are for; style.test.ts checks their contrast. */
export interface Theme {
  readonly page: string;
  readonly card: string;
  readonly ink: string;
  readonly soft: string;
  readonly line: string;
  readonly accent: string;
  readonly warn: string;
  readonly mark: string;
  /** Of competitors. */
  readonly palette: readonly string[];
}

export const light: Theme = {
  page: '#f6f7f9',
  card: '#ffffff',
  ink: '#17202b',
  soft: '#5b6775',
  line: '#e2e6eb',
  accent: '#1c5fd4',
  warn: '#a8480a',
  mark: '#eef3fd',
  palette: [
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
  ],
};

export const dark: Theme = {
  page: '#0f141a',
  card: '#171e26',
  ink: '#e5eaf0',
  soft: '#9aa7b5',
  line: '#28323d',
  accent: '#7fabff',
  warn: '#ffab6b',
  mark: '#1b2839',
  palette: [
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
  ],
};

const variables = ({ palette, ...colors }: Theme): string =>
  [
    ...Object.entries(colors).map(([name, color]) => `--${name}:${color}`),
    ...palette.slice(0, paletteSize).map((color, i) => `--c${i}:${color}`),
  ].join(';');

/** The style sheet of the report. No fonts, no images: nothing is loaded. */
export const style = `
:root{color-scheme:light dark;${variables(light)}}
@media screen and (prefers-color-scheme:dark){:root{${variables(dark)}}}
*{box-sizing:border-box}
html{scroll-behavior:smooth;scroll-padding-top:56px}
body{margin:0;background:var(--page);color:var(--ink);font:15px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;-webkit-text-size-adjust:100%}
.page{max-width:1160px;margin:0 auto;padding:28px 20px 64px}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px;border-radius:3px}
.skip{position:absolute;left:-999px;top:0;padding:8px 14px;background:var(--card);z-index:3}
.skip:focus{left:8px;top:8px}
.sr,caption{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.brand{display:flex;align-items:center;gap:9px;color:var(--soft);font-size:13px;letter-spacing:.02em;margin:0;overflow-wrap:anywhere}
.brand svg{display:block;flex:none}
h1{font-size:clamp(21px,3.4vw,31px);line-height:1.22;letter-spacing:-.015em;margin:14px 0 8px;font-weight:680;text-wrap:balance;overflow-wrap:anywhere}
.basis{font-size:16px;margin:0 0 12px;max-width:86ch}
.lead{color:var(--soft);margin:0;max-width:86ch;overflow-wrap:anywhere}
.lead strong{color:var(--ink);font-weight:620}
.facts{color:var(--soft);font-size:13px;margin:10px 0 0}
.banner{border:1px solid var(--warn);border-left-width:5px;border-radius:8px;padding:10px 14px;margin:0 0 14px;background:var(--card)}
.copyable{display:flex;flex-wrap:wrap;align-items:center;gap:8px 12px;margin:14px 0 0}
.copyable pre{flex:1 1 320px;min-width:0;margin:0;max-height:420px}
.copyable [role=status]{font-size:13px;color:var(--soft)}
.copyable [role=status]:empty{display:none}
button{font:inherit;font-size:14px;font-weight:560;color:var(--card);background:var(--accent);border:0;border-radius:8px;padding:8px 14px;cursor:pointer}
button:hover{filter:brightness(1.08)}
nav{position:sticky;top:0;z-index:2;margin:20px -20px 0;padding:0 20px;background:var(--page);border-bottom:1px solid var(--line)}
nav ul{display:flex;flex-wrap:wrap;gap:2px 20px;list-style:none;margin:0;padding:9px 0}
nav a{color:var(--soft);text-decoration:none;font-size:14px;font-weight:540;display:inline-block;padding:2px 0;overflow-wrap:anywhere}
nav a:hover{color:var(--ink);text-decoration:underline}
section{margin:34px 0 0}
.cards{display:grid;grid-template-columns:minmax(0,1fr) minmax(0,1fr);gap:16px;margin-top:14px}
.card{background:var(--card);border:1px solid var(--line);border-radius:12px;padding:16px 20px 14px;min-width:0}
.full{grid-column:1/-1}
h2{font-size:21px;margin:0 0 4px;letter-spacing:-.01em;font-weight:670;overflow-wrap:anywhere}
h3{font-size:16px;margin:0 0 2px;letter-spacing:-.005em;font-weight:650;overflow-wrap:anywhere}
h4{font-size:14px;margin:12px 0 8px;font-weight:620}
.headlines{margin:6px 0 0;padding-left:20px;max-width:100ch}
.note{color:var(--soft);font-size:13px;line-height:1.5;margin:0 0 12px;max-width:92ch;overflow-wrap:anywhere}
.scroll{overflow-x:auto;margin:0 -20px;padding:0 20px}
.scroll:focus-visible{outline-offset:-2px}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums;font-size:14px}
thead th{font-weight:550;color:var(--soft);font-size:12.5px;text-align:right;vertical-align:bottom;padding:6px 10px 7px;border-bottom:1px solid var(--line);line-height:1.3}
td,tbody th{padding:8px 10px;text-align:right;border-bottom:1px solid var(--line);white-space:nowrap;font-weight:400}
tbody tr:last-child>*{border-bottom:0}
thead th.l,td.l,tbody th.l{text-align:left}
tr>:first-child{padding-left:0}
tr>:last-child{padding-right:0}
tr.first th.name{font-weight:650}
td.wrap{white-space:normal;min-width:240px;overflow-wrap:anywhere}
td.bars{width:50%;min-width:120px}
.bar{display:block;height:9px;border-radius:3px;background:var(--c0);min-width:2px}
.rank{color:var(--soft);width:2.6em}
tr.first .rank{color:var(--ink);font-weight:650}
.pm{color:var(--soft);font-size:12.5px;font-weight:400}
.whole{white-space:nowrap}
.remark{display:block;color:var(--soft);font-size:12px;font-weight:400;white-space:normal}
.swatch{display:inline-block;width:10px;height:10px;border-radius:3px;margin-right:8px}
.setting{display:inline-block;margin:1px 22px 1px 0;white-space:nowrap}
.setting strong{font-weight:620}
.three{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(290px,100%),1fr));gap:14px 22px;margin-bottom:10px}
.three .plot{width:100%;max-width:420px}
.many{display:grid;grid-template-columns:repeat(auto-fill,minmax(190px,1fr));gap:14px 18px;list-style:none;margin:0 0 12px;padding:0}
.many li{min-width:0;display:flex;flex-direction:column}
.many svg{margin-top:auto}
.many svg{width:100%;max-width:230px}
.title{font-size:13px;font-weight:600;overflow-wrap:anywhere}
figure{margin:0}
.plot{display:block;height:auto;max-width:100%}
.plot text{white-space:pre}
.narrow{display:none}
.range{display:inline-block;position:relative;width:60px;height:4px;border-radius:2px;background:var(--line);vertical-align:middle;margin-left:8px}
.range i{position:absolute;top:-3px;width:10px;height:10px;margin-left:-5px;border-radius:50%;border:2px solid var(--card)}
.edge{color:var(--warn);font-size:12px}
dl{display:grid;grid-template-columns:max-content minmax(0,1fr);gap:5px 20px;margin:6px 0 0;font-size:14px}
dt{color:var(--soft)}
dd{margin:0;overflow-wrap:anywhere;max-width:100ch}
pre{background:var(--mark);border-radius:8px;padding:9px 13px;overflow:auto;font:13px/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;white-space:pre-wrap;overflow-wrap:anywhere}
code{font:13px ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;overflow-wrap:anywhere}
a{color:var(--accent)}
details{margin:8px 0 0}
summary{cursor:pointer;font-weight:560;font-size:13.5px;color:var(--soft);width:fit-content;padding:2px 0}
summary:hover{color:var(--ink)}
details[open]>summary{margin-bottom:8px}
details table{font-size:12.5px}
details td,details tbody th,details thead th{padding:4px 9px}
footer{color:var(--soft);font-size:13px;margin-top:28px}
@media (max-width:1020px){.cards{grid-template-columns:minmax(0,1fr)}}
@media (max-width:580px){
.page{padding:18px 12px 48px}nav{position:static;margin:16px 0 0;padding:0}html{scroll-padding-top:8px}
.card{padding:14px 14px 12px;border-radius:10px}.scroll{margin:0 -14px;padding:0 14px}
.wide{display:none}.narrow{display:block}.narrow .plot{width:100%;max-width:420px}
dl{grid-template-columns:minmax(0,1fr);gap:0}dd{margin-bottom:8px}
.many{grid-template-columns:repeat(auto-fill,minmax(142px,1fr));gap:12px 10px}.headlines{padding-left:16px}
tbody th.name{white-space:normal;min-width:124px;max-width:150px;overflow-wrap:break-word}
}
@media (prefers-reduced-motion:reduce){html{scroll-behavior:auto}}
@media print{
:root{color-scheme:light}body{background:#fff;font-size:12px}.page{max-width:none;padding:0}nav,.skip,button{display:none}
.card{break-inside:avoid;border-color:#ccc}.card.full{break-inside:auto}h2,h3{break-after:avoid}.scroll{overflow:visible}
table{font-size:10.5px}thead th{font-size:9.5px}.pm,.remark,.edge{font-size:9px}td,tbody th,thead th{padding:4px 5px}
.wide{display:block}.narrow{display:none}pre{max-height:none}
}
`;
