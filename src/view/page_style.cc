#include "view/page.h"

namespace davy::view {

std::string_view style_sheet() {
  return R"css(
:root{color-scheme:light dark;--paper:#fbfaf8;--card:#fff;--ink:#1d2129;--soft:#5f6773;--line:#e3e1dc;--new:#c2570c;
--old:#5b7086;--good:#2f7d4f;--bad:#b3261e;--warn:#946200;--goodbg:#e5f2ea;--badbg:#fbe9e7;--warnbg:#fbf1d9}
@media(prefers-color-scheme:dark){:root{--paper:#14161a;--card:#1b1e24;--ink:#e8e6e1;--soft:#9aa2ad;--line:#2f343c;
--new:#f59a4a;--old:#8fa6bf;--good:#6cc08b;--bad:#f2827a;--warn:#e0b04c;--goodbg:#1d3327;--badbg:#3a2021;
--warnbg:#362c16}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);
font:15px/1.5 system-ui,-apple-system,"Segoe UI","DejaVu Sans",sans-serif}
main{max-width:1120px;margin:0 auto;padding:36px 24px 72px}
h1{font-size:28px;line-height:1.2;margin:0 0 6px;letter-spacing:-.01em}
h1 .to{color:var(--soft);font-weight:400;padding:0 .1em}
h2{font-size:17px;margin:40px 0 10px}
h3{font-size:13px;font-weight:600;margin:0 0 4px}
.over{color:var(--soft);font-size:13px;margin:0 0 10px}
.badge{display:inline-block;vertical-align:middle;font-size:13px;font-weight:600;padding:3px 10px;border-radius:99px;
margin-left:10px;letter-spacing:0}
.good{color:var(--good);background:var(--goodbg)}.bad{color:var(--bad);background:var(--badbg)}
.warn{color:var(--warn);background:var(--warnbg)}
.lead{font-size:17px;line-height:1.45;margin:8px 0 0;max-width:85ch;overflow-wrap:anywhere}
.next{margin:8px 0 0}
code,pre,.mono{font-family:ui-monospace,SFMono-Regular,Menlo,"DejaVu Sans Mono",monospace;font-size:12.5px}
.next code{white-space:pre-wrap;background:var(--card);border:1px solid var(--line);border-radius:6px;padding:4px 9px}
dl{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));gap:14px 24px;margin:24px 0 0;
padding:16px 0;border-top:1px solid var(--line);border-bottom:1px solid var(--line)}
dt{color:var(--soft);font-size:12px}dd{margin:0;font-size:14px;overflow-wrap:anywhere}
.card{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:14px 16px}
.charts{display:grid;grid-template-columns:1fr 1fr;gap:16px}
@media(max-width:820px){.charts{grid-template-columns:1fr}}
.on-narrow{display:none}.inside{fill:var(--card);font-size:11px}
svg{display:block;width:100%;height:auto;font-family:inherit}
text{fill:var(--ink);font-size:12px}.tick,.unit{fill:var(--soft);font-size:11px}
.grid{stroke:var(--line)}.new{stroke:var(--new);fill:none;stroke-width:2;stroke-linejoin:round}
.old{stroke:var(--old);fill:none;stroke-width:1.75;stroke-linejoin:round}
.dot.new{fill:var(--new);stroke:none}.dot.old{fill:var(--old);stroke:none}
path{stroke-linecap:round}.area{fill:var(--new);opacity:.16}.limit{stroke:var(--bad);stroke-dasharray:5 4}
.limittext{fill:var(--bad);font-size:11px}.limittext,.row{paint-order:stroke;stroke:var(--card);stroke-width:3px}
.verdict{stroke:var(--bad);opacity:.75}.flag{fill:var(--bad)}
.flagtext{fill:var(--card);font-size:11px;font-weight:600}
.b-ok{fill:var(--good)}.b-failed{fill:var(--bad)}.b-stopped{fill:var(--soft)}.b-undo{fill:var(--warn)}
.b-open{fill:var(--new)}.b-hold{fill:var(--warn);opacity:.16}
.b-aside{fill:var(--new);opacity:.14}.b-page{fill:var(--soft);opacity:.2}
.row{fill:var(--ink)}.quiet{fill:var(--soft)}.stripe{fill:var(--ink);opacity:.035}
.key{color:var(--soft);font-size:12.5px;margin:8px 0 0;display:flex;flex-wrap:wrap;gap:4px 18px}
.key i{display:inline-block;width:14px;height:10px;border-radius:2px;margin-right:6px}
.i-new{background:var(--new)}.i-old{background:var(--old)}.i-ok{background:var(--good)}
.i-failed{background:var(--bad)}.i-stopped{background:var(--soft)}.i-undo{background:var(--warn)}
.i-open{background:var(--new)}.i-hold{background:var(--warn);opacity:.3}
.i-aside{background:var(--new);opacity:.3}.i-page{background:var(--soft);opacity:.35}
.scroll{overflow-x:auto;background:linear-gradient(90deg,transparent,var(--paper) 60%) right/36px 100% no-repeat local,
linear-gradient(270deg,var(--line),transparent) right/18px 100% no-repeat scroll}.scroll table{min-width:600px}
.scroll td:first-child{min-width:11em}svg.bar{width:100px;height:8px;margin-top:6px}table{border-collapse:collapse;width:100%;font-size:13.5px}
th{text-align:left;color:var(--soft);font-weight:500;font-size:12px;padding:6px 12px 6px 0;
border-bottom:1px solid var(--line)}
td{padding:7px 12px 7px 0;border-bottom:1px solid var(--line);vertical-align:top;overflow-wrap:anywhere}
td.n,th.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}tr.quiet td{color:var(--soft)}
.s-done{color:var(--good)}.s-failed{color:var(--bad)}.s-undone,.s-undoing,.s-retrying,.s-skipped{color:var(--warn)}
.s-running{color:var(--new)}.st{white-space:nowrap}
.small{color:var(--soft);font-size:12.5px}
pre{margin:6px 0 0;padding:8px 10px;background:var(--paper);border:1px solid var(--line);border-radius:6px;
white-space:pre-wrap;overflow-wrap:anywhere;max-height:22em;overflow:auto}
.v{padding:14px 16px;margin:0 0 12px;border-left:3px solid var(--bad)}.v.soft{border-left-color:var(--warn)}
.v.soft .num{background:var(--warn)}.v p{margin:0 0 6px}.v table{width:auto;margin-top:6px}
.v .num{display:inline-block;min-width:20px;text-align:center;background:var(--bad);color:var(--card);
border-radius:3px;font-size:12px;font-weight:600;margin-right:8px}
ul{margin:0;padding:0 0 0 18px}li{margin:3px 0;overflow-wrap:anywhere}
summary{cursor:pointer;color:var(--soft)}footer{margin-top:48px;color:var(--soft);font-size:12.5px}
@media print{:root{--paper:#fff;--card:#fff;--ink:#000}body{font-size:11pt}main{padding:0;max-width:none}
.card,tr,.v{break-inside:avoid}h2{break-after:avoid}pre{max-height:none}}
@media screen and (max-width:600px){.on-wide{display:none}.on-narrow{display:block}.charts text{font-size:15px}
.charts .second{display:none}table.steps{min-width:0}table.steps thead{display:none}
table.steps tr{display:block;padding:8px 0;border-bottom:1px solid var(--line)}
table.steps td{display:block;border:0;padding:1px 0}table.steps td:empty{display:none}
table.steps td.n{text-align:left;color:var(--soft)}table.steps td.n:not(:empty)::before{content:attr(data-is) " "}}
)css";
}

}  // namespace davy::view
