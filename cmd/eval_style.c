/* eval_style.c: the style sheet of the page of eval_html.c: light or dark as the reader's system
 * is, four colours for systems, three grounds with three underlines for marked words; narrow
 * screens and paper at the end.
 */
#include "eval.h"

/* clang-format off */
const char *const tt_eval_style[] = {
    ":root{color-scheme:light dark;--paper:#fbfaf7;--card:#fff;--ink:#1d2327;--soft:#5a646b;"
    "--line:#dcd9d0;--s0:#1f6fb2;--s1:#b4560f;--s2:#2d7d46;--s3:#7a4fb0;--bad:#fbdcd6;"
    "--badline:#b3261e;--moved:#fbeec0;--movedline:#8a6100;--lost:#dbe9f8;--lostline:#1f5d99}\n",
    "@media(prefers-color-scheme:dark){\n",
    "  :root{--paper:#15181b;--card:#1d2125;--ink:#e7e5df;--soft:#a3abb1;--line:#343a40;"
    "  --s0:#6db3ee;--s1:#ef9a57;--s2:#74c68c;--s3:#bb98ea;--bad:#5a231e;--badline:#ff9d92;"
    "  --moved:#4b3c0d;--movedline:#f0c95a;--lost:#17385a;--lostline:#8ec2f5}\n",
    "}\n",
    "*{box-sizing:border-box}\n",
    "html{scroll-behavior:smooth}\n",
    "body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.55 system-ui,"
    "-apple-system,'Segoe UI',Roboto,'Noto Sans',sans-serif}\n",
    "main,header,footer{max-width:68rem;margin:0 auto;padding:0 1.25rem}\n",
    "header{padding-top:2.5rem}\n",
    "h1{font-size:1.9rem;line-height:1.2;margin:0 0 .3rem}\n",
    "h2{font-size:1.25rem;margin:2.6rem 0 .8rem}\n",
    "h3{font-size:.95rem;margin:0;font-weight:600}\n",
    "p{margin:.3rem 0 .8rem}\n",
    ".soft{color:var(--soft)}\n",
    "a{color:var(--s0)}\n",
    ".skip{position:absolute;left:-99rem}\n",
    ".skip:focus{left:1rem;top:.5rem;background:var(--card);padding:.4rem .8rem;z-index:1}\n",
    "nav ul{display:flex;flex-wrap:wrap;gap:.3rem 1.2rem;list-style:none;padding:0;"
    "margin:.9rem 0 0}\n",
    /* shadows at the edges tell that a table goes on; covers that move with it hide them at its
       ends */
    ".scroll{overflow-x:auto;border:1px solid var(--line);border-radius:.6rem;background:"
    "linear-gradient(90deg,var(--card) 50%,transparent) 0/3rem 100% no-repeat local,"
    "linear-gradient(270deg,var(--card) 50%,transparent) 100%/3rem 100% no-repeat local,"
    "linear-gradient(90deg,var(--line),transparent) 0/1rem 100% no-repeat,"
    "linear-gradient(270deg,var(--line),transparent) 100%/1rem 100% no-repeat,var(--card)}\n",
    "table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}\n",
    "th,td{padding:.55rem .9rem;text-align:left;vertical-align:top;"
    "border-top:1px solid var(--line)}\n",
    "thead td{border:0}\n",
    "thead th{border-top:0;color:var(--soft);font-weight:600;font-size:.9rem}\n",
    "tbody th{font-weight:600}\n",
    "tbody th,td{min-width:8.5rem}\n",
    ".key{overflow-wrap:anywhere}\n",
    ".big{font-size:1.35rem;font-weight:650}\n",
    "small{display:block;color:var(--soft)}\n",
    ".key::before{content:'';display:inline-block;width:.7rem;height:.7rem;"
    "border-radius:.2rem;background:var(--c);margin-right:.5rem}\n",
    ".s0{--c:var(--s0)}\n",
    ".s1{--c:var(--s1)}\n",
    ".s2{--c:var(--s2)}\n",
    ".s3{--c:var(--s3)}\n",
    ".bars{display:grid;grid-template-columns:minmax(6.5rem,auto) 1fr;gap:.75rem 1rem;"
    "margin:0;padding:1rem;background:var(--card);border:1px solid var(--line);"
    "border-radius:.6rem}\n",
    ".bars dt{text-align:right;line-height:1.3}\n",
    ".bars dd{margin:0;align-self:center}\n",
    ".bar{display:flex;align-items:center;gap:.6rem;line-height:1.45}\n",
    ".bar i{height:.8rem;border-radius:0 .2rem .2rem 0;background:var(--c);"
    "width:calc(var(--v)*.88%);min-width:2px}\n",
    ".hists{display:grid;grid-template-columns:repeat(auto-fit,minmax(19rem,1fr));gap:1rem}\n",
    ".hist{margin:0;padding:1rem;background:var(--card);border:1px solid var(--line);"
    "border-radius:.6rem}\n",
    ".hist ol{display:flex;gap:.25rem;list-style:none;margin:.6rem 0 0;padding:0;"
    "height:9.5rem}\n",
    ".hist li{flex:1;display:flex;flex-direction:column;justify-content:flex-end;"
    "text-align:center;font-size:.72rem}\n",
    ".hist i{display:block;background:var(--c);border-radius:.2rem .2rem 0 0;"
    "height:calc(var(--v)*.07rem);min-height:1px}\n",
    ".hist span{color:var(--soft);border-top:1px solid var(--line)}\n",
    ".legend mark{color:var(--ink)}\n",
    ".legend{display:flex;flex-wrap:wrap;gap:.3rem 1.4rem;color:var(--soft);margin:0 0 1rem}\n",
    ".seg{background:var(--card);border:1px solid var(--line);border-radius:.6rem;"
    "margin:0 0 .9rem;padding:.8rem 1rem}\n",
    ".seg dl{margin:.4rem 0 0;display:grid;grid-template-columns:minmax(6.5rem,13rem) 1fr;"
    "gap:.35rem 1rem}\n",
    ".seg dt{color:var(--soft);font-size:.9rem;line-height:1.7}\n",
    ".seg dd{margin:0;overflow-wrap:anywhere;white-space:pre-wrap}\n",
    ".seg dt b{color:var(--ink);font-variant-numeric:tabular-nums}\n",
    "mark{color:inherit;border-radius:.2rem;padding:0 .12em;background:var(--bad);"
    "text-decoration:underline solid var(--badline) 2px;text-underline-offset:.2em}\n",
    "mark.m{background:var(--moved);text-decoration:underline dotted var(--movedline) 2px}\n",
    "mark.l{background:var(--lost);text-decoration:underline double var(--lostline)}\n",
    "footer{padding-top:2rem;padding-bottom:3rem;font-size:.88rem}\n",
    "code{overflow-wrap:anywhere;font-size:.92em}\n",
    "@media(max-width:40rem){\n",
    "  .seg dl,.bars{grid-template-columns:1fr;gap:.15rem}\n",
    "  .bars dt{text-align:left;margin-top:.5rem}\n",
    "  .seg dd{margin-bottom:.5rem}\n",
    "}\n",
    "@media print{\n",
    "  .skip,nav{display:none}\n",
    "  .seg,.hist{break-inside:avoid}\n",
    "}\n",
    NULL};
