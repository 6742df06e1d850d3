/**
 * The card behind a number (口径卡): what it means, where it comes from, what the checks
 * say of it. All that is drawn here is of one batch, as the server gave it.
 *
 * @import {Amount} from './types.js'
 *
 * @typedef {{code: string, name: string, level: string}} Place
 * @typedef {{id: string, title: string, definition: string, policy: string, state: 'holds'|'fails'|'elsewhere'|'unknown',
 *   words?: string, where?: string, failed?: number, since?: string, releases?: {by: string, why: string}[]}} Judged
 * @typedef {{metric: string, title: string, unit: string, definition: string, policy: string, source: string, note?: string,
 *   tables: {name: string, title: string, system: string}[], region: Place, path: Place[],
 *   history: string, batch: number, as_of: string, demo: boolean, newest: boolean, shown: string,
 *   answer: {columns: {name: string, title: string, key?: boolean}[], rows: {key: string, cells: (Amount & {state: string})[]}[], footnote?: string, changed: number},
 *   states: {state: string, words: string}[], checks: Judged[], sql?: string, sql_hidden?: string,
 *   link?: string, qr?: string, link_hidden?: string, days?: string}} Card
 * @typedef {{days: string[], series: {key: string, column: string, points: (Amount|null)[]}[]}} Days
 */
import { make, say } from './dom.js';
import { day, moment, parse } from './time.js';
import { shortDay, trend, written } from './trend.js';

/** A refusal of the server, in words for who looks at the glass. */
export class Refused extends Error {
  /** @param {string} code @param {string} message */
  constructor(code, message) {
    super(words(code) || message);
    this.code = code;
  }
}

/** @param {string} code */
function words(code) {
  switch (code) {
    case 'unknown_region': return '没有这个区划';
    case 'unknown_metric': return '没有这个指标';
    case 'no_data_yet': return '尚无批次';
    case 'no_record': return '这台服务器不留存以前的批次';
    case 'no_longer_kept': return '这一批已过留存期';
    case 'never_shown': case 'no_such_batch': return '没有上过屏的这一批';
    case 'not_yet': return '这一批还没有上屏';
    case 'before_first': return '那时还没有上过屏的批次';
    case 'in_the_future': return '那时还没有到';
    case 'other_columns': return '指标的列后来改过，这一批的数不能这样显示';
    case 'busy': return '看以前批次的人多，稍后再试';
    case 'record_not_read': return '现在读不到以前的批次，稍后再试';
    default: return '';
  }
}

/**
 * Asks the server; throws what it refuses.
 * @param {string} path
 * @param {AbortSignal} [signal]
 */
export async function ask(path, signal) {
  let answer;
  try {
    answer = await fetch(path, { cache: 'no-store', signal });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new Refused('', '连接中断，取不到');
  }
  const body = await answer.json().catch(() => null);
  if (!answer.ok) throw new Refused(body?.error?.code ?? '', body?.error?.message ?? `HTTP ${answer.status}`);
  return body;
}

/** @param {string} metric @param {string} region @param {number|null} batch null: the newest */
export function address(metric, region, batch) {
  const query = new URLSearchParams({ region });
  if (batch !== null) query.set('batch', String(batch));
  return `/api/card/${encodeURIComponent(metric)}?${query}`;
}

/** When the batch was cut, and which it is. @param {Card} card */
export function stamp(card) {
  const cut = parse(card.as_of);
  const parts = [make('b', '', `第 ${card.batch} 批`), cut === null ? '' : ` 数据截至 ${day(cut)} ${moment(cut, cut)}`];
  return make('p', 'stamp', ...parts, ...(card.shown === 'unknown' ? ['（是否上过屏不能确定）'] : []));
}

/**
 * Draws a card below its title.
 * @param {Card} card
 * @param {{key?: string, signal?: AbortSignal}} [how] key: the row that was touched
 * @returns {HTMLElement}
 */
export function draw(card, { key = '', signal } = {}) {
  const facts = make('dl', 'facts');
  /** @param {string} name @param {...(Node|string)} what */
  const fact = (name, ...what) => facts.append(make('dt', '', name), make('dd', '', ...what));
  fact('口径', card.definition, ...(card.note ? [make('i', '', `（${card.note}）`)] : []));
  fact('政策依据', card.policy);
  fact('来源', card.source);
  fact('数据表', tables(card));
  const right = make('div', 'side', section('数', answer(card, key)), ...(card.days ? [days(card, key, signal)] : []));
  const left = make('div', 'main', facts, ...states(card), section('勾稽', checks(card)), section('SQL', sql(card)));
  return make('div', 'columns', left, make('div', 'side', right, section('在平板上打开', code(card))));
}

/** @param {string} title @param {...Node} content */
function section(title, ...content) {
  const element = make('section', '', make('h3', '', title), ...content);
  element.setAttribute('aria-label', title);
  return element;
}

/** Tables by the system that fills them. @param {Card} card */
function tables(card) {
  /** @type {Map<string, string[]>} */
  const by = new Map();
  for (const t of card.tables) by.set(t.system, [...(by.get(t.system) ?? []), t.title]);
  return make('ul', '', ...[...by].map(([system, titles]) => make('li', '', make('i', '', `${system}：`), titles.join('、'))));
}

/** @param {Card} card */
function states(card) {
  return card.states.map(({ state, words: said }) => {
    const p = make('p', 'state', said);
    p.dataset.state = state;
    return p;
  });
}

/** @param {Card} card @param {string} key */
function answer(card, key) {
  const { columns, rows } = card.answer;
  const only = rows.length === 1 && !columns.some((c) => c.key) ? rows[0] : undefined;
  if (only) {
    return make('div', 'single', ...only.cells.map((cell, i) => {
      const number = make('b', '', cell.text, ...(cell.unit ? [make('i', '', cell.unit)] : []));
      number.dataset.state = cell.state;
      return make('p', '', make('span', '', columns[i]?.title ?? ''), number);
    }));
  }
  const head = make('tr', '', ...columns.map((c) => make('th', c.key ? 'key' : '', c.title)));
  for (const th of head.cells) th.scope = 'col';
  const body = make('tbody', '', ...rows.map((row) => {
    const tr = make('tr', row.key !== '' && row.key.split('/').includes(key) ? 'touched' : '', ...row.cells.map((cell, i) => {
      const td = make('td', columns[i]?.key ? 'key' : '', cell.text, ...(cell.unit ? [make('i', '', cell.unit)] : []));
      td.dataset.state = cell.state;
      return td;
    }));
    return tr;
  }));
  const box = make('div', 'rows', rows.length ? make('table', '', make('thead', '', head), body) : make('p', 'empty', '没有行'));
  box.tabIndex = 0; // it scrolls
  box.setAttribute('role', 'group');
  box.setAttribute('aria-label', `${card.title}，${card.region.name}`);
  requestAnimationFrame(() => box.querySelector('.touched')?.scrollIntoView({ block: 'nearest' }));
  return box;
}

/** @param {Card} card */
function checks(card) {
  if (card.checks.length === 0) return make('p', 'empty', '没有涉及此指标的勾稽');
  return make('ul', 'judged', ...card.checks.map((c) => {
    const said = c.state === 'holds' ? '平'
      : c.state === 'elsewhere' ? `本区划平；${c.where}${c.words}` : c.words || '不平';
    const since = parse(c.since);
    const item = make('li', '', make('b', '', c.state === 'holds' ? '＝' : c.state === 'unknown' ? '？' : '≠'),
      make('span', 'title', c.title), make('span', 'said', said + (since === null ? '' : `，自 ${shortDay(iso(since))} ${moment(since, since)} 起`)));
    for (const r of c.releases ?? []) item.append(make('span', 'said', `已由${r.by}放行：${r.why}`));
    item.dataset.state = c.state;
    item.title = c.definition;
    return item;
  }));
}

/** The day in Asia/Shanghai as YYYY-MM-DD. @param {number} ms */
function iso(ms) {
  return new Date(ms + 8 * 3600e3).toISOString().slice(0, 10);
}

/** @param {Card} card */
function sql(card) {
  if (!card.sql) return make('p', 'empty', card.sql_hidden ?? '');
  const text = make('pre', '', card.sql);
  text.tabIndex = 0;
  text.setAttribute('aria-label', 'SQL 语句');
  const copy = make('button', 'copy', '复制');
  copy.type = 'button';
  copy.addEventListener('click', async () => {
    try {
      await navigator.clipboard.writeText(card.sql ?? '');
      say(copy, '已复制');
    } catch { // a page that is not served over TLS may not
      getSelection()?.selectAllChildren(text);
      say(copy, '已选中');
    }
  });
  return make('details', '', make('summary', '', `在任何 ClickHouse 客户端可运行，库 liaowang；给出运行时的数`), text, copy);
}

/** @param {Card} card */
function code(card) {
  if (!card.qr || !card.link) return make('p', 'empty', card.link_hidden ?? '');
  const img = make('img', 'qr');
  img.src = card.qr;
  img.alt = `二维码：${card.link}`;
  return make('div', 'link', img, make('p', '', '扫码，在平板上打开这一批的这张卡'));
}

/**
 * The last days: asked for apart, since they are read from the record, which may be busy.
 * @param {Card} card
 * @param {string} key
 * @param {AbortSignal} [signal]
 */
function days(card, key, signal) {
  const place = make('div', 'days', make('p', 'empty', '正在取数'));
  const fill = async () => {
    try {
      place.replaceChildren(...series(card, await ask(card.days ?? '', signal), key));
    } catch (error) {
      if (signal?.aborted) return;
      place.replaceChildren(make('p', 'empty', error instanceof Refused ? error.message : '取不到'));
    }
  };
  void fill();
  return section('近30日（每日最后一批）', place);
}

/** @param {Card} card @param {Days} all @param {string} key */
function series(card, all, key) {
  /** @param {string} of the row's key @returns {string} */
  const label = (of) => {
    const row = card.answer.rows.find((r) => r.key === of);
    return row ? row.cells.filter((_, i) => card.answer.columns[i]?.key).map((c) => c.text).join(' ') : of;
  };
  /** @param {string} name */
  const title = (name) => card.answer.columns.find((c) => c.name === name)?.title ?? name;
  const names = all.series.map((s) => [label(s.key), title(s.column)].filter(Boolean).join(' '));
  const start = Math.max(0, all.series.findIndex((s) => key !== '' && s.key.split('/').includes(key)));
  const drawn = make('div');
  /** @param {number} i */
  const show = (i) => {
    const one = all.series[i];
    if (!one) return drawn.replaceChildren(make('p', 'empty', '没有可看变化的数'));
    const table = make('table', '', ...all.days.map((d, n) =>
      make('tr', '', make('th', '', shortDay(d)), make('td', '', written(one.points[n] ?? null) || '无留存'))).reverse());
    drawn.replaceChildren(trend(all.days, one.points, names[i] ?? ''), make('details', '', make('summary', '', '逐日'), table));
  };
  show(start);
  if (names.length < 2) return [drawn];
  const select = make('select', '', ...names.map((name, i) => new Option(name, String(i), false, i === start)));
  select.setAttribute('aria-label', '看哪一个数');
  select.addEventListener('change', () => show(Number(select.value)));
  return [select, drawn];
}
