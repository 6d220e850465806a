// The frame of the report: one file that needs no network and no script, for light and dark, wide and narrow.

import { type Content, Html, html } from './html.ts'

const style = new Html(`
:root {
  color-scheme: light dark;
  --page: #fcfcfa; --raised: #f3f3ef; --paper: #ffffff; --ink: #1b1f24; --soft: #5b626b; --line: #e2e2dc;
  --accent: #1d5fae; --accent-rgb: 29 95 174; --error-rgb: 226 106 18;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #14171a; --raised: #1c2024; --paper: #202429; --ink: #e9e7e2; --soft: #a0a8b1; --line: #30363c;
    --accent: #79b1ff; --accent-rgb: 121 177 255; --error-rgb: 255 150 70;
  }
}
* { box-sizing: border-box }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100% }
body {
  margin: 0 auto; padding: clamp(2rem, 6vw, 5rem) clamp(1.1rem, 4vw, 2.5rem) 4rem; max-width: 62rem;
  background: var(--page); color: var(--ink);
  font: 1.0625rem/1.6 system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', 'Noto Sans', Arial, sans-serif;
  font-variant-numeric: tabular-nums;
}
p { margin: 0 0 1rem; max-width: 40rem; text-wrap: pretty }
a { color: var(--accent); text-underline-offset: .18em }
h1, h2, h3 { line-height: 1.2; letter-spacing: -.015em; text-wrap: balance; margin: 0 }
h1 { font-size: clamp(1.6rem, 4.5vw, 2.4rem); font-weight: 600 }
h1 strong { display: block; font-size: clamp(3.8rem, 14vw, 7rem); line-height: 1; font-weight: 650; letter-spacing: -.045em;
  color: var(--accent); margin: 0 0 .12em -.03em }
h2 { font-size: 1.55rem; font-weight: 620; margin-bottom: .6rem }
h3 { font-size: 1rem; font-weight: 600; margin-bottom: .4rem }
section { margin-top: clamp(3.5rem, 8vw, 5.5rem) }
figure { margin: 1.75rem 0 0; min-width: 0 }
figcaption, .note { font-size: .9rem; line-height: 1.5; color: var(--soft); max-width: 40rem; text-wrap: pretty }
figcaption { margin-top: .75rem }
svg { display: block; width: 100%; height: auto; overflow: visible }
.eyebrow { margin-bottom: 1.5rem; font-size: .9rem; color: var(--soft) }
.lead { margin-top: 1.25rem; font-size: 1.2rem; line-height: 1.55 }

.sample { display: grid; grid-template-columns: repeat(10, 1fr); gap: clamp(.25rem, 1.2vw, .8rem) }
.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(6.5rem, 1fr)); gap: 1.25rem 1.5rem;
  margin: 2.25rem 0 0; padding-top: 1.5rem; border-top: 1px solid var(--line) }
.facts dt { font-size: .85rem; color: var(--soft) }
.facts dd { margin: 0; font-size: 1.3rem; font-weight: 600; letter-spacing: -.01em; overflow-wrap: anywhere }

.digit, .mosaic { shape-rendering: crispEdges }
.digit { border-radius: 3px; outline: 1px solid var(--line) }
.paper { fill: var(--paper) }
.ink { fill: var(--ink) }
.plus { fill: rgb(var(--accent-rgb)) }
.minus { fill: rgb(var(--error-rgb)) }

.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 22rem), 1fr)); gap: 1rem 3rem }
.key { display: flex; gap: 1.5rem; margin: 1.25rem 0 0; padding: 0; list-style: none; font-size: .9rem; color: var(--soft) }
.key li::before { content: ''; display: inline-block; width: 1.6rem; margin-right: .55rem; vertical-align: .25em;
  border-top: var(--w) solid var(--c) }

.scroll { overflow-x: auto; -webkit-overflow-scrolling: touch }
table { border-collapse: collapse }
caption { text-align: left; font-size: .9rem; color: var(--soft); padding: .25rem 0 .5rem }
details { margin-top: 1rem; font-size: .9rem }
summary { cursor: pointer; color: var(--soft); width: fit-content }
summary:hover { color: var(--ink) }
details .scroll { margin-top: .5rem; max-height: 26rem; overflow-y: auto }
details th, details td { padding: .15rem 1.1rem .15rem 0; text-align: right; font-weight: 400; white-space: nowrap }
details thead th { color: var(--soft); border-bottom: 1px solid var(--line) }
details tbody th { color: var(--soft) }

.confusion { width: 100%; max-width: 34rem; table-layout: fixed; font-size: clamp(.8rem, 2.6vw, 1rem) }
.confusion caption { padding-bottom: .75rem }
.confusion th { font-weight: 600; height: 1.9em; padding: 0; color: var(--soft) }
.confusion td { height: clamp(1.75rem, 7.4vw, 2.9rem); padding: 0; text-align: center; background-clip: padding-box;
  border: 1.5px solid var(--page); border-radius: 6px }
.confusion .right { background-color: rgb(var(--accent-rgb) / .11); color: var(--accent) }
.confusion .none { color: color-mix(in srgb, var(--soft) 50%, transparent) }
.confusion .wrong { background-color: rgb(var(--error-rgb) / var(--share)); font-weight: 700 }

.mistakes { display: grid; grid-template-columns: repeat(auto-fill, minmax(7.6rem, 1fr)); gap: 2rem 1.6rem; margin: 1.75rem 0 0;
  padding: 0; list-style: none }
.mistakes p { margin: .6rem 0 0; font-size: .9rem; line-height: 1.4; color: var(--soft) }
.mistakes strong { display: block; font-size: 1.1rem; font-weight: 620; color: var(--ink) }

.filters { display: grid; grid-template-columns: minmax(0, 2fr) minmax(0, 1fr); gap: 2rem 3.5rem; margin-top: 1.75rem }
.mosaics { display: grid; grid-template-columns: 1fr 1fr; gap: 1.75rem clamp(1rem, 4vw, 2rem) }
.mosaics figure { margin: 0 }
.mosaics figcaption { margin-top: .6rem }
.tile { fill: var(--paper); stroke: var(--line); stroke-width: .1; shape-rendering: auto }
@media (max-width: 52rem) { .filters { grid-template-columns: minmax(0, 1fr) } }
.scale { max-width: 26rem }
.scale i { display: block; height: .7rem; border-radius: 2px; outline: 1px solid var(--line);
  background: linear-gradient(90deg, rgb(var(--error-rgb)), var(--paper), rgb(var(--accent-rgb))) }
.scale ol { display: flex; justify-content: space-between; margin: .35rem 0 0; padding: 0; list-style: none;
  font-size: .9rem; line-height: 1.4; color: var(--soft) }
.scale li { flex: 1 } .scale li:nth-child(2) { flex: 0 0 1rem; text-align: center } .scale li:last-child { text-align: right }
.scale b { display: block; font-weight: 600; color: var(--ink) }
.measure { margin-top: 2rem; padding-left: 1.1rem; border-left: 3px solid var(--accent) }

code, pre { font-family: ui-monospace, 'SF Mono', 'Cascadia Code', Menlo, Consolas, 'DejaVu Sans Mono', monospace }
code { font-size: .92em }
pre code { font-size: inherit }
pre { margin: 1.25rem 0; padding: 1.1rem 1.25rem; overflow-x: auto; border-radius: 8px; background: var(--raised);
  font-size: .82rem; line-height: 1.5 }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px }
footer { margin-top: clamp(3.5rem, 8vw, 5.5rem); padding-top: 1.5rem; border-top: 1px solid var(--line) }
@media print { figure, .mistakes li { break-inside: avoid } }
`)

/** A page with its credits. @param content what stands in its main part */
export function page(title: string, content: Content): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${style}</style>
</head>
<body>
<main>
${content}
</main>
${credits}
</body>
</html>
`.text
}

/** What most readers skip: a title to open it, and a box that scrolls. */
export const details = (title: string, content: Content): Html =>
  html`<details><summary>${title}</summary><div class="scroll" tabindex="0" role="group" aria-label="${title}">${content}</div></details>`

/** The source of the digits. */
const credits = html`<footer>
<p class="note">Data: <a href="https://doi.org/10.24432/C50P49">Optical Recognition of Handwritten Digits</a>, E. Alpaydin and C. Kaynak,
UCI Machine Learning Repository, 1998, <a href="https://creativecommons.org/licenses/by/4.0/">CC BY 4.0</a>; as carried by
<a href="https://scikit-learn.org/">scikit-learn</a> (BSD-3-Clause).</p>
</footer>`
