/**
 * The card behind the strip of checks: which identities there are, what of them does not hold and
 * by how much, since when, what follows from that, and what the last batches said.
 *
 * @import {Amount, Header} from './types.js'
 * @typedef {{region: string, name: string, words: string, expected?: Amount, actual?: Amount}} Failure
 * @typedef {{id: string, title: string, definition: string, policy: 'note'|'warn'|'hold', follows: string,
 *   state: 'holds'|'fails'|'unknown', words?: string, since?: string, sides: [string, string],
 *   metrics: {metric: string, label: string}[], failures?: Failure[], failed?: number,
 *   releases?: {by: string, why: string, until?: string}[], results: string[]}} Details
 * @typedef {{history: string, batch: number, as_of: string, demo: boolean, newest: boolean, checks: Details[], before: number[]}} List
 */
import { ask, Refused, stamp } from './card.js';
import { find, make, say } from './dom.js';
import { lasting, moment, parse } from './time.js';

/** A card that nobody touches goes from a wall after this long, ms. */
const LEFT_ALONE = 180_000;

/** @type {Record<Details['policy'], string>} */
const POLICIES = { note: '说明', warn: '示警', hold: '不平不上屏' };
/** @type {Record<string, [string, string]>} */
const RESULTS = { holds: ['＝', '平'], fails: ['≠', '不平'], unknown: ['？', '未能核对'], '': ['·', '未核对'] };

export class CheckCard {
  /** @type {() => Header|null} */ #glass;
  #dialog = make('dialog', 'card checklist');
  #title = make('h2', '', '勾稽');
  #stamp = make('div', 'stamps');
  #newer = make('button', 'newer');
  #body = make('div', 'body');
  #asking = new AbortController();
  #batch = 0;
  /** @type {ReturnType<typeof setTimeout>|undefined} */ #alone;

  /** @param {() => Header|null} glass the header of the batch that is drawn */
  constructor(glass) {
    this.#glass = glass;
    this.#build();
    find('#screen').addEventListener('click', (e) => {
      if (e.target instanceof Element && e.target.closest('.panel.checks')) void this.open();
    });
  }

  async open() {
    const header = this.#glass();
    if (!header) return;
    if (!this.#dialog.open) this.#dialog.showModal();
    document.documentElement.dataset.card = 'open';
    await this.#show(header.batch);
  }

  /** The picture has moved on. @param {Header} header */
  moved(header) {
    if (!this.#dialog.open || header.batch <= this.#batch) return;
    this.#newer.hidden = false;
    say(this.#newer, `画面已到第 ${header.batch} 批，看这一批`);
  }

  #build() {
    const close = make('button', 'close', '关闭');
    close.type = this.#newer.type = 'button';
    close.addEventListener('click', () => this.#dialog.close());
    this.#newer.hidden = true;
    this.#newer.addEventListener('click', () => void this.open());
    this.#title.id = 'checks-title';
    this.#dialog.setAttribute('aria-labelledby', this.#title.id);
    this.#body.tabIndex = 0; // it scrolls
    this.#body.setAttribute('role', 'group');
    this.#body.setAttribute('aria-labelledby', this.#title.id);
    this.#dialog.append(make('header', '', make('div', 'what', make('p', 'path', '勾稽卡'), this.#title), make('div', 'when', this.#stamp, this.#newer), close), this.#body);
    this.#dialog.addEventListener('click', (e) => { if (e.target === this.#dialog) this.#dialog.close(); });
    this.#dialog.addEventListener('close', () => {
      this.#asking.abort();
      clearTimeout(this.#alone);
      delete document.documentElement.dataset.card;
      this.#body.replaceChildren();
    });
    for (const type of ['pointerdown', 'keydown', 'wheel', 'touchmove']) this.#dialog.addEventListener(type, () => this.#watch(), { passive: true });
    document.body.append(this.#dialog);
  }

  /** On a wall nobody comes back to close it. */
  #watch() {
    clearTimeout(this.#alone);
    if (document.documentElement.dataset.hand !== 'true') this.#alone = setTimeout(() => this.#dialog.close(), LEFT_ALONE);
  }

  /** @param {number} batch */
  async #show(batch) {
    this.#newer.hidden = true;
    this.#batch = batch;
    this.#watch();
    this.#asking.abort();
    this.#asking = new AbortController();
    const { signal } = this.#asking;
    this.#body.setAttribute('aria-busy', 'true');
    try {
      /** @type {List} */
      const list = await ask(`/api/checks?batch=${batch}`, signal);
      if (signal.aborted) return;
      this.#draw(list);
    } catch (error) {
      if (signal.aborted) return;
      this.#stamp.replaceChildren();
      this.#body.replaceChildren(make('p', 'refused', error instanceof Refused ? error.message : '取不到'));
    }
    this.#body.removeAttribute('aria-busy');
  }

  /** @param {List} list */
  #draw(list) {
    const failed = list.checks.filter((c) => c.state !== 'holds');
    const cut = parse(list.as_of) ?? 0;
    say(this.#title, failed.length === 0 ? `勾稽：${list.checks.length} 项全平` : `勾稽：${failed.length} 项不平，${list.checks.length - failed.length} 项平`);
    this.#stamp.replaceChildren(...(list.demo ? [make('p', 'demo', '演示数据')] : []), stamp(/** @type {any} */ (list)));
    this.#dialog.dataset.batch = String(list.batch);
    const holding = make('ul', 'judged', ...list.checks.filter((c) => c.state === 'holds').map((c) => {
      const item = make('li', '', make('b', '', '＝'), make('span', 'title', c.title), make('span', 'said', c.definition));
      item.dataset.state = 'agreed';
      return item;
    }));
    this.#body.replaceChildren(
      ...failed.map((c) => detail(c, list.before, cut)),
      ...(holding.childElementCount ? [make('h3', 'rest', `平（${holding.childElementCount} 项）`), holding] : []),
    );
    this.#body.scrollTop = 0;
  }
}

/**
 * What is said of a check that does not hold.
 * @param {Details} c
 * @param {number[]} before the batches whose results it has
 * @param {number} now when the batch was cut
 */
function detail(c, before, now) {
  const since = parse(c.since);
  const facts = make('dl', 'facts');
  /** @param {string} name @param {...(Node|string)} what */
  const fact = (name, ...what) => facts.append(make('dt', '', name), make('dd', '', ...what));
  fact('恒等关系', c.definition);
  if (since !== null) fact('自', `${moment(since, now)} 起，已 ${lasting(now - since)}`);
  fact('处置', make('b', '', POLICIES[c.policy]), `　${c.follows}`);
  for (const r of c.releases ?? []) fact('放行', `${r.by}：${r.why}${r.until ? `，至 ${moment(parse(r.until) ?? now, now)}` : ''}`);
  if (c.metrics.length) fact('涉及指标', c.metrics.map((m) => m.label).join('、'));
  fact('近几批', results(c.results, before));
  const section = make('section', 'unheld', make('h3', '', make('b', '', RESULTS[c.state]?.[0] ?? ''), c.title), make('p', 'words', c.words ?? '不平'), ...sides(c), facts);
  section.dataset.policy = c.policy;
  section.setAttribute('aria-label', `${c.title}，${c.words ?? '不平'}`);
  return section;
}

/** Both sides' figures, region by region. @param {Details} c */
function sides(c) {
  const failures = c.failures ?? [];
  if (failures.length === 0) return [];
  const head = make('tr', '', ...['区划', ...c.sides, '差'].map((t) => make('th', '', t)));
  for (const th of head.cells) th.scope = 'col';
  head.cells[0]?.classList.add('key');
  const body = make('tbody', '', ...failures.map((f) => make('tr', '', make('td', 'key', f.name),
    make('td', '', written(f.expected)), make('td', '', written(f.actual)), make('td', 'words', f.words))));
  const more = (c.failed ?? 0) - failures.length;
  return [make('div', 'rows', make('table', '', make('thead', '', head), body), ...(more > 0 ? [make('p', 'empty', `另有 ${more} 个区划`)] : []))];
}

/** @param {Amount|undefined} a */
function written(a) {
  return a ? `${a.text}${a.unit}` : '–';
}

/** @param {string[]} all @param {number[]} before */
function results(all, before) {
  if (all.length === 0) return '这台服务器还没有以前的批次';
  const count = all.filter((r) => r === 'holds').length;
  const strip = make('span', 'results', ...all.map((r) => {
    const one = make('i', '', RESULTS[r]?.[0] ?? '');
    one.dataset.state = r;
    return one;
  }));
  strip.setAttribute('role', 'img');
  strip.setAttribute('aria-label', `${all.length} 批中 ${count} 批平`);
  const span = before.length > 1 ? `第 ${before[0]}–${before.at(-1)} 批` : `第 ${before[0]} 批`;
  return make('span', '', strip, ` ${span}，${count} 批平，${all.length - count} 批不平`);
}
