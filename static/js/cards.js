/**
 * Opening the card behind a number on a wall or tablet: by touch or click on a panel, or
 * by keyboard through the button that every panel has. The card is that of the batch on
 * the glass at that moment; the picture goes on behind it.
 *
 * @import {Header, Screen} from './types.js'
 * @import {Card} from './card.js'
 * @typedef {{metric: string, label: string, figure?: string}} CardRef
 * @typedef {{refs: CardRef[], at: number, region: string, batch: number|null, key: string}} Open
 */
import { address, ask, draw, Refused, stamp } from './card.js';
import { find, make, say } from './dom.js';

/** A card that nobody touches goes from a wall after this long, ms. */
const LEFT_ALONE = 180_000;

export class Cards {
  /** @type {Record<string, CardRef[]>} */ #cards = {};
  /** @type {() => {region: string, header: Header|null}} */ #glass;
  #dialog = make('dialog', 'card');
  #title = make('h2');
  #path = make('p', 'path');
  #stamp = make('div', 'stamps');
  #choose = make('nav', 'choose');
  #newer = make('button', 'newer');
  #body = make('div', 'body');
  /** Ends what is being asked. */ #asking = new AbortController();
  /** @type {Open|null} */ #open = null;
  /** @type {ReturnType<typeof setTimeout>|undefined} */ #alone;
  /** What the chart says of the click that is on its way: a region that was gone to, or a row. */
  #touched = { gone: false, key: '' };

  /**
   * @param {() => {region: string, header: Header|null}} glass what is drawn now
   */
  constructor(glass) {
    this.#glass = glass;
    this.#build();
    find('#screen').addEventListener('click', (e) => this.#clicked(e));
    find('#screen').addEventListener('contextmenu', (e) => {
      if (this.#panel(e.target)) e.preventDefault();
      this.#asked(e.target, '');
    });
  }

  /** Another screen is on the glass. @param {Screen & {cards?: Record<string, CardRef[]>}} screen */
  screen(screen) {
    this.#cards = screen.cards ?? {};
    for (const [id, refs] of Object.entries(this.#cards)) this.#dress(id, refs);
  }

  /** A panel of the screen is there that was not. @param {string} id */
  made(id) {
    this.#dress(id, this.#cards[id] ?? []);
  }

  /** Opens the card of a metric for the region on the glass. @param {string} metric @param {string} label */
  open(metric, label) {
    this.#begin([{ metric, label }], 0, '');
  }

  /** The click that is under way has gone to a region: no card. */
  gone() {
    this.#note({ gone: true, key: '' });
  }

  /** The click that is under way is on a row. @param {string} key */
  row(key) {
    this.#note({ gone: false, key });
  }

  /** @param {{gone: boolean, key: string}} touched */
  #note(touched) {
    this.#touched = touched;
    setTimeout(() => { this.#touched = { gone: false, key: '' }; }, 0); // after the click
  }

  /** The picture has moved on. @param {Header} header */
  moved(header) {
    const open = this.#open;
    const newer = open && open.batch !== null && header.batch > open.batch;
    this.#newer.hidden = !newer;
    if (newer) say(this.#newer, `画面已到第 ${header.batch} 批，看这一批`);
  }

  #build() {
    const close = make('button', 'close', '关闭');
    close.type = this.#newer.type = 'button';
    close.addEventListener('click', () => this.#dialog.close());
    this.#title.id = 'card-title';
    this.#newer.hidden = true;
    this.#newer.addEventListener('click', () => this.#show(this.#glass().header?.batch ?? null));
    this.#choose.setAttribute('aria-label', '看哪一个数');
    this.#dialog.setAttribute('aria-labelledby', 'card-title');
    this.#dialog.append(
      make('header', '', make('div', 'what', this.#path, this.#title), make('div', 'when', this.#stamp, this.#newer), close),
      this.#choose, this.#body,
    );
    this.#dialog.addEventListener('click', (e) => { if (e.target === this.#dialog) this.#dialog.close(); });
    this.#dialog.addEventListener('close', () => this.#closed());
    for (const type of ['pointerdown', 'keydown', 'wheel', 'touchmove']) this.#dialog.addEventListener(type, () => this.#watch(), { passive: true });
    document.body.append(this.#dialog);
  }

  /** Gives a panel its button. @param {string} id @param {CardRef[]} refs */
  #dress(id, refs) {
    const panel = document.getElementById(`panel-${id}`);
    if (!panel || refs.length === 0 || panel.querySelector('.ask')) return;
    panel.classList.add('asks');
    const button = make('button', 'ask', '口径');
    button.type = 'button';
    button.setAttribute('aria-haspopup', 'dialog');
    button.setAttribute('aria-label', `口径：${panel.getAttribute('aria-label') ?? ''}`);
    panel.querySelector('header')?.append(button);
  }

  /** @param {EventTarget|null} target */
  #panel(target) {
    const panel = target instanceof Element ? target.closest('.panel') : null;
    return panel && this.#cards[panel.id.slice('panel-'.length)]?.length ? panel : null;
  }

  /** @param {Event} e */
  #clicked(e) {
    const { gone, key } = this.#touched;
    if (!gone) this.#asked(e.target, key);
  }

  /** @param {EventTarget|null} target @param {string} key */
  #asked(target, key) {
    const panel = this.#panel(target);
    if (!panel) return;
    const refs = this.#cards[panel.id.slice('panel-'.length)] ?? [];
    const figure = /** @type {HTMLElement|null} */ (/** @type {Element} */ (target).closest('[data-figure]'))?.dataset.figure;
    this.#begin(refs, Math.max(0, refs.findIndex((r) => figure !== undefined && r.figure === figure)), key);
  }

  /** @param {CardRef[]} refs @param {number} at @param {string} key */
  #begin(refs, at, key) {
    const { region, header } = this.#glass();
    if (!header) return;
    this.#open = { refs, at, region, batch: header.batch, key };
    if (!this.#dialog.open) this.#dialog.showModal();
    document.documentElement.dataset.card = 'open';
    this.#show(header.batch);
  }

  #closed() {
    if (this.#dialog.open) return; // it was opened again before this was told
    this.#asking.abort();
    clearTimeout(this.#alone);
    delete document.documentElement.dataset.card;
    this.#open = null;
    this.#newer.hidden = true;
    this.#body.replaceChildren();
  }

  /** On a wall nobody comes back to close it. */
  #watch() {
    clearTimeout(this.#alone);
    const layout = document.documentElement.dataset.layout ?? '';
    if (this.#open && !['tablet', 'narrow'].includes(layout)) this.#alone = setTimeout(() => this.#dialog.close(), LEFT_ALONE);
  }

  /** Shows the card of a batch. @param {number|null} batch */
  async #show(batch) {
    const open = this.#open;
    const ref = open?.refs[open.at];
    if (!open || !ref) return;
    open.batch = batch;
    this.#newer.hidden = true;
    this.#watch();
    this.#asking.abort();
    this.#asking = new AbortController();
    const { signal } = this.#asking;
    this.#tabs(open);
    say(this.#title, ref.label);
    this.#body.setAttribute('aria-busy', 'true');
    try {
      /** @type {Card} */
      const card = await ask(address(ref.metric, open.region, batch), signal);
      if (signal.aborted) return;
      this.#drawn(card, open.key, signal);
    } catch (error) {
      if (signal.aborted) return;
      this.#refused(error);
    }
    this.#body.removeAttribute('aria-busy');
  }

  /** @param {Card} card @param {string} key @param {AbortSignal} signal */
  #drawn(card, key, signal) {
    if (this.#open) this.#open.batch = card.batch;
    say(this.#title, card.title);
    say(this.#path, `口径卡　${card.path.map((p) => p.name).join(' › ')}`);
    this.#stamp.replaceChildren(...(card.demo ? [make('p', 'demo', '演示数据')] : []), stamp(card));
    this.#body.replaceChildren(draw(card, { key, signal }));
    this.#body.scrollTop = 0;
    this.#dialog.dataset.metric = card.metric;
    this.#dialog.dataset.batch = String(card.batch);
  }

  /** @param {unknown} error */
  #refused(error) {
    const again = make('button', 'again', '看最新一批');
    again.type = 'button';
    again.addEventListener('click', () => this.#show(null));
    this.#stamp.replaceChildren();
    this.#body.replaceChildren(make('p', 'refused', error instanceof Refused ? error.message : '取不到'), again);
  }

  /** The metrics of a panel, where it shows several. @param {Open} open */
  #tabs(open) {
    const { refs } = open;
    this.#choose.hidden = refs.length < 2;
    if (refs.length < 2) {
      this.#choose.replaceChildren();
      return;
    }
    while (this.#choose.childElementCount > refs.length) this.#choose.lastChild?.remove();
    refs.forEach((ref, i) => {
      let button = /** @type {HTMLButtonElement|undefined} */ (this.#choose.children[i]);
      if (!button) {
        button = make('button');
        button.type = 'button';
        button.addEventListener('click', () => {
          if (!this.#open) return;
          this.#open.at = i;
          void this.#show(this.#open.batch);
        });
        this.#choose.append(button);
      }
      say(button, ref.label);
      button.setAttribute('aria-pressed', String(i === open.at));
    });
  }
}
