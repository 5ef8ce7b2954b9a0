import { style } from '../../src/lab/report/style.ts';

/** The style sheet of the race's report and what the benchmark's page needs beyond it. */
export const benchStyle = `${style}
:root{--good:#1a9a5c;--bad:#d64545}
@media (prefers-color-scheme:dark){:root{--good:#2fae72;--bad:#e05a5a}}
main{max-width:1120px;margin:0 auto;padding:28px 20px 64px}
section{background:var(--card);border:1px solid var(--line);border-radius:12px;padding:18px 20px 16px;margin:16px 0}
h2{font-size:16.5px}
.two{display:grid;grid-template-columns:minmax(0,1fr) minmax(0,1fr);gap:22px}
@media (max-width:760px){main{padding:18px 12px 48px}.two{grid-template-columns:minmax(0,1fr)}}
.heat td,.heat th{padding:5px 8px}
.heat td{border-bottom:2px solid var(--card)}
.heat td.name{white-space:normal;min-width:150px;max-width:330px}
.none{color:var(--soft)}
.differs{color:var(--bad);margin-left:3px}
.met{color:var(--good);font-weight:650}
.unmet{color:var(--bad);font-weight:650}
td.wrap{white-space:normal}
td.verdict{width:5.5em;vertical-align:top;font-size:13px}
td .remark{font-size:13px}
.two h3{margin-top:10px}
`;
