/** The page's style: light and dark by the reader's setting, from 320 pixels on. Nothing is loaded from elsewhere. */
export const style = `
:root{color-scheme:light dark;--ground:#f4f5f7;--card:#fff;--ink:#14171f;--soft:#5b6475;--faint:#8a93a3;--line:#e1e4ea;--code:#f0f2f5;
--red:#b3261e;--redbg:#fdecea;--amber:#8a5300;--amberbg:#fff3dc;--green:#1a6b3c;--greenbg:#e4f5ea;--blue:#1f5fae;--bluebg:#e6f0fc;--violet:#6a3fb5;--violetbg:#f0eafc}
@media (prefers-color-scheme:dark){:root{--ground:#0f1218;--card:#181c25;--ink:#e9ecf2;--soft:#a3acbc;--faint:#788193;--line:#2b313d;--code:#212734;
--red:#ff8a80;--redbg:#3a1a1b;--amber:#ffc46b;--amberbg:#35270f;--green:#7fdca4;--greenbg:#132c1d;--blue:#8dbdff;--bluebg:#15263d;--violet:#c3a6ff;--violetbg:#271d3d}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;background:var(--ground);color:var(--ink);font:15px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,Helvetica,Arial,sans-serif;overflow-wrap:anywhere}
main,header,footer{max-width:1120px;margin:0 auto;padding:0 24px}
header{padding-top:36px;padding-bottom:8px}
.kicker{display:flex;flex-wrap:wrap;gap:6px 14px;align-items:center;color:var(--soft);font-size:13px}
h1{font-size:clamp(20px,2.6vw,29px);line-height:1.32;font-weight:640;letter-spacing:-.012em;margin:16px 0 18px;max-width:34em}
h2{font-size:17px;font-weight:640;margin:0 0 4px}
h2+.lead{color:var(--soft);font-size:13.5px;margin:0 0 16px}
h2:last-child{margin-bottom:0}
section{background:var(--card);border:1px solid var(--line);border-radius:14px;padding:22px 24px;margin:0 0 18px}
.pair{display:grid;grid-template-columns:1fr 1fr;gap:18px}
.pair>section{min-width:0}
.chip{display:inline-block;border-radius:999px;padding:2px 11px;font-size:12.5px;font-weight:620;max-width:100%}
.attack,.victim,.certain,.critical,.high{color:var(--red);background:var(--redbg)}
.suspicious,.likely,.recipient,.medium{color:var(--amber);background:var(--amberbg)}
.ordinary,.supply{color:var(--green);background:var(--greenbg)}
.lender,.possible,.low,.info{color:var(--blue);background:var(--bluebg)}
.pool,.token{color:var(--violet);background:var(--violetbg)}
.actor,.counterparty{color:var(--ink);background:var(--code)}
.facts{display:grid;grid-template-columns:repeat(6,1fr);gap:14px 22px;margin:0 0 22px;padding:16px 0 0;border-top:1px solid var(--line)}
.facts div{min-width:0}
.facts .full{grid-column:span 2}
.facts dt,.key{color:var(--soft);font-size:12.5px}
.facts dd{margin:1px 0 0;font-weight:560;font-variant-numeric:tabular-nums}
code,.mono{font:12.5px/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
.facts code{font-weight:400}
.cause{border-left:4px solid var(--red);padding:2px 0 2px 16px;margin:0}
.cause p{margin:4px 0 0}
.cause .where{color:var(--soft);font-size:13.5px}
.graph{display:block;width:100%;height:auto;margin-top:6px}
.graph.narrow{display:none}
.graph text{font:13px system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;fill:var(--ink)}
.graph .amount{font-size:12.5px;font-variant-numeric:tabular-nums}
.graph .role{font-size:11.5px;fill:var(--soft)}
.graph .strong{font-weight:640}
.graph .box{fill:var(--code);stroke:var(--line)}
.graph .box.victim{fill:var(--redbg);stroke:var(--red)}
.graph .box.lender{fill:var(--bluebg);stroke:var(--blue)}
.graph .box.pool,.graph .box.token{fill:var(--violetbg);stroke:var(--violet)}
.graph .box.recipient{fill:var(--amberbg);stroke:var(--amber)}
.graph .box.supply{fill:var(--greenbg);stroke:var(--green)}
.graph .box.actor{fill:var(--ink);stroke:none}
.graph text.onactor{fill:var(--card)}
.graph .edge{stroke:var(--soft);stroke-width:1.6;fill:none}
.graph .edge.gain{stroke:var(--red)}
.graph .tip{fill:var(--soft)}
.graph .tip.gain{fill:var(--red)}
.between{color:var(--soft);font-size:13px;margin:12px 0 0;padding:0;list-style:none}
.evidence{margin:0;padding:0;list-style:none}
.evidence>li{padding:14px 0;border-top:1px solid var(--line)}
.evidence>li:first-child{border-top:0;padding-top:6px}
.evidence>li:last-child{padding-bottom:0}
.evidence h3{display:flex;flex-wrap:wrap;gap:4px 10px;align-items:center;font-size:15px;font-weight:600;margin:0 0 4px}
.evidence ul{margin:0;padding:0 0 0 18px;color:var(--soft);font-size:13.5px}
.evidence p{margin:0;color:var(--soft);font-size:13.5px}
a.at{color:var(--blue);text-decoration:none;font-variant-numeric:tabular-nums;white-space:nowrap}
a.at:hover{text-decoration:underline}
.line{list-style:none;margin:8px 0 0;padding:0;position:relative}
.line::before{content:"";position:absolute;left:5px;top:10px;bottom:10px;width:2px;background:var(--line)}
.line li{position:relative;padding:5px 0 5px 28px}
.line li::before{content:"";position:absolute;left:0;top:12px;width:12px;height:12px;border-radius:50%;background:var(--card);border:3px solid var(--faint)}
.line .loan::before{border-color:var(--blue)}
.line .swap::before,.line .oracle::before{border-color:var(--violet)}
.line .reentry::before,.line .control::before,.line .approval::before{border-color:var(--red)}
.line .transfer::before{border-color:var(--amber)}
.line .create::before,.line .begin::before{border-color:var(--ink)}
.line .key{margin-left:8px}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
th,td{padding:9px 14px 9px 0;text-align:left;border-top:1px solid var(--line);vertical-align:top}
thead th{border-top:0;color:var(--soft);font-weight:500;font-size:12.5px;padding-top:0}
td.number,th.number{text-align:right;padding-right:0}
.gain{color:var(--green)}
.loss{color:var(--red)}
.amounts{display:block}
.muted{color:var(--soft);font-size:13px}
.tree,.tree ul{list-style:none;margin:0;padding:0}
.tree ul{padding-left:15px;margin-left:6px;border-left:1px solid var(--line)}
.tree li{padding:1px 0}
.tree summary,.call{padding:3px 8px;border-radius:7px;margin-left:-8px}
.tree summary{cursor:pointer;list-style-position:outside}
.tree details>summary{list-style:none}
.tree details>summary::-webkit-details-marker{display:none}
.tree details>summary .no::before{content:"▸ ";color:var(--faint)}
.tree details[open]>summary .no::before{content:"▾ "}
.call .no::before{content:"· ";color:var(--faint)}
.tree summary:hover,.call:hover,.tree :target>summary,.tree :target.call,li:target>.call,li:target>details>summary{background:var(--code)}
.no{color:var(--faint);font-size:12px;font-variant-numeric:tabular-nums;margin-right:6px}
.kind{color:var(--soft);font-size:11.5px;letter-spacing:.03em}
.fn{font-weight:560}
.failed .fn{color:var(--red)}
.detail{color:var(--soft);font-size:12.5px;padding:2px 8px 4px 18px}
.detail div{margin:1px 0}
.event{color:var(--violet)}
details.block{border-top:1px solid var(--line);padding:9px 0}
details.block:first-of-type{border-top:0}
details.block>summary{cursor:pointer}
details.block>summary::marker{color:var(--faint)}
.slots{margin:8px 0 0}
.slots td,.slots th{font-size:12.5px}
.stack{font-size:12.5px}
footer{color:var(--soft);font-size:12.5px;padding-bottom:44px}
footer ul{padding-left:18px;margin:6px 0}
@media (max-width:820px){.facts{grid-template-columns:repeat(4,1fr)}.pair{grid-template-columns:1fr;gap:0}}
@media (max-width:640px){
main,header,footer{padding-left:14px;padding-right:14px}
header{padding-top:22px}
section{padding:17px 16px;border-radius:12px;margin-bottom:12px}
.graph.wide{display:none}.graph.narrow{display:block}
.facts{grid-template-columns:1fr 1fr}.facts .half{grid-column:1/-1}
.facts .full{grid-column:1/-1}
thead{display:none}
table,tbody,tr,td,th{display:block;width:100%}
tr{padding:10px 0;border-top:1px solid var(--line)}
tbody tr:first-child{border-top:0;padding-top:0}
td,th,td.number{border:0;padding:2px 0;text-align:left}
td[data-label]::before{content:attr(data-label);display:inline-block;min-width:7.2em;color:var(--soft);font-size:12.5px;vertical-align:top}
td[data-label]>.amounts,td[data-label]>code{display:inline-block;max-width:calc(100% - 7.6em);vertical-align:top}
.tree ul{padding-left:9px;margin-left:3px}
}
@media print{body{background:#fff}section{break-inside:avoid}}
`;
