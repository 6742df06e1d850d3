/**
 * Going back: a batch of before on the whole glass (回放), a day in a minute, and what has
 * changed since a chosen time. While it shows what was, the display has no stream: what is
 * live is not slowed by it, and comes back with one whole picture.
 *
 * @import {Scene, Snapshot} from './types.js'
 * @import {Then} from './screen.js'
 * @typedef {{batch: number, as_of: string, shown_at: string}} ReelBatch
 * @typedef {{at: number, from: number, until: number, reel: ReelBatch[]|null}} Replay
 * @typedef {{now: () => number, scene: () => Scene, batch: () => number,
 *   ready: (picture: Snapshot) => Promise<void>, draw: (picture: Snapshot) => void, live: () => void,
 *   compare: (then: Then|null) => void, signal: AbortSignal}} World what the page does; scene is what it is to
 *   show, signal ends what is listened to
 */
import { ask, Refused } from './card.js';
import { find, make, say } from './dom.js';
import { clock, day, parse } from './time.js';

const MINUTE = 60_000;
const DAY = 86_400_000;
/** A day goes by in this many steps, one a second. */
const STEPS = 60;
/** How often a server that is busy is asked again, and with what pauses, ms. */
const AGAIN = 4;
const PAUSE = 1500;
/** A wall that nobody touches goes back to what is live after this long, ms. */
const LEFT_ALONE = 600_000;
const KEPT = 'last-meeting';

/** A moment as an input and the server take it, in Asia/Shanghai. @param {number} ms */
export function local(ms) {
  return new Date(ms + 8 * 3_600_000).toISOString().slice(0, 19);
}

/** @param {string} text as local gives it */
export function fromLocal(text) {
  return Date.parse(`${text.length === 16 ? `${text}:00` : text}+08:00`);
}

/** The beginning of the day, in Asia/Shanghai. @param {number} ms */
export function dayOf(ms) {
  return fromLocal(`${local(ms).slice(0, 10)}T00:00:00`);
}

/**
 * The last of some batches that was on the glass at a time; null before the first.
 * @param {ReelBatch[]} reel the oldest first
 * @param {number} at
 */
export function showing(reel, at) {
  let last = null;
  for (const b of reel) {
    if ((parse(b.shown_at) ?? Infinity) > at) break;
    last = b;
  }
  return last;
}

export class Past {
  /** @type {World} */ #world;
  #root = document.documentElement;
  #bar = make('section', 'past');
  #when = make('p', 'when');
  #play = make('button', 'play');
  #slide = make('input');
  #back = make('button', 'live', '回到实时');
  #said = make('p', 'said');
  #since = make('section', 'since');
  #sinceWords = make('p');
  #dialog = make('dialog', 'times');
  #at = make('input');
  #then = make('input');
  #fault = make('p', 'fault');
  /** What is replayed; null while the glass is live. @type {Replay|null} */ #replay = null;
  /** @type {Promise<ReelBatch[]>|null} */ #reeling = null;
  #leaving = false;
  /** The time whose picture is on the glass; null while that is live. @type {number|null} */ #shown = null;
  /** @type {ReturnType<typeof setTimeout>|undefined} */ #timer;
  /** @type {ReturnType<typeof setTimeout>|undefined} */ #alone;
  #asking = new AbortController();
  #comparing = new AbortController();
  /** The time that is compared with, and the scene. @type {number|null} */ #base = null;
  #compared = { screen: '', region: '' };

  /** @param {World} world */
  constructor(world) {
    this.#world = world;
    this.#build();
    this.#buildDialog();
    const times = find('#times');
    times.addEventListener('click', () => this.#choose());
    find('.stamp').addEventListener('click', () => this.#choose());
    const { signal } = world;
    addEventListener('keydown', (e) => {
      if (e.key === 'Escape' && this.#replay && !document.querySelector('dialog[open]')) this.leave();
    }, { signal });
    for (const type of ['pointerdown', 'keydown']) addEventListener(type, () => this.#watch(), { passive: true, signal });
    const url = new URL(location.href);
    const [at, since] = ['at', 'since'].map((name) => fromLocal(url.searchParams.get(name) ?? ''));
    if (Number.isFinite(since)) void this.compare(/** @type {number} */ (since));
    if (Number.isFinite(at)) void this.show(/** @type {number} */ (at));
  }

  /** Whether what is on the glass was, and when; null while it is live. */
  get replayed() {
    return this.#shown === null ? null : { at: this.#shown, leaving: this.#leaving };
  }

  /** A picture of what is live is on the glass again. */
  left() {
    if (!this.#leaving) return;
    this.#leaving = false;
    this.#shown = null;
    this.#end();
  }

  #end() {
    this.#replay = null;
    clearTimeout(this.#alone);
    this.#bar.hidden = true;
    this.#keep('at', null);
  }

  /** The scene is another now. Says whether the past has taken care of its picture. */
  gone() {
    const { screen, region } = this.#world.scene();
    if (this.#base !== null && (screen !== this.#compared.screen || region !== this.#compared.region)) void this.compare(this.#base);
    if (!this.#replay || this.#leaving || this.#shown === null) return false;
    void this.#seek(this.#replay.at);
    return true;
  }

  /** Shows what was on the glass at a moment. @param {number} at */
  async show(at) {
    if (!Number.isFinite(at)) return;
    this.#stop();
    this.#leaving = false;
    const from = dayOf(at);
    const until = Math.min(from + DAY, this.#world.now());
    const same = this.#replay?.from === from;
    this.#replay = { at, from, until, reel: same ? this.#replay?.reel ?? null : null };
    if (!same) this.#reeling = null;
    this.#bar.hidden = false;
    this.#slide.min = String(from);
    this.#slide.max = String(until);
    this.#watch();
    await this.#seek(at);
  }

  /** Plays the day that is shown, in a minute. */
  async play() {
    const replay = this.#replay;
    if (!replay || this.#leaving) return;
    this.#stop();
    this.#play.dataset.state = 'playing';
    say(this.#play, '暂停');
    this.#watch();
    try {
      this.#reeling ??= ask(`/api/reel?from=${local(replay.from)}&until=${local(replay.from + DAY)}&most=${STEPS * 4}`).then(({ batches }) => batches);
      replay.reel = await this.#reeling;
    } catch (error) {
      this.#reeling = null;
      this.#stop();
      this.#refuse(error);
      return;
    }
    if (this.#replay !== replay || this.#play.dataset.state !== 'playing') return;
    const first = parse(replay.reel?.[0]?.shown_at);
    if (first === null || !replay.reel) {
      this.#stop();
      say(this.#said, '这一天没有上过屏的批次');
      return;
    }
    // From the beginning where it has ended, and not through hours in which nothing was shown.
    let at = replay.at >= replay.until - MINUTE ? replay.from : replay.at;
    at = Math.max(at, first);
    await this.#step(replay, at);
  }

  /** @param {Replay} replay @param {number} at */
  async #step(replay, at) {
    const begun = performance.now();
    const batch = showing(replay.reel ?? [], at);
    const shown = this.#world.batch();
    replay.at = at;
    this.#told();
    if (batch && batch.batch !== shown) await this.#draw(`batch=${batch.batch}`, at);
    else if (this.#shown !== null) this.#shown = at;
    if (this.#replay !== replay || this.#play.dataset.state !== 'playing') return;
    if (at >= replay.until) return this.#stop();
    this.#timer = setTimeout(() => this.#step(replay, Math.min(at + DAY / STEPS, replay.until)), Math.max(0, 1000 - (performance.now() - begun)));
  }

  #stop() {
    clearTimeout(this.#timer);
    this.#play.dataset.state = 'paused';
    say(this.#play, '一分钟看一天');
    this.#watch();
  }

  /** One touch, and what is live is there again. */
  leave() {
    if (!this.#replay || this.#leaving) return;
    this.#stop();
    this.#asking.abort();
    if (this.#shown === null) return this.#end(); // it is still live
    this.#leaving = true;
    say(this.#said, '正在回到实时');
    this.#world.live();
  }

  /** @param {number} at */
  async #seek(at) {
    if (!this.#replay) return;
    this.#replay.at = at;
    this.#told();
    await this.#draw(`at=${local(at)}`, at);
  }

  /** @param {string} which @param {number} at */
  async #draw(which, at) {
    this.#asking.abort();
    this.#asking = new AbortController();
    const { signal } = this.#asking;
    say(this.#said, '');
    try {
      const picture = await patiently(`${this.#address()}?${which}`, signal);
      await this.#world.ready(picture);
      if (signal.aborted || !this.#replay || this.#leaving) return;
      const { screen, region } = this.#world.scene();
      if (picture.screen !== screen || picture.region !== region) return this.#seek(at); // it was gone elsewhere meanwhile
      this.#shown = at;
      this.#world.draw(picture);
      this.#keep('at', at);
    } catch (error) {
      if (signal.aborted) return;
      this.#refuse(error);
    }
  }

  /** @param {unknown} error */
  #refuse(error) {
    const words = error instanceof Refused ? error.message : '取不到';
    say(this.#said, words);
    // Nothing of the past is on the glass yet: it stays live.
    if (this.#replay && this.#shown === null) {
      this.#end();
      say(this.#fault, words);
      if (!this.#dialog.open) this.#dialog.showModal();
    }
  }

  /** Compares with what was shown at a moment; null: no more. @param {number|null} at */
  async compare(at) {
    this.#comparing.abort();
    this.#comparing = new AbortController();
    const { signal } = this.#comparing;
    this.#base = at;
    const { screen, region } = this.#compared = this.#world.scene();
    this.#since.hidden = at === null;
    this.#keep('since', at);
    this.#world.compare(null);
    if (at === null) return;
    say(this.#sinceWords, '正在取数');
    try {
      const picture = await patiently(`${this.#address()}?at=${local(at)}`, signal);
      if (signal.aborted) return;
      const cut = parse(picture.batch.as_of) ?? at;
      say(this.#sinceWords, `较上次调度会：${day(at)} ${clock(at).slice(0, 5)}（第 ${picture.batch.batch} 批，数据截至 ${clock(cut)}）。图上未注的持平，“–”无从比较`);
      this.#world.compare({ screen, region, data: new Map(picture.panels.map((/** @type {{id: string, data: any}} */ { id, data }) => [id, data])) });
    } catch (error) {
      if (!signal.aborted) say(this.#sinceWords, `较上次调度会：${day(at)} ${clock(at).slice(0, 5)}，${error instanceof Refused ? error.message : '取不到'}`);
    }
  }

  /** Where pictures of the scene are. */
  #address() {
    const { screen, region } = this.#world.scene();
    return `/api/scene/${encodeURIComponent(screen)}/${encodeURIComponent(region)}`;
  }

  #told() {
    const { at } = this.#replay ?? { at: 0 };
    say(this.#when, `${day(at)} ${clock(at).slice(0, 5)}`);
    this.#slide.value = String(at);
    this.#slide.setAttribute('aria-valuetext', `${day(at)} ${clock(at)}`);
  }

  /** On a wall nobody comes back to end it. */
  #watch() {
    clearTimeout(this.#alone);
    if (!this.#replay || ['tablet', 'narrow'].includes(this.#root.dataset.layout ?? '')) return;
    this.#alone = setTimeout(() => (this.#play.dataset.state === 'playing' ? this.#watch() : this.leave()), LEFT_ALONE);
  }

  /** Keeps a time in the address, so that it can be handed on. @param {string} name @param {number|null} at */
  #keep(name, at) {
    const url = new URL(location.href);
    if (at === null) url.searchParams.delete(name);
    else url.searchParams.set(name, local(at));
    if (url.href !== location.href) history.replaceState(null, '', url);
  }

  #build() {
    this.#play.type = this.#back.type = 'button';
    this.#play.addEventListener('click', () => (this.#play.dataset.state === 'playing' ? this.#stop() : void this.play()));
    this.#slide.type = 'range';
    this.#slide.step = String(MINUTE);
    this.#slide.setAttribute('aria-label', '时刻');
    this.#slide.addEventListener('input', () => {
      this.#stop();
      if (this.#replay) this.#replay.at = Number(this.#slide.value);
      this.#told();
    });
    this.#slide.addEventListener('change', () => void this.#seek(Number(this.#slide.value)));
    this.#back.addEventListener('click', () => this.leave());
    const other = make('button', '', '另选时刻');
    other.type = 'button';
    other.addEventListener('click', () => this.#choose());
    this.#said.setAttribute('role', 'status');
    this.#bar.setAttribute('aria-label', '回放');
    this.#bar.append(make('b', '', '回放'), this.#when, this.#slide, this.#play, other, this.#said, this.#back);
    this.#bar.hidden = this.#since.hidden = true;
    const end = make('button', '', '不比较');
    end.type = 'button';
    end.addEventListener('click', () => void this.compare(null));
    this.#since.setAttribute('aria-label', '比较');
    this.#since.append(this.#sinceWords, end);
    document.body.append(make('footer', 'foot', this.#since, this.#bar));
    this.#stop();
  }

  #buildDialog() {
    const heading = make('h2', '', '回放与比较');
    heading.id = 'times-title';
    this.#dialog.setAttribute('aria-labelledby', heading.id);
    /** @param {HTMLInputElement} input @param {string} label */
    const field = (input, label) => {
      input.type = 'datetime-local';
      return make('label', '', label, input);
    };
    /** @param {string} words @param {() => void} act */
    const button = (words, act) => {
      const b = make('button', '', words);
      b.type = 'button';
      b.addEventListener('click', () => {
        say(this.#fault, '');
        act();
      });
      return b;
    };
    const close = button('关闭', () => this.#dialog.close());
    this.#fault.setAttribute('role', 'status');
    this.#dialog.append(
      make('header', '', heading, close),
      make('fieldset', '', make('legend', '', '回放'), field(this.#at, '时刻（北京时间）'), make('p', 'acts',
        button('看那时', () => this.#picked(this.#at, (at) => void this.show(at))),
        button('一分钟看这一天', () => this.#picked(this.#at, (at) => void this.show(dayOf(at)).then(() => this.play()), true)))),
      make('fieldset', '', make('legend', '', '较上次调度会'), field(this.#then, '上次调度会（北京时间）'), make('p', 'acts',
        button('比较', () => this.#picked(this.#then, (at) => {
          localStorage.setItem(KEPT, local(at));
          void this.compare(at);
        })),
        button('不比较', () => { this.#dialog.close(); void this.compare(null); }))),
      this.#fault,
    );
    this.#dialog.addEventListener('click', (e) => { if (e.target === this.#dialog) this.#dialog.close(); });
    document.body.append(this.#dialog);
  }

  #choose() {
    const now = this.#world.now();
    say(this.#fault, '');
    this.#at.max = this.#then.max = local(now).slice(0, 16);
    this.#at.value = local(this.#replay?.at ?? now - 60 * MINUTE).slice(0, 16);
    this.#then.value = (localStorage.getItem(KEPT) ?? local(dayOf(now) - DAY + 9 * 60 * MINUTE)).slice(0, 16);
    if (!this.#dialog.open) this.#dialog.showModal();
  }

  /** @param {HTMLInputElement} input @param {(at: number) => void} act @param {boolean} [day] any time of the day does */
  #picked(input, act, day = false) {
    const at = fromLocal(input.value);
    const now = this.#world.now();
    if (!Number.isFinite(at) || (day ? dayOf(at) : at) > now) {
      say(this.#fault, Number.isFinite(at) ? '那时还没有到' : '请填写时刻');
      return;
    }
    this.#dialog.close();
    act(at);
  }
}

/**
 * Asks for a picture; where others are being served, again after a moment.
 * @param {string} path
 * @param {AbortSignal} signal
 */
async function patiently(path, signal) {
  for (let again = AGAIN; ; again -= 1) {
    try {
      return await ask(path, signal);
    } catch (error) {
      if (signal.aborted || again === 0 || !(error instanceof Refused) || error.code !== 'busy') throw error;
    }
    await new Promise((done) => setTimeout(done, PAUSE));
  }
}
