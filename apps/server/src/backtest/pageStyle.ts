/** The style of a report's page: one column on a phone, both themes, nothing loaded. */
export const pageStyle = `
:root{--ink:#1b1f24;--soft:#5a6472;--line:#d9dee5;--ground:#f6f7f9;--card:#fff;--good:#1a7f4b;--goodbg:#e3f4ea;--bad:#b42318;--badbg:#fde7e4;--high:#c2610c;--lower:#7a8699;--time:#3b6fd1}
@media (prefers-color-scheme:dark){:root{--ink:#e7eaef;--soft:#9aa5b4;--line:#2e3641;--ground:#11151a;--card:#191f27;--good:#5fd18f;--goodbg:#143324;--bad:#ff8a7d;--badbg:#41191a;--high:#f0a35a;--lower:#7f8ba0;--time:#7aa5f5}}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
header,main,footer{max-width:1120px;margin:0 auto;padding:0 20px}
header{padding-top:32px}
h1{font-size:28px;line-height:1.2;margin:0}
header p{margin:4px 0 20px;color:var(--soft)}
h2{font-size:16px;margin:0 0 12px}
section{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:18px 20px;margin:0 0 16px}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));gap:16px}
.tile{display:flex;flex-direction:column}
.label,.note,.interval,.key{color:var(--soft);font-size:13px}
.tile .value{font-size:26px;font-weight:600;line-height:1.25;font-variant-numeric:tabular-nums}
.matrices{display:grid;grid-template-columns:repeat(auto-fit,minmax(280px,1fr));gap:20px}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
th,td{padding:6px 10px;text-align:right;border-bottom:1px solid var(--line);vertical-align:top;white-space:nowrap}
thead th,thead td{color:var(--soft);font-weight:500;font-size:13px}
tbody th{text-align:left;font-weight:500}
tbody tr:last-child>*{border-bottom:0}
.scroll tbody th{position:sticky;left:0;background:var(--card)}
tr.union th,tr.paging th,tr.gate th{font-weight:650}
tr.gate>*{border-bottom:2px solid var(--line)}
.matrix caption{text-align:left;font-weight:600;padding:0 0 6px}
.matrix{table-layout:fixed}
.matrix td{text-align:center}
.matrix th:first-child,.matrix td:first-child{width:84px;padding-left:0}
.matrix thead th{text-align:center}
.matrix .good,.matrix .bad,.matrix .na{font-size:19px;font-weight:600;border:3px solid var(--card);border-radius:8px}
.matrix .good{background:var(--goodbg);color:var(--good)}
.matrix .bad{background:var(--badbg);color:var(--bad)}
.matrix .na{color:var(--soft);background:var(--ground)}
.matrix .none{color:var(--soft);background:var(--ground)}
.scroll{overflow-x:auto;margin:0 -20px;padding:0 20px}
.figure{display:block;font-weight:550}
.interval{display:block;font-size:12px}
.dash{color:var(--soft)}
.list td{text-align:left}
.list th{text-align:left}
.list .reason{white-space:normal;min-width:260px}
code{font:13px ui-monospace,SFMono-Regular,Menlo,monospace;overflow-wrap:anywhere}
ul{margin:0;padding-left:20px}
.warn{background:var(--badbg);color:var(--bad);border-radius:10px;padding:12px 20px}
svg{display:block;width:100%;height:auto}
svg text{fill:var(--soft);font:11px system-ui,sans-serif}
svg .axis{stroke:var(--soft)}svg .grid{stroke:var(--line)}
svg .mark{stroke:var(--ink);stroke-dasharray:3 3}
svg .critical{fill:var(--bad)}svg .high{fill:var(--high)}svg .lower{fill:var(--lower)}svg .time{fill:var(--time)}
svg.rate{width:96px;margin:2px 0 2px auto}
svg.rate .base{stroke:var(--line);stroke-width:2}svg.rate .span{stroke:var(--time);stroke-width:4;stroke-linecap:round}svg.rate circle{fill:var(--ink)}
.key span{display:inline-block;width:10px;height:10px;border-radius:2px;margin:0 4px 0 10px}
.key .critical{background:var(--bad)}.key .high{background:var(--high)}.key .lower{background:var(--lower)}
footer{color:var(--soft);font-size:12px;padding-bottom:32px}
footer p{margin:4px 0;overflow-wrap:anywhere}
@media (max-width:560px){header,main,footer{padding-left:12px;padding-right:12px}section{padding:14px 14px}.scroll{margin:0 -14px;padding:0 14px}h1{font-size:24px}.tiles{grid-template-columns:repeat(2,1fr);gap:12px}.tile .value{font-size:22px}.matrices{grid-template-columns:1fr}.scroll tbody th{white-space:normal;min-width:112px;max-width:132px}th,td{padding:6px 8px}svg text{font-size:19px}.list,.list tbody{display:block}.list thead{display:none}.list tr{display:grid;grid-template-columns:1fr auto;gap:2px 10px;padding:10px 0;border-bottom:1px solid var(--line)}.list tr:last-child{border-bottom:0}.list td{border:0;padding:0;white-space:normal;overflow-wrap:anywhere}.list td:nth-child(n+3){grid-column:1/-1}.list td:nth-child(3){color:var(--soft);font-size:13px}.list .reason{min-width:0}}
`.trim();
