/**
 * Taking what is on the glass along (导出): a panel or the whole screen as a file, of the
 * batch on the glass, or of one that was fixed (定格). The server makes the files.
 *
 * @import {Header, Screen} from './types.js'
 * @typedef {{region: string, header: Header|null}} Glass
 * @typedef {{batch: number, as_of: string, history: string}} Fixed
 * @typedef {{id: string, state: string, done: number, of: number, ahead?: number, error?: string, name?: string, code?: string}} Progress
 * @typedef {{title: string, id: string, panel: string, row: string, column: string, from: string, to: string}} Change
 */
import { find, make, say } from './dom.js';
import { clock, parse } from './time.js';

const KEPT = 'fixed-batch';
/** How often a file that is being made is asked for, ms. */
const AGAIN = 400;
/** How many changes are listed. */
const MOST = 300;

/** Formats of a panel and of a screen, with what they are for. */
const PANEL = [['png', '图片'], ['svg', '矢量图'], ['pdf', '文稿'], ['pptx', '幻灯片'], ['xlsx', '表格'], ['csv', '纯数据']];
const SCREEN = [['pptx', '幻灯片'], ['pdf', '文稿'], ['xlsx', '表格'], ['png', '图片'], ['svg', '矢量图']];

/** @param {Fixed|Header} b */
function named(b) {
  const at = parse(b.as_of);
  return `第 ${b.batch} 批（数据截至 ${at === null ? '' : clock(at)}）`;
}

export class Exports {
  /** @type {() => Glass} */ #glass;
  /** @type {Screen|null} */ #screen = null;
  #dialog = make('dialog', 'export');
  #title = make('h2');
  #batch = make('p', 'batch');
  #formats = make('p', 'acts');
  #briefing = make('fieldset');
  #briefings = make('select');
  #what = make('select');
  #theme = make('select');
  #jobs = make('ul', 'jobs');
  #fix = make('button', 'fix');
  #bar = make('section', 'fixed');
  #barWords = make('p');
  #changes = make('dialog', 'export changes');

  /** @param {() => Glass} glass what is drawn now */
  constructor(glass) {
    this.#glass = glass;
    this.#build();
    this.#tell();
  }

  /** Another screen is on the glass. @param {Screen} screen */
  screen(screen) {
    this.#screen = screen;
    for (const spec of screen.panels) {
      if (spec.kind === 'ticker') continue;
      const button = this.#button('导出', 'save', () => this.#open(spec.id));
      button.setAttribute('aria-haspopup', 'dialog');
      button.setAttribute('aria-label', `导出：${spec.title}`);
      document.getElementById(`panel-${spec.id}`)?.append(button);
    }
  }

  /** The batch that exports are of; null: the one on the glass. @returns {Fixed|null} */
  get #fixed() {
    try {
      return JSON.parse(sessionStorage.getItem(KEPT) ?? 'null');
    } catch {
      return null;
    }
  }

  /** @param {string} words @param {string} name @param {() => void} act */
  #button(words, name, act) {
    const b = make('button', name, words);
    b.type = 'button';
    b.addEventListener('click', (e) => {
      e.stopPropagation(); // the panel below would open its card
      act();
    });
    return b;
  }

  #build() {
    const button = this.#button('导出', '', () => this.#open(null));
    button.id = 'export';
    button.setAttribute('aria-haspopup', 'dialog');
    find('#times').after(button);
    this.#what.addEventListener('change', () => this.#open(this.#what.value || null));
    this.#theme.append(new Option('浅色（印纸）', 'light'), new Option('深色（同屏）', 'dark'));
    this.#fix.type = 'button';
    this.#fix.addEventListener('click', () => (this.#fixed ? void this.#release() : this.#hold()));
    const briefing = () => `briefing/${this.#briefings.value}`;
    this.#briefings.append(new Option('全部屏', 'story'));
    this.#briefing.append(make('legend', '', '简报'), make('label', '', '哪一份', this.#briefings), make('p', 'acts',
      this.#button('幻灯片 PPTX', '', () => void this.#make(briefing(), 'pptx')), this.#button('文稿 PDF', '', () => void this.#make(briefing(), 'pdf'))));
    this.#dialog.append(
      make('header', '', this.#title, this.#button('关闭', '', () => this.#dialog.close())),
      this.#batch,
      make('fieldset', '', make('label', '', '取哪一块', this.#what), this.#formats, make('label', '', '底色', this.#theme)),
      this.#briefing,
      make('fieldset', '', make('p', 'acts', this.#fix)),
      this.#jobs,
    );
    this.#jobs.setAttribute('aria-live', 'polite');
    this.#bar.append(this.#barWords, this.#button('回到实时', 'live', () => void this.#release()));
    document.body.append(this.#dialog, this.#changes);
    const foot = document.querySelector('.foot') ?? make('footer', 'foot');
    foot.append(this.#bar);
    if (!foot.isConnected) document.body.append(foot);
  }

  /** @param {string|null} panel */
  #open(panel) {
    const screen = this.#screen;
    if (!screen) return;
    const spec = screen.panels.find((p) => p.id === panel);
    say(this.#title, `导出：${spec?.title ?? screen.title}`);
    this.#what.replaceChildren(new Option('整屏', ''), ...screen.panels.filter((p) => p.kind !== 'ticker').map((p) => new Option(p.title, p.id)));
    this.#what.value = panel ?? '';
    this.#formats.replaceChildren(...(spec ? PANEL : SCREEN).map(([format, words]) =>
      this.#button(`${words} ${format?.toUpperCase()}`, '', () => void this.#make(spec ? `${screen.id}/${spec.id}` : screen.id, format ?? ''))));
    this.#briefing.hidden = Boolean(spec);
    if (!spec) void this.#saved();
    this.#tell();
    if (!this.#dialog.open) this.#dialog.showModal();
  }

  /** Lists the briefings that there are; where they are not to be had, every screen is one. */
  async #saved() {
    try {
      const { briefings } = await told(fetch('/api/briefings', { cache: 'no-store' }));
      const chosen = this.#briefings.value;
      this.#briefings.replaceChildren(...briefings.map((/** @type {{name: string, title: string, from: string}} */ b) => new Option(b.from === 'built-in' ? '全部屏' : b.title, b.name)));
      this.#briefings.value = chosen;
      if (!this.#briefings.value) this.#briefings.selectedIndex = 0;
    } catch (error) {
      console.warn(error);
    }
  }

  /** Says which batch is exported. */
  #tell() {
    const fixed = this.#fixed;
    const { header } = this.#glass();
    say(this.#batch, fixed ? `导出的是定格的${named(fixed)}` : header ? `导出的是画面上的${named(header)}` : '还没有批次');
    say(this.#fix, fixed ? '回到实时' : '定格这一批');
    this.#bar.hidden = !fixed;
    if (fixed) say(this.#barWords, `已定格${named(fixed)}：画面照常更新，导出的都是这一批`);
  }

  /** Fixes the batch on the glass: exports are of it, however long they take. */
  #hold() {
    const { header } = this.#glass();
    if (!header) return;
    sessionStorage.setItem(KEPT, JSON.stringify({ batch: header.batch, as_of: header.as_of, history: header.history }));
    this.#tell();
  }

  /** Goes back to what is live, and lists what has changed meanwhile. */
  async #release() {
    const fixed = this.#fixed;
    sessionStorage.removeItem(KEPT);
    this.#dialog.close();
    this.#tell();
    const screen = this.#screen;
    if (!fixed || !screen) return;
    const body = make('div', 'body', make('p', 'empty', '正在比较'));
    this.#changes.replaceChildren(make('header', '', make('h2', '', '定格以来的变动'), this.#button('关闭', '', () => this.#changes.close())), body);
    this.#changes.showModal();
    try {
      const answer = await fetch(`/api/changes/${encodeURIComponent(screen.id)}/${encodeURIComponent(this.#glass().region)}?from=${fixed.batch}`, { cache: 'no-store' });
      const told = await answer.json();
      if (!answer.ok) throw new Error(told.error?.message);
      body.replaceChildren(...listed(told.changes, fixed, told));
    } catch (error) {
      body.replaceChildren(make('p', 'fault', `取不到：${error instanceof Error ? error.message : ''}`));
    }
  }

  /** Has a file made, and takes it when it is there. @param {string} what @param {string} format */
  async #make(what, format) {
    const { region, header } = this.#glass();
    const batch = this.#fixed?.batch ?? header?.batch;
    if (!batch) return;
    const words = make('span', '', '排队');
    const stop = this.#button('取消', '', () => void fetch(`/export/jobs/${id}`, { method: 'DELETE' }));
    this.#jobs.prepend(make('li', '', words, stop));
    let id = '';
    try {
      const path = `/export/${what}.${format}?${new URLSearchParams({ region, batch: String(batch), theme: this.#theme.value })}`;
      /** @type {Progress} */
      let job = await told(fetch('/export/jobs', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ path }) }));
      id = job.id;
      while (job.state === 'queued' || job.state === 'running') {
        say(words, job.state === 'queued' ? `排队，前面有 ${job.ahead ?? 0} 个` : `正在做${job.of ? `，${job.done}/${job.of}` : ''}`);
        await new Promise((done) => setTimeout(done, AGAIN));
        job = await told(fetch(`/export/jobs/${id}`, { cache: 'no-store' }));
      }
      if (job.state !== 'done') throw new Error(job.state === 'cancelled' ? '已取消' : job.error);
      const link = make('a', '', job.name ?? '');
      link.href = `/export/jobs/${id}/file`;
      link.download = job.name ?? '';
      words.replaceChildren(link, `　验证码 ${job.code}`);
      link.click();
    } catch (error) {
      say(words, error instanceof Error && error.message ? error.message : '连不上服务器');
    }
    stop.remove();
  }
}

/** The JSON of an answer, or its error. @param {Promise<Response>} asked */
async function told(asked) {
  const answer = await asked;
  const body = await answer.json();
  if (!answer.ok) throw new Error(body.error?.message);
  return body;
}

/**
 * What has changed, as a table.
 * @param {Change[]} changes
 * @param {Fixed} fixed
 * @param {{to: number, to_as_of: string}} now
 */
function listed(changes, fixed, now) {
  const heading = make('p', '', `${named(fixed)} → ${named({ batch: now.to, as_of: now.to_as_of, history: '' })}，本屏 ${changes.length} 处变动`);
  if (changes.length === 0) return [heading];
  const table = make('table', '', make('tr', '', ...['面板', '项', '列', '定格时', '现在'].map((t) => make('th', '', t))));
  for (const c of changes.slice(0, MOST)) table.append(make('tr', '', ...[c.panel, c.row, c.column, c.from || '（无）', c.to || '（无）'].map((t) => make('td', '', t))));
  return changes.length > MOST ? [heading, table, make('p', '', `另有 ${changes.length - MOST} 处`)] : [heading, table];
}
