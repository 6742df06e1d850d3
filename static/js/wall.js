/**
 * The entry of a wall: reads the scene from the address, builds the screen and
 * keeps it live.
 *
 * @import {Header, Message, PanelUpdate, Screen, Snapshot, Status} from './types.js'
 * @import {Connection} from './stream.js'
 */
import { find } from './dom.js';
import { Head } from './head.js';
import { loadMap } from './panels/map.js';
import { renew } from './renew.js';
import { ScreenView } from './screen.js';
import { Stream } from './stream.js';
import { ServerClock } from './time.js';

const PROTOCOL = 'liaowang.v1';
const PROVINCE = '460000';
/** A frame of a display, ms. */
const FRAME = 16;
/** A moment to show that is farther ahead than this is not believed, ms. */
const FARTHEST = 1000;

/** @param {string} name */
function meta(name) {
  return document.querySelector(`meta[name="${name}"]`)?.getAttribute('content') ?? '';
}

class Wall {
  #clock = new ServerClock(() => performance.timeOrigin + performance.now());
  #head = new Head();
  /** @type {ScreenView} */ #view;
  /** @type {Screen} */ #screen;
  /** @type {Stream} */ #stream;
  #root = document.documentElement;
  #region = address().region;
  /** The batch that is drawn, and the one that is to be. @type {Header|null} */ #header = null;
  /** @type {Header|null} */ #next = null;
  /** @type {Map<string, PanelUpdate>} */ #pending = new Map();
  /** @type {Snapshot|null} */ #arrived = null;
  /** The moment of the next drawing, by the server's clock; null: none is due. @type {number|null} */ #due = null;
  /** @type {Status|null} */ #status = null;
  /** @type {{state: Connection, words: string}} */ #connection = { state: 'connecting', words: '' };
  /** @type {number|null} */ #heard = null;

  /** @param {Screen} screen */
  constructor(screen) {
    this.#screen = screen;
    const { wall } = address();
    this.#view = new ScreenView(find('#screen'), screen, { wall, pick: (key) => this.#pick(key), now: () => this.#clock.now() });
    this.#head.screen(screen);
    this.#stream = new Stream({
      open: () => /** @type {any} */ (new WebSocket(`${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/ws`, PROTOCOL)),
      timers: { after: (ms, f) => setTimeout(f, ms), cancel: (timer) => clearTimeout(timer) },
      random: Math.random,
      clock: this.#clock,
      listener: {
        connection: (state, words) => {
          this.#connection = { state, words };
          this.#tell();
        },
        hello: (hello) => {
          void renew(meta('liaowang-build'), hello.build);
        },
        message: (m) => this.#receive(m),
      },
    });
  }

  start() {
    addEventListener('resize', () => this.#view.fit());
    addEventListener('online', () => this.#stream.nudge());
    addEventListener('popstate', () => this.#go(address().region));
    document.addEventListener('visibilitychange', () => this.#stream.nudge());
    this.#tick();
    this.#stream.show({ screen: this.#screen.id, region: this.#region });
  }

  /** Keeps the clock, on the second. */
  #tick() {
    this.#tell();
    setTimeout(() => this.#tick(), 1000 - (this.#clock.now() % 1000));
  }

  #tell() {
    this.#head.tell({
      connection: this.#connection.state, words: this.#connection.words, status: this.#status,
      header: this.#header, heard: this.#heard, now: this.#clock.now(),
    });
  }

  /** @param {Message} m */
  #receive(m) {
    if ('time' in m) this.#clock.set(m.time);
    if ('status' in m) this.#status = m.status;
    // A batch was true when it was cut, whatever was verified before.
    if ('batch' in m && typeof m.batch === 'object' && this.#status && this.#status.verified < m.batch.as_of) {
      this.#status = { ...this.#status, verified: m.batch.as_of };
    }
    if (m.type === 'error') this.#connection = { ...this.#connection, words: m.code };
    else this.#heard = this.#clock.now();
    if (m.type === 'snapshot') {
      this.#arrived = m;
      this.#pending.clear();
    }
    if ('panels' in m) for (const update of m.panels) this.#pending.set(update.id, { ...this.#pending.get(update.id), ...update });
    if (m.type === 'current') this.#header = m.batch;
    if ('panels' in m) this.#plan(m.batch, m.show_at);
    else this.#tell();
  }

  /**
   * Draws all that came at the moment at which all displays of the wall do, by the server's clock.
   * What comes while something waits is drawn with it: a moment is never put off.
   * @param {Header} header
   * @param {number} [showAt]
   */
  #plan(header, showAt = 0) {
    this.#next = header;
    const now = this.#clock.now();
    // A wall that shows nothing yet has nothing to wait for.
    let at = showAt - now > FARTHEST ? now : Math.max(showAt, now);
    if (!this.#header) at = 0; // and no clock to go by
    if (this.#due !== null && this.#due <= at) return;
    const planned = this.#due !== null;
    this.#due = at;
    if (!planned) this.#wait();
  }

  /** Waits for the frame that begins closest to what is due. */
  #wait() {
    const left = (this.#due ?? 0) - this.#clock.now();
    if (left > FRAME) setTimeout(() => this.#wait(), left - FRAME);
    else requestAnimationFrame(() => (((this.#due ?? 0) - this.#clock.now()) > FRAME / 2 ? this.#wait() : this.#draw()));
  }

  #draw() {
    const header = this.#next;
    this.#due = null;
    if (!header) return;
    const begun = performance.now();
    const snapshot = this.#arrived;
    const anew = snapshot !== null && this.#root.dataset.region !== snapshot.region;
    if (snapshot) {
      this.#root.dataset.region = this.#region = snapshot.region;
      this.#head.path(snapshot.path, (code) => this.#pick(code));
      this.#view.approved(snapshot.map_approval ?? '');
    }
    this.#header = header;
    this.#view.draw([...this.#pending.values()], { header, region: this.#region, anew });
    this.#root.dataset.batch = String(header.batch);
    this.#arrived = null;
    this.#pending.clear();
    this.#tell();
    setTimeout(() => { // after the frame
      this.#stream.drawn({
        batch: header.batch, drawn: round(this.#clock.now()), frame_ms: round(performance.now() - begun), heap: /** @type {any} */ (performance).memory?.usedJSHeapSize,
      });
    }, 0);
  }

  /** A region was touched: show it, or go back up where it is shown already. @param {string} key */
  #pick(key) {
    if (!/^\d{6}(\d{3})?$/.test(key)) return;
    const region = key === this.#region ? `${key.slice(0, 2)}0000` : key;
    const url = new URL(location.href);
    url.searchParams.set('region', region);
    history.pushState(null, '', url);
    this.#go(region);
  }

  /** @param {string} region */
  #go(region) {
    this.#stream.show({ screen: this.#screen.id, region });
  }
}

/** @param {number} ms */
function round(ms) {
  return Math.round(ms * 10) / 10;
}

/** The scene that the address names: /wall/{screen}?region=…&fit=wall */
function address() {
  const url = new URL(location.href);
  return {
    screen: url.pathname.split('/').filter(Boolean)[1] ?? 'overview',
    region: url.searchParams.get('region') ?? PROVINCE,
    wall: url.searchParams.get('fit') === 'wall',
  };
}

/**
 * Fetches the screen and its map; tries again until both are there.
 * @returns {Promise<Screen|null>} null where there is no such screen
 */
async function fetched() {
  for (;;) {
    try {
      const answer = await fetch(`/api/screens/${address().screen}`);
      if (answer.status === 404) return null;
      if (!answer.ok) throw new Error(`screen: HTTP ${answer.status}`);
      const screen = await answer.json();
      await loadMap(meta('liaowang-assets'), 'hainan');
      return screen;
    } catch (error) {
      console.warn(error);
      await new Promise((done) => setTimeout(done, 2000));
    }
  }
}

const screen = await fetched();
if (screen) new Wall(screen).start();
else find('#truth').append('没有这个屏');
