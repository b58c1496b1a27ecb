import type { View, ViewRun } from '../../server/report/view/view.ts';
import { drawAccesses, drawAssumed, drawReply } from './aside.ts';
import { drawAddresses, ZOOMS } from './addresses.ts';
import { drawControl } from './control.ts';
import type { Child } from './element.ts';
import { h } from './element.ts';
import { drawEntry } from './entry.ts';
import { drawHeader, drawRuns } from './header.ts';
import type { PageState } from './state.ts';
import { onSide, opened } from './state.ts';
import { drawStepList } from './stepList.ts';
import { drawTables } from './tables.ts';
import { pictureText, type Picture } from './texts.ts';
import { drawTimeline } from './timeline.ts';

/** What the page tells the editor around it. */
interface EditorApi {
  postMessage(message: unknown): void;
}

declare function acquireVsCodeApi(): EditorApi;

const editor: EditorApi | undefined =
  typeof acquireVsCodeApi === 'function' ? acquireVsCodeApi() : undefined;
const view = JSON.parse(document.getElementById('data')!.textContent) as View;
const root = document.getElementById('view')!;
/** Stays where it is while the page is drawn anew: screen readers say only what changes in a place that they know. */
const said = h('div.sr', { role: 'status' });
document.body.append(said);
let state: PageState = view.runs.length === 0 ? empty() : opened(0, view.runs[0]!);

function empty(): PageState {
  return { run: 0, side: 'after', step: 0, picked: undefined, zoom: 0 };
}

function section(
  title: string,
  picture: Picture | undefined,
  content: HTMLElement,
  more: readonly HTMLElement[] = [],
): HTMLElement {
  const copy =
    picture === undefined
      ? undefined
      : h(
          'button',
          { 'data-copy': picture },
          picture === 'reply' ? 'copy reply block ' : 'copy as text',
          picture === 'reply' && h('kbd', {}, 'm'),
        );
  return h(
    'section',
    { 'aria-label': title },
    h('div.head', {}, h('h2', {}, title), h('span.tools', {}, more, copy)),
    content,
  );
}

function draw(): void {
  const run = view.runs[state.run];
  if (run === undefined) {
    const none: Child[] = view.notSimulated.map((text) => h('li', {}, text));
    root.replaceChildren(
      h('h1', {}, 'Nothing was simulated'),
      h('p', {}, none.length === 0 ? 'No C function changed.' : 'Why, by file and line:'),
      h('ul', {}, none),
    );
    tell(undefined);
    return;
  }
  const focus = focusKey();
  const scrolled = root.querySelector('.steplist')?.scrollTop ?? 0;
  const runs = drawRuns(view, state.run);
  root.replaceChildren(
    drawHeader(view, run),
    ...(runs === undefined ? [] : [runs]),
    drawControl(run, state),
    h(
      'main',
      {},
      h('div.wide', {}, section('What ran, step by step', 'timeline', drawTimeline(run, state))),
      h('div.col', {}, mainParts(run)),
      h('div.col', {}, sideParts(run)),
    ),
  );
  restore(focus);
  showRow(scrolled);
  tell(run);
}

function mainParts(run: ViewRun): readonly Child[] {
  const hasTables = run.tables.length > 0;
  return [
    section('The steps in words', 'steps', drawStepList(run, state)),
    hasTables && section('Addresses', 'addresses', drawAddresses(run, state), zoomButtons()),
    hasTables && section('Page tables as the IOMMU walks them', 'tables', drawTables(run, state)),
  ];
}

function sideParts(run: ViewRun): readonly Child[] {
  const title =
    run.accesses.length === 0 ? 'How it ended' : 'How it ended, and what a device meets';
  const hasAccesses = run.accesses.length > 0;
  return [
    section(title, hasAccesses ? 'accesses' : undefined, drawAccesses(run, state)),
    run.tables.length > 0 && section('Entry', 'entry', drawEntry(run, state)),
    section('Reply for the list', 'reply', drawReply(run)),
    section('What it rests on', undefined, drawAssumed(run)),
  ];
}

function zoomButtons(): readonly HTMLElement[] {
  return [
    h('button', { 'data-zoom': -1, 'aria-label': 'Draw the addresses narrower' }, '−'),
    h('button', { 'data-zoom': 1, 'aria-label': 'Draw the addresses wider' }, '+'),
  ];
}

/** Keeps the row of the step in sight, and nothing else in motion. */
function showRow(scrolled: number): void {
  const list = root.querySelector<HTMLElement>('.steplist');
  const row = list?.querySelector<HTMLElement>('tr.here');
  if (list === null || row === null || row === undefined) return;
  const [top, bottom] = [row.offsetTop - row.offsetHeight, row.offsetTop + row.offsetHeight];
  const isSeen = top >= scrolled && bottom <= scrolled + list.clientHeight;
  list.scrollTop = isSeen ? scrolled : Math.max(0, top);
}

/** Says where the page is: commands of the editor act on it, and it may want to show the line. */
function tell(run: ViewRun | undefined): void {
  const step = run?.steps[state.step - 1];
  editor?.postMessage({
    ...{
      kind: 'state',
      run: state.run,
      side: state.side,
      step: step === undefined ? 0 : state.step,
    },
    ...{ steps: run?.steps.length ?? 0, sentence: run?.sentence ?? 'Nothing was simulated' },
    text: step === undefined ? '' : (onSide(step.text, state.side) ?? ''),
  });
}

/** The focused control by what it does, so that focus survives redrawing. */
function focusKey(): string | undefined {
  const active = document.activeElement;
  if (!(active instanceof HTMLElement)) return undefined;
  if (active.id === 'slider') return '#slider';
  const pairs = Object.entries(active.dataset);
  const all = pairs.map(([name, value]) => `[data-${name}="${CSS.escape(value ?? '')}"]`).join('');
  return all === '' ? undefined : all;
}

function restore(focus: string | undefined): void {
  if (focus !== undefined) root.querySelector<HTMLElement>(focus)?.focus();
}

function go(step: number): void {
  const count = view.runs[state.run]?.steps.length ?? 0;
  state = { ...state, step: Math.min(count, Math.max(1, step)), picked: undefined };
  draw();
  announce();
}

/** Says the step to screen readers. */
function announce(): void {
  const step = view.runs[state.run]?.steps[state.step - 1];
  if (step === undefined) return;
  const broken = (step.breaks[state.side] ?? []).map((text) => `, breaks ${text}`).join('');
  const text = step.text[state.side] ?? `nothing: only ${step.only ?? ''}`;
  said.textContent = `${state.side}, step ${state.step}: ${text}${broken}`;
}

function show(side: string): void {
  const run = view.runs[state.run];
  if (side !== 'before' && side !== 'after') return;
  if (run?.sides.includes(side) !== true) return;
  state = { ...state, side };
  draw();
  announce();
}

function copy(picture: Picture): void {
  const run = view.runs[state.run];
  if (run === undefined) return;
  const text = pictureText(picture, run, state);
  if (editor !== undefined) editor.postMessage({ kind: 'copy', text });
  else if ('clipboard' in navigator)
    void navigator.clipboard.writeText(text).catch(() => undefined);
  said.textContent = `copied, ${text.split('\n').length} lines`;
}

function jump(where: string): void {
  const run = view.runs[state.run];
  if (run === undefined) return;
  const steps: Record<string, number> = {
    ...{ previous: state.step - 1, next: state.step + 1 },
    ...{ first: run.firstDifference, witness: run.witness },
  };
  const step = steps[where];
  if (step === undefined || step === 0) return;
  if (where === 'witness') state = { ...state, side: run.opensOn };
  go(step);
}

function zoom(by: number): void {
  state = { ...state, zoom: Math.min(ZOOMS.length - 1, Math.max(0, state.zoom + by)) };
  draw();
}

function open(link: HTMLElement): void {
  const { file, line, side } = link.dataset;
  if (editor !== undefined) editor.postMessage({ kind: 'open', file, line: Number(line), side });
  else said.textContent = `${file}:${line}`;
}

document.addEventListener('click', (event) => {
  if (!(event.target instanceof Element)) return;
  const link = event.target.closest<HTMLElement>('a.place');
  if (link !== null) {
    event.preventDefault();
    open(link);
    return;
  }
  const marked = event.target.closest<HTMLElement>('[data-step]')?.dataset['step'];
  if (marked !== undefined) {
    const isHere = Number(marked) === state.step;
    const line = root.querySelector<HTMLElement>('.where a.place');
    if (isHere && line !== null) open(line);
    else go(Number(marked));
    return;
  }
  const data = event.target.closest<HTMLElement>('button')?.dataset ?? {};
  if (data['show'] !== undefined) show(data['show']);
  else if (data['copy'] !== undefined) copy(data['copy'] as Picture);
  else if (data['go'] !== undefined) jump(data['go']);
  else if (data['zoom'] !== undefined) zoom(Number(data['zoom']));
  else if (data['pick'] !== undefined) {
    state = { ...state, picked: data['pick'] };
    draw();
  } else if (data['run'] !== undefined) {
    const run = Number(data['run']);
    state = opened(run, view.runs[run]!);
    draw();
  }
});

document.addEventListener('input', (event) => {
  if (event.target instanceof HTMLInputElement && event.target.id === 'slider') {
    go(Number(event.target.value));
  }
});

const KEYS: Readonly<Record<string, () => void>> = {
  b: () => {
    show('before');
  },
  a: () => {
    show('after');
  },
  ArrowLeft: () => {
    go(state.step - 1);
  },
  ArrowRight: () => {
    go(state.step + 1);
  },
  Home: () => {
    go(1);
  },
  End: () => {
    go(view.runs[state.run]?.steps.length ?? 0);
  },
  d: () => {
    jump('first');
  },
  w: () => {
    jump('witness');
  },
  m: () => {
    copy('reply');
  },
  '+': () => {
    zoom(1);
  },
  '-': () => {
    zoom(-1);
  },
  o: () => {
    const link = root.querySelector<HTMLElement>('.where a.place');
    if (link !== null) open(link);
  },
};

// Commands of the editor press the same keys.
window.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
  if (editor === undefined || typeof data !== 'object' || data === null || !('key' in data)) return;
  if (typeof data.key === 'string') KEYS[data.key]?.();
});

document.addEventListener('keydown', (event) => {
  const act = KEYS[event.key];
  if (event.ctrlKey || event.metaKey || event.altKey || act === undefined) return;
  event.preventDefault();
  act();
});

// Inside VS Code the body says the theme; outside, the address or the system.
if (!document.body.className.includes('vscode-')) {
  const system = matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';
  const theme = new URLSearchParams(location.search).get('theme') ?? system;
  const contrast = theme === 'hc-light' ? ['high-contrast', 'high-contrast-light'] : [theme];
  const classes = theme === 'hc' ? ['high-contrast'] : contrast;
  document.body.classList.add(...classes.map((name) => `vscode-${name}`));
}
draw();
