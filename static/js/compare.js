/**
 * Two to four counties side by side: the same figures in columns, and what each has more or less
 * than the first. The address names them, so that it can be handed on: /compare?regions=460100,460400
 *
 * @import {Amount} from './types.js'
 * @typedef {Amount & {difference?: string}} Cell
 * @typedef {{metric: string, label: string, cells: Cell[]}} Row
 * @typedef {{batch: number, as_of: string, demo: boolean, newest: boolean, footnote?: string,
 *   regions: {code: string, name: string}[], sections: {screen: string, story: string, panel: string, title: string, rows: Row[]}[]}} Comparison
 */
import { ask, Refused } from './card.js';
import { find, make, say } from './dom.js';
import { clock, day, parse } from './time.js';

const PROVINCE = '460000';
const LEAST = 2;
const MOST = 4;
/** How often what is newer is asked for, ms. */
const EVERY = 5000;

const url = new URL(location.href);
/** The codes that are compared, in the order in which they were picked. */
let picked = (url.searchParams.get('regions') ?? '').split(',').filter((c) => /^\d{6}(\d{3})?$/.test(c)).slice(0, MOST);
const pinned = url.searchParams.get('batch');
let asking = new AbortController();
let shown = '';

/** The counties, each to be picked. */
async function choose() {
  /** @type {{rows: [string, string, string, string, number][]}} */
  const { rows } = await ask(`/api/metrics/regions.list?region=${PROVINCE}`);
  find('#choose').replaceChildren(...rows.filter(([, , level]) => level === 'county').map(([code, , , name]) => {
    const button = make('button', '', name);
    button.type = 'button';
    button.dataset.code = code;
    button.addEventListener('click', () => pick(code));
    return button;
  }));
  mark();
}

/** @param {string} code */
function pick(code) {
  picked = picked.includes(code) ? picked.filter((c) => c !== code) : [...picked, code].slice(-MOST);
  if (picked.length) url.searchParams.set('regions', picked.join(','));
  else url.searchParams.delete('regions');
  history.replaceState(null, '', url.href.replaceAll('%2C', ','));
  mark();
  void show();
}

function mark() {
  for (const button of document.querySelectorAll('#choose button')) {
    if (!(button instanceof HTMLElement)) continue;
    const at = picked.indexOf(button.dataset.code ?? '');
    button.setAttribute('aria-pressed', String(at >= 0));
    button.dataset.at = at >= 0 ? String(at + 1) : '';
  }
  const back = /** @type {HTMLAnchorElement} */ (find('#back'));
  const from = url.searchParams.get('from') ?? '';
  back.href = from.startsWith('/wall/') ? from : `/wall/overview?region=${picked[0] ?? PROVINCE}`;
}

async function show() {
  asking.abort();
  asking = new AbortController();
  const { signal } = asking;
  if (picked.length < LEAST) {
    shown = '';
    say(find('#stamp'), '');
    find('#table').replaceChildren(make('p', 'empty', picked.length === 0 ? '选二至四个市县，同一批数并排看。' : '再选一个市县。'));
    return;
  }
  try {
    const query = new URLSearchParams({ regions: picked.join(',') });
    if (pinned) query.set('batch', pinned);
    /** @type {Comparison} */
    const got = await ask(`/api/compare?${query}`, signal);
    if (signal.aborted) return;
    draw(got);
    document.documentElement.dataset.truth = 'ok';
  } catch (error) {
    if (signal.aborted) return;
    // What is there stays, and says that it is old.
    document.documentElement.dataset.truth = 'old';
    say(find('#stamp'), `${error instanceof Refused ? error.message : '取不到'}${shown ? '，画面停在' + shown : ''}`);
    if (!shown) find('#table').replaceChildren();
  }
}

/** @param {Comparison} got */
function draw(got) {
  const cut = parse(got.as_of) ?? 0;
  shown = `第 ${got.batch} 批`;
  say(find('#stamp'), `第 ${got.batch} 批　数据截至 ${day(cut)} ${clock(cut)}${got.newest || !pinned ? '' : '（不是最新一批）'}`);
  find('#demo').hidden = !got.demo;
  document.title = `${got.regions.map((r) => r.name).join('、')} 比较 · 瞭望`;
  document.documentElement.dataset.batch = String(got.batch);
  const head = make('tr', '', make('th', '', '指标'), ...got.regions.map((r, i) => make('th', '', r.name, ...(i > 0 ? [make('i', '', `比${got.regions[0]?.name ?? ''}`)] : []))));
  for (const th of head.cells) th.scope = 'col';
  const table = make('table', '', make('caption', '', `${got.regions.map((r) => r.name).join('、')}：同一批数并排，差额均与第一个市县相比`), make('thead', '', head));
  table.style.setProperty('--columns', String(got.regions.length));
  let story = '';
  for (const section of got.sections) {
    const body = make('tbody');
    if (section.story !== story) {
      story = section.story;
      const title = make('th', 'story', story);
      title.colSpan = got.regions.length + 1;
      body.append(make('tr', '', title));
    }
    const title = make('th', 'panel', section.title);
    title.colSpan = got.regions.length + 1;
    title.scope = 'rowgroup';
    body.append(make('tr', '', title), ...section.rows.map(row));
    table.append(body);
  }
  const before = document.querySelector('#table table');
  const footnote = got.footnote ? [make('p', 'footnote', got.footnote)] : [];
  const at = scrollY;
  find('#table').replaceChildren(table, ...footnote);
  if (before) scrollTo(0, at);
}

/** @param {Row} row */
function row({ label, cells }) {
  const most = Math.max(...cells.map((c) => Math.abs(c.value ?? 0)));
  const name = make('th', 'label', label);
  name.scope = 'row';
  return make('tr', '', name, ...cells.map((cell) => {
    const td = make('td', '', make('b', '', cell.text, ...(cell.unit ? [make('i', '', cell.unit)] : [])));
    td.dataset.state = cell.state;
    if (cell.value !== null && most > 0) {
      const part = make('span', 'part');
      part.style.width = `${(Math.abs(cell.value) / most) * 100}%`;
      td.append(make('span', 'track', part));
    }
    if (cell.difference) td.append(make('span', 'difference', cell.difference));
    return td;
  }));
}

await choose().catch(() => setTimeout(() => location.reload(), EVERY));
await show();
if (!pinned) {
  setInterval(() => {
    if (!document.hidden && picked.length >= LEAST) void show();
  }, EVERY);
}
