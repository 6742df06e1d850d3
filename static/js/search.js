/**
 * Looking something up: a region or a figure, by characters, by pinyin or by its first letters.
 * A region opens at its level; a figure opens its card, or the screen that draws it with the
 * panel brought forward.
 *
 * @typedef {{code: string, name: string, level: string, above?: string[]}} Region
 * @typedef {{metric: string, label: string, title: string, unit?: string, panels?: {screen: string, title: string, panel: string}[]}} Metric
 * @typedef {{query: string, regions: Region[], metrics: Metric[]}} Found
 */
import { ask, Refused } from './card.js';
import { make, say } from './dom.js';

/** How long nothing is typed before it is looked up, ms. */
const PAUSE = 120;
/** How long a panel stays forward, and how long its screen may take to come, ms. */
const FORWARD = 6000;
const COMING = 20_000;

/** @type {Record<string, string>} */
const LEVELS = { province: '省', county: '市县', township: '乡镇' };

export class Search {
  /** @type {{region: (code: string) => void, card: (metric: string, label: string) => void, screen: (id: string) => void}} */ #go;
  #dialog = make('dialog', 'search');
  #input = make('input');
  #said = make('p', 'said');
  #regions = make('ul');
  #metrics = make('ul');
  #asking = new AbortController();
  /** @type {ReturnType<typeof setTimeout>|undefined} */ #timer;
  /** The way in, for the strip of screens. */
  button = make('button', 'tool', '搜索');

  /**
   * @param {{region: (code: string) => void, card: (metric: string, label: string) => void, screen: (id: string) => void}} go
   * @param {AbortSignal} signal ends what it listens to
   */
  constructor(go, signal) {
    this.#go = go;
    this.button.type = 'button';
    this.button.setAttribute('aria-haspopup', 'dialog');
    this.button.addEventListener('click', () => this.open());
    this.#build();
    addEventListener('keydown', (e) => {
      if (e.key !== '/' || e.ctrlKey || e.metaKey || e.altKey || document.querySelector('dialog[open]')) return;
      e.preventDefault();
      this.open();
    }, { signal });
  }

  open() {
    if (!this.#dialog.open) this.#dialog.showModal();
    this.#input.focus();
    this.#input.select();
  }

  #build() {
    const heading = make('h2', '', '搜索');
    heading.id = 'search-title';
    this.#dialog.setAttribute('aria-labelledby', heading.id);
    const close = make('button', 'close', '关闭');
    close.type = 'button';
    close.addEventListener('click', () => this.#dialog.close());
    this.#input.type = 'search';
    this.#input.autocomplete = 'off';
    this.#input.spellcheck = false;
    this.#input.placeholder = '区划或指标：汉字、拼音、首字母';
    this.#input.setAttribute('aria-label', '区划或指标');
    this.#input.addEventListener('input', () => {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.#look(), PAUSE);
    });
    this.#said.setAttribute('role', 'status');
    this.#regions.setAttribute('aria-label', '区划');
    this.#metrics.setAttribute('aria-label', '指标');
    this.#dialog.append(make('header', '', heading, close), this.#input, this.#said, make('div', 'results', this.#regions, this.#metrics));
    this.#dialog.addEventListener('click', (e) => { if (e.target === this.#dialog) this.#dialog.close(); });
    this.#dialog.addEventListener('keydown', (e) => this.#key(e));
    document.body.append(this.#dialog);
  }

  /** Arrows go through what is found; Enter takes the first. @param {KeyboardEvent} e */
  #key(e) {
    const all = /** @type {HTMLButtonElement[]} */ ([...this.#dialog.querySelectorAll('.results button')]);
    const at = all.indexOf(/** @type {any} */ (document.activeElement));
    if (e.key === 'ArrowDown') all[Math.min(at + 1, all.length - 1)]?.focus();
    else if (e.key === 'ArrowUp') (at <= 0 ? this.#input : all[at - 1])?.focus();
    else if (e.key === 'Escape') this.#dialog.close(); // a field for searching would be emptied first
    else if (e.key === 'Enter' && e.target === this.#input && !e.isComposing) all[0]?.click();
    else return;
    e.preventDefault();
  }

  async #look() {
    const q = this.#input.value.trim();
    this.#asking.abort();
    this.#asking = new AbortController();
    const { signal } = this.#asking;
    if (!q) {
      this.#regions.replaceChildren();
      this.#metrics.replaceChildren();
      say(this.#said, '');
      return;
    }
    try {
      /** @type {Found} */
      const found = await ask(`/api/search?q=${encodeURIComponent(q)}`, signal);
      if (!signal.aborted) this.#show(found);
    } catch (error) {
      if (!signal.aborted) say(this.#said, error instanceof Refused ? error.message : '取不到');
    }
  }

  /** @param {Found} found */
  #show({ regions, metrics }) {
    say(this.#said, regions.length + metrics.length === 0 ? '没有找到' : `区划 ${regions.length}，指标 ${metrics.length}`);
    this.#regions.replaceChildren(...regions.map((r) => make('li', '',
      this.#way('found', () => this.#go.region(r.code), make('b', '', r.name), make('span', '', [...(r.above ?? []), LEVELS[r.level] ?? ''].join(' · '))))));
    this.#metrics.replaceChildren(...metrics.map((m) => {
      const item = make('li', '', this.#way('found', () => this.#go.card(m.metric, m.label), make('b', '', m.label),
        make('span', '', `${m.label === m.title ? '' : `${m.title} · `}口径卡`)));
      const panels = make('p', 'panels', ...(m.panels ?? []).map((p) => {
        const to = this.#way('to', () => {
          this.#go.screen(p.screen);
          bringForward(p.screen, p.panel);
        }, `看 ${p.title}`);
        to.setAttribute('aria-label', `在屏“${p.title}”上看${m.label}`);
        return to;
      }));
      if (panels.childElementCount) item.append(panels);
      return item;
    }));
  }

  /** @param {string} name @param {() => void} act @param {...(Node|string)} content */
  #way(name, act, ...content) {
    const button = make('button', name, ...content);
    button.type = 'button';
    button.addEventListener('click', () => {
      this.#dialog.close();
      act();
    });
    return button;
  }
}

/**
 * Brings a panel forward as soon as its screen is drawn: into view, and marked for a while.
 * @param {string} screen
 * @param {string} panel
 */
function bringForward(screen, panel) {
  const begun = performance.now();
  const look = () => {
    const element = document.documentElement.dataset.screen === screen ? document.getElementById(`panel-${panel}`) : null;
    if (!element) {
      if (performance.now() - begun < COMING) setTimeout(look, 50);
      return;
    }
    for (const other of document.querySelectorAll('.panel.forward')) other.classList.remove('forward');
    element.classList.add('forward');
    element.scrollIntoView({ block: 'center', inline: 'nearest' });
    element.tabIndex = -1;
    element.focus({ preventScroll: true });
    setTimeout(() => element.classList.remove('forward'), FORWARD);
  };
  look();
}
