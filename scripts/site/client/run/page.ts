// Code of a page that can be changed and run where it stands. The blocks of a page are one program: running one runs those
// before it too. A frame, loaded at the first run, runs them; this page only shows what it reports.

import hljs from 'highlight.js/lib/core'
import typescript from 'highlight.js/lib/languages/typescript'
import { words } from '../../navigation.js'
import type { Report } from './messages.ts'

hljs.registerLanguage('typescript', typescript)

const { documentElement: html } = document
const text = words[html.lang as keyof typeof words] ?? words.en

function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  className: string,
  content = '',
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag)
  made.className = className
  made.textContent = content
  return made
}

class Block {
  readonly #first: string
  readonly #shown: HTMLElement
  readonly #area = make('textarea', '')
  readonly #run = make('button', 'run', text.run)
  readonly #stop = make('button', 'stop', text.stop)
  readonly #reset = make('button', 'reset', text.reset)
  readonly #output = make('output', '')

  constructor(element: HTMLElement, number: number) {
    const pre = element.querySelector('pre') as HTMLPreElement
    this.#shown = pre.querySelector('code') as HTMLElement
    this.#first = (this.#shown.textContent ?? '').replace(/\n$/, '')
    for (const name of ['tabindex', 'role', 'aria-label']) pre.removeAttribute(name)
    pre.setAttribute('aria-hidden', 'true')
    this.#area.value = this.#first
    this.#area.spellcheck = false
    this.#area.setAttribute('aria-label', `${text.edit} (${number + 1})`)
    this.#area.autocapitalize = 'off'
    const editor = make('div', 'editor')
    const sheet = make('div', 'sheet')
    pre.replaceWith(editor)
    sheet.append(pre, this.#area)
    editor.append(sheet)
    const bar = make('div', 'bar')
    for (const button of [this.#run, this.#stop, this.#reset]) {
      button.type = 'button'
      button.setAttribute('aria-label', `${button.textContent} (${number + 1})`)
    }
    this.#stop.hidden = this.#reset.hidden = true
    bar.append(this.#run, this.#stop, this.#reset, this.#output)
    element.append(bar)
    this.#area.addEventListener('input', () => this.#changed())
    this.#area.addEventListener('keydown', event => {
      if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) runUpTo(number)
    })
    this.#run.addEventListener('click', () => runUpTo(number))
    this.#stop.addEventListener('click', stop)
    this.#reset.addEventListener('click', () => {
      this.#area.value = this.#first
      this.#changed()
    })
  }

  get code(): string {
    return this.#area.value
  }

  #changed(): void {
    this.#shown.innerHTML = `${hljs.highlight(this.code, { language: 'typescript' }).value}\n`
    this.#reset.hidden = this.code === this.#first
  }

  begin(isRunning: boolean): void {
    this.#output.replaceChildren()
    this.running = isRunning
  }

  set running(isRunning: boolean) {
    const hadFocus = document.activeElement === (isRunning ? this.#run : this.#stop)
    this.#run.hidden = isRunning
    this.#stop.hidden = !isRunning
    if (hadFocus) (isRunning ? this.#stop : this.#run).focus()
  }

  print(line: string, isError: boolean): void {
    this.#output.append(make('span', isError ? 'wrong' : '', `${line}\n`))
  }
}

const elements = [...document.querySelectorAll<HTMLElement>('.runs')]
const blocks = elements.map((element, i) => new Block(element, i))

// ---- The frame

let frame: Promise<HTMLIFrameElement> | undefined
function load(): Promise<HTMLIFrameElement> {
  frame ??= new Promise(resolve => {
    const element = document.createElement('iframe')
    element.setAttribute('sandbox', 'allow-scripts')
    element.hidden = true
    element.title = text.run
    element.src = `${html.dataset.root}run-${elements[0].dataset.frame}.html`
    addEventListener('message', event => {
      if (event.source !== element.contentWindow) return
      if (event.data === 'ready') resolve(element)
      else report(event.data)
    })
    document.body.append(element)
  })
  return frame
}

let last = 0
async function runUpTo(number: number): Promise<void> {
  last = number
  for (const [i, block] of blocks.entries()) if (i <= number) block.begin(i === number)
  const codes = blocks.slice(0, number + 1).map(block => block.code)
  const { contentWindow } = await load()
  contentWindow?.postMessage({ blocks: codes }, '*')
}

async function stop(): Promise<void> {
  const { contentWindow } = await load()
  contentWindow?.postMessage('stop', '*')
  finish()
}

function finish(): void {
  for (const block of blocks) block.running = false
  html.dataset.ran = String(last)
}

function report(message: Report): void {
  if (message.kind === 'done') {
    finish()
    return
  }
  const block = blocks[message.block] ?? blocks[last]
  block.print(message.text, message.kind === 'error')
  if (message.block < 0) finish()
}
