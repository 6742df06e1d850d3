/**
 * The entry of a wall: reads the scene from the address, builds the screen and
 * keeps it live.
 *
 * @import {Header, Message, PanelUpdate, Scene, Screen, Snapshot, Status} from './types.js'
 * @import {Connection} from './stream.js'
 * @import {Then} from './screen.js'
 *
 * @typedef {object} Picture what is to be drawn
 * @property {Header|null} header null: nothing
 * @property {number} showAt when it is to be seen, by the server's clock; 0: at once
 * @property {Snapshot|null} snapshot with which a scene begins; null: the one on the glass goes on
 * @property {Snapshot['path']|null} path the way to the region, where it is to be drawn anew
 * @property {Map<string, PanelUpdate>} panels
 */
import { Alarms } from './alarm.js';
import { Awake } from './awake.js';
import { Cards } from './cards.js';
import { Carousel } from './carousel.js';
import { CheckCard } from './checkcard.js';
import { find, make } from './dom.js';
import { Exports } from './export.js';
import { FRAME, inFrame } from './frame.js';
import { Head } from './head.js';
import { sweep } from './mark.js';
import { Nav } from './nav.js';
import { Charts } from './panels/charts.js';
import { fetchMap } from './panels/map.js';
import { Past } from './past.js';
import { Renewal } from './renew.js';
import { ScreenView } from './screen.js';
import { Search } from './search.js';
import { Sleep } from './sleep.js';
import { Stream } from './stream.js';
import { readPlace, Tile } from './tiles.js';
import { ServerClock } from './time.js';

const PROTOCOL = 'liaowang.v1';
const PROVINCE = '460000';
/** A moment to show that is farther ahead than this is not believed, ms. */
const FARTHEST = 1000;

/** The pause before something is fetched again that did not come, ms. */
const AGAIN = 1000;

/** @param {string} name */
function meta(name) {
  return document.querySelector(`meta[name="${name}"]`)?.getAttribute('content') ?? '';
}

class Wall {
  /** Ends all that the page listens to, when another has taken its place. */
  #life = new AbortController();
  #clock = new ServerClock(() => performance.timeOrigin + performance.now());
  #sleep = new Sleep(() => performance.now(), () => Date.now());
  #awake = new Awake(() => !document.hidden && (this.#root.dataset.hand !== 'true' || document.fullscreenElement !== null) && !this.#life.signal.aborted,
    () => navigator.wakeLock.request('screen'));
  #renewal = new Renewal({ build: meta('liaowang-build'), now: () => this.#clock.now(), random: Math.random, retire: () => this.#retire() });
  #head = new Head();
  #search = new Search({
    region: (region) => this.#show({ ...address(), region }), screen: (screen) => this.#show({ ...address(), screen }),
    card: (metric, label) => this.#cards.open(metric, label),
  }, this.#life.signal);
  #compare = make('a', 'tool', '比较');
  #nav = new Nav((screen) => this.#show({ ...address(), screen }), (screen) => path({ ...address(), screen }), [this.#search.button, this.#compare], this.#life.signal);
  #charts = new Charts();
  /** The screen on the glass, and how it is drawn; null before the first. @type {{screen: Screen, view: ScreenView}|null} */ #on = null;
  /** The one that is to take its place, not seen yet. @type {{screen: Screen, view: ScreenView}|null} */ #coming = null;
  /** Screens that have been fetched, by their ids. @type {Map<string, Screen>} */ #screens = new Map();
  /** Those that are on their way. @type {Set<string>} */ #fetching = new Set();
  #mapped = false;
  /** @type {Past|null} */ #past = null;
  /** What the picture is compared with. @type {Then|null} */ #then = null;
  /** What this display shows of a wall. */ #place = readPlace(new URL(location.href).searchParams).place;
  #tile = this.#place && Math.max(...this.#place.of) > 1
    ? new Tile(this.#place, { now: () => this.#clock.now(), refit: () => this.#on?.view.fit() }) : null;
  /** What shows by itself, or what all displays of a wall are taken to. @type {Carousel|null} */ #carousel = null;
  /** @type {Alarms|null} */ #alarms = null;
  /** How much later than others its displays show a batch, ms. */ #later = 0;
  /** The moment of the scene that has been asked for, by the server's clock. */ #turnAt = 0;
  #cards = new Cards(() => ({ region: this.#region, header: this.#header }));
  #checks = new CheckCard(() => this.#header);
  /** @type {Exports|null} */ #exports = null;
  /** @type {Stream} */ #stream;
  #root = document.documentElement;
  #region = address().region;
  /** The batch that is drawn. @type {Header|null} */ #header = null;
  /** What has arrived, and what of it is being drawn, to be seen when its moment has come. @type {Picture} */ #arrived = nothing();
  /** @type {Picture|null} */ #taken = null;
  /** When all of that was ready to be seen, by the server's clock, and what ends the wait for it. */ #readyAt = 0;
  #unready = () => {};
  /** Whether that moment has passed, and charts are waited for: what arrives now is drawn after it. */ #late = false;
  /** The moment of the next drawing, by the server's clock; null: none is due. @type {number|null} */ #due = null;
  /** @type {Status|null} */ #status = null;
  /** @type {{state: Connection, words: string}} */ #connection = { state: 'connecting', words: '' };
  /** @type {number|null} */ #heard = null;
  /** Ends the wait for what is due. */ #unwait = () => {};
  #ticks = 0;
  /** Bytes; not every browser says. @type {number|undefined} */ #heap;

  constructor() {
    this.#stream = new Stream({
      open: () => /** @type {any} */ (new WebSocket(`${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/ws`, PROTOCOL)),
      timers: { after: (ms, f) => setTimeout(f, ms), cancel: (timer) => clearTimeout(timer) },
      random: Math.random,
      clock: this.#clock,
      alarms: address().alone,
      place: this.#place ? { wall: this.#place.wall, tile: this.#place.tile, of: this.#place.of } : undefined,
      listener: {
        connection: (state, words) => {
          this.#connection = { state, words };
          this.#tell();
        },
        hello: (hello) => {
          this.#renewal.hello(hello.build);
          void this.#nav.refresh();
        },
        message: (m) => this.#receive(m),
      },
    });
  }

  start() {
    const { signal } = this.#life;
    addEventListener('resize', () => {
      this.#on?.view.fit();
      this.#coming?.view.fit();
    }, { signal });
    addEventListener('popstate', () => this.#go(), { signal });
    for (const type of ['online', 'focus', 'pageshow']) addEventListener(type, () => this.#woken(), { signal });
    for (const type of ['visibilitychange', 'resume']) document.addEventListener(type, () => this.#woken(), { signal });
    document.addEventListener('freeze', () => this.#stream.rest(), { signal });
    this.#tick();
    void this.#map();
    void this.#fetch(address().screen); // while the connection is made
    this.#past = new Past({
      now: () => this.#clock.now(), scene, signal,
      batch: () => this.#header?.batch ?? 0,
      ready: (picture) => this.#ready(picture),
      draw: (picture) => this.#drawPast(picture),
      live: () => this.#drawLive(),
      compare: (then) => {
        this.#then = then;
        this.#on?.view.compare(then);
        this.#coming?.view.compare(then);
      },
    });
    this.#exports = new Exports(() => ({ region: this.#region, header: this.#header }));
    this.#stream.show(scene());
    void this.#begin();
  }

  /** Lets a carousel go, and all displays of a wall together. */
  async #begin() {
    if (!address().alone) return;
    const name = new URL(location.href).searchParams.get('carousel');
    const alarms = this.#alarms = new Alarms({ now: () => this.#clock.now(), go: (to) => this.#carousel?.take(to), signal: this.#life.signal });
    this.#carousel = new Carousel({
      alarm: (t) => alarms.at(t),
      signal: this.#life.signal,
      now: () => this.#clock.now(), shown: scene,
      show: (to, at) => this.#turnTo(to, at),
      prepare: (screen) => { if (!this.#screens.has(screen)) void this.#fetch(screen); },
      tell: this.#place ? (ask) => this.#stream.steer(ask) : null,
    });
    const fault = await this.#carousel.begin(name ?? this.#place?.wall ?? '', name !== null);
    if (!fault) return;
    this.#stream.stop();
    amiss('这个地址打不开', fault);
  }

  /** Shows a scene from a moment on: its picture is asked for now, and waits. @param {Scene} to @param {number} at */
  #turnTo(to, at) {
    this.#turnAt = at;
    history.replaceState(null, '', path(to)); // a wall goes on for weeks: no way back of thousands of steps
    this.#go();
  }

  /** Keeps the clock, on the second. */
  #tick() {
    if (this.#life.signal.aborted) return;
    this.#look();
    this.#tell();
    if (this.#connection.state === 'live') this.#renewal.tick();
    sweep();
    if (this.#ticks++ % 10 === 0) this.#heap = /** @type {any} */ (performance).memory?.usedJSHeapSize; // it is dear to ask
    setTimeout(() => this.#tick(), 1000 - (this.#clock.now() % 1000));
  }

  /** Whether the page or its machine stood still meanwhile: then nothing that is shown is known to be so. */
  #look() {
    const slept = this.#sleep.look();
    this.#clock.slept(slept);
    if (slept > 0) this.#stream.woke();
    else this.#stream.check();
    void this.#awake.look();
  }

  /** The page has come to the front, or the network is there again. */
  #woken() {
    this.#look();
    this.#stream.nudge();
  }

  /** Another page is on the glass: this one ends, and stays as an empty document. */
  #retire() {
    this.#life.abort();
    this.#stream.stop();
    this.#on?.view.dispose();
    this.#coming?.view.dispose();
    this.#on = this.#coming = null;
    this.#charts.dispose();
    void this.#awake.look();
    for (const name of Object.keys(this.#root.dataset)) delete this.#root.dataset[name];
  }

  #tell() {
    this.#head.tell({
      connection: this.#connection.state, words: this.#connection.words, status: this.#status,
      header: this.#header, heard: this.#heard, now: this.#clock.now(), past: this.#past?.replayed,
    });
  }

  /** @param {Message} m */
  #receive(m) {
    if ('time' in m) this.#clock.set(m.time);
    if (m.type === 'wall') {
      this.#tile?.told(m);
      this.#later = m.later_ms ?? 0;
      this.#carousel?.told(m.steer ?? null);
    }
    if (m.type === 'alarms') {
      this.#alarms?.told(m.alarms);
      this.#carousel?.alarmed();
    }
    if ('status' in m) this.#status = m.status;
    // A batch was true when it was cut, whatever was verified before.
    if ('batch' in m && typeof m.batch === 'object' && this.#status && this.#status.verified < m.batch.as_of) {
      this.#status = { ...this.#status, verified: m.batch.as_of };
    }
    if (m.type === 'error') this.#failed(m.code);
    else this.#heard = this.#clock.now();
    const arrived = this.#arrived;
    if (m.type === 'snapshot') {
      arrived.snapshot = m;
      arrived.panels.clear();
    }
    if ('path' in m && m.path) arrived.path = m.path;
    if ('panels' in m) for (const update of m.panels) arrived.panels.set(update.id, { ...arrived.panels.get(update.id), ...update });
    if (m.type === 'current') this.#header = m.batch;
    if ('panels' in m) {
      arrived.header = m.batch;
      arrived.showAt = m.show_at ?? 0;
      this.#plan();
    } else this.#tell();
  }

  /** @param {string} code what the server says is wrong */
  #failed(code) {
    this.#connection = { ...this.#connection, words: code };
    // A turn that cannot be shown is passed over: what is on the glass stays live.
    if (!this.#carousel || !this.#on || !code.startsWith('unknown_') || this.#on.screen.id === scene().screen && this.#region === scene().region) return;
    this.#turnTo({ screen: this.#on.screen.id, region: this.#region }, 0);
  }

  /**
   * Draws all that came at the moment at which all displays of the wall do, by the server's clock.
   * What comes while a batch waits for its moment is drawn after it, at its own; with a scene that
   * waits it is drawn together.
   */
  #plan() {
    const { snapshot, showAt } = this.#arrived;
    if (this.#late || this.#due !== null && this.#taken && !this.#taken.snapshot && !snapshot) return;
    this.#take();
    const now = this.#clock.now();
    // A wall that shows nothing yet has nothing to wait for.
    let at = showAt - now > FARTHEST ? now : Math.max(showAt + this.#later, now);
    if (!this.#header) at = 0; // and no clock to go by
    if (this.#due !== null && this.#due <= at) return;
    this.#due = at;
    this.#wait();
  }

  /** Begins to draw what has arrived, where all is there that it is drawn with. */
  #take() {
    const { header, snapshot, path, panels } = this.#arrived;
    if (!header || snapshot && !this.#has(snapshot)) return;
    const before = snapshot ? null : this.#taken;
    const taken = { header, showAt: 0, snapshot: snapshot ?? before?.snapshot ?? null, path: path ?? before?.path ?? null, panels: before?.panels ?? new Map() };
    for (const [id, update] of panels) taken.panels.set(id, { ...taken.panels.get(id), ...update });
    this.#taken = taken;
    this.#arrived = nothing();
    this.#prepare(taken.snapshot, [...taken.panels.values()], header, this.#anew(taken.snapshot));
    this.#unready();
    this.#unready = this.#charts.whenDrawn(() => { this.#readyAt = this.#clock.now(); });
  }

  /** Whether a scene begins. @param {Snapshot|null} snapshot */
  #anew(snapshot) {
    return snapshot !== null && (this.#root.dataset.region !== snapshot.region || this.#on?.screen.edition !== snapshot.edition || Boolean(this.#past?.replayed));
  }

  /**
   * Lets charts be drawn, before their moment. A view that is not seen yet is drawn as a whole.
   * @param {Snapshot|null} snapshot
   * @param {PanelUpdate[]} updates
   * @param {Header} header
   * @param {boolean} anew
   */
  #prepare(snapshot, updates, header, anew) {
    const region = snapshot?.region ?? this.#region;
    const coming = snapshot && this.#come(snapshot);
    if (coming) coming.draw(updates, { header, region, anew: true });
    else this.#on?.view.prepare(updates, { region, anew });
  }

  /** The view that is to take the place of the one on the glass; null where that shows the scene itself. @param {Snapshot} snapshot */
  #come(snapshot) {
    const screen = this.#screens.get(snapshot.screen);
    if (!screen || screen === this.#on?.screen) return null;
    if (this.#coming?.screen !== screen) {
      this.#coming?.view.dispose();
      const view = new ScreenView(find('#screen'), screen, {
        wall: address().wall, pick: (key) => this.#pick(key), now: () => this.#clock.now(), charts: this.#charts, tile: this.#tile, made: (id) => this.#cards.made(id),
      });
      view.compare(this.#then);
      this.#coming = { screen, view };
    }
    return this.#coming.view;
  }

  /** Waits for the frame that begins closest to what is due. */
  #wait() {
    this.#unwait();
    this.#unwait = inFrame(() => this.#clock.now(), this.#due ?? 0, () => this.#draw());
  }

  #draw() {
    this.#due = null;
    if (this.#life.signal.aborted) return;
    if (!this.#taken) this.#take();
    const taken = this.#taken;
    if (!taken?.header) return; // what is on the glass stays until all of the new scene is there
    const { header, snapshot, path } = taken;
    if (snapshot && this.#header && this.#turnAt - this.#clock.now() > FRAME / 2) { // and until its moment
      this.#due = this.#turnAt;
      this.#wait();
      return;
    }
    this.#late = !this.#charts.drawn;
    if (this.#late) {
      this.#unwait = this.#charts.whenDrawn(() => this.#wait());
      return;
    }
    const begun = performance.now();
    const anew = this.#anew(snapshot);
    const ready = this.#readyAt;
    this.#taken = null;
    this.#past?.left();
    if (snapshot) this.#turn(snapshot);
    if (path) this.#head.path(path, (code) => this.#pick(code));
    this.#header = header;
    this.#on?.view.draw([...taken.panels.values()], { header, region: this.#region, anew });
    this.#root.dataset.batch = String(header.batch);
    this.#cards.moved(header);
    this.#checks.moved(header);
    this.#tell();
    setTimeout(() => { // after the frame
      if (this.#root.dataset.drawn === undefined) performance.mark('first-picture');
      const [drawn, frame] = [round(this.#clock.now()), round(performance.now() - begun)];
      this.#root.dataset.drawn = `${drawn} ${frame}`;
      this.#stream.drawn({
        batch: header.batch, ready: round(ready), drawn, frame_ms: frame, heap: this.#heap,
      });
    }, 0);
    if (this.#arrived.header) this.#plan(); // while this was waited for
  }

  /** Waits until a picture of before can be drawn. @param {Snapshot} picture */
  async #ready(picture) {
    while (!this.#has(picture)) await new Promise((done) => setTimeout(done, FRAME));
    this.#prepare(picture, picture.panels, picture.batch, true);
    await new Promise((done) => this.#charts.whenDrawn(() => done(null)));
  }

  /** Draws a picture of before; nothing more comes of what is live. @param {Snapshot} picture */
  #drawPast(picture) {
    this.#stream.stop();
    this.#arrived = nothing();
    this.#taken = null;
    this.#late = false;
    this.#turn(picture);
    this.#header = picture.batch;
    this.#on?.view.draw(picture.panels, { header: picture.batch, region: this.#region, anew: true });
    this.#root.dataset.batch = String(picture.batch.batch);
    this.#tell();
  }

  /** Asks for what is live, from the beginning: what was drawn since is no part of it. */
  #drawLive() {
    this.#stream.forget();
    this.#go();
  }

  /** Shows the scene that the address names. */
  #go() {
    if (this.#life.signal.aborted) return;
    if (!this.#past?.gone()) this.#stream.show(scene());
  }

  /** Whether all is there that a scene is drawn with; what is not is fetched. @param {Snapshot} snapshot */
  #has({ screen, edition }) {
    if (!this.#mapped) return false;
    const fetched = this.#screens.get(screen);
    if (fetched && (edition === undefined || fetched.edition === edition)) return true;
    void this.#fetch(screen);
    return false;
  }

  /** Puts a scene on the glass: another screen or edition takes the place of the one before. @param {Snapshot} snapshot */
  #turn(snapshot) {
    const view = this.#come(snapshot);
    if (view && this.#coming) {
      this.#on?.view.dispose();
      this.#on = this.#coming;
      this.#coming = null;
      view.show();
      const { screen } = this.#on;
      this.#cards.screen(screen);
      this.#exports?.screen(screen);
      this.#head.screen(screen);
      this.#root.dataset.screen = screen.id;
      scrollTo(0, 0);
    }
    this.#coming?.view.dispose(); // of a scene that nobody wants any more
    this.#coming = null;
    this.#root.dataset.region = this.#region = snapshot.region;
    this.#nav.shown(snapshot.screen);
    // Of the document, whatever frame this page is in.
    this.#compare.target = '_top';
    this.#compare.href = `/compare?${snapshot.path.length > 1 ? `regions=${snapshot.path[1]?.code}&` : ''}from=${encodeURIComponent(location.pathname + location.search)}`;
    this.#on?.view.approved(snapshot.map_approval ?? '');
  }

  /** A region was touched: show it, or go back up where it is shown already. @param {string} key */
  #pick(key) {
    if (!/^\d{6}(\d{3})?$/.test(key)) return this.#cards.row(key);
    this.#cards.gone();
    this.#show({ ...address(), region: key === this.#region ? `${key.slice(0, 2)}0000` : key });
  }

  /** @param {ReturnType<typeof address>} to */
  #show(to) {
    if (this.#carousel) return this.#carousel.take({ screen: to.screen, region: to.region });
    history.pushState(null, '', path(to));
    this.#go();
  }

  /** Fetches a screen, and draws what has waited for it. @param {string} id */
  async #fetch(id) {
    if (this.#fetching.has(id)) return;
    this.#fetching.add(id);
    try {
      const answer = await fetch(`/api/screens/${encodeURIComponent(id)}`, { cache: 'no-store' });
      if (answer.ok) this.#screens.set(id, await answer.json());
      else if (answer.status !== 404) throw new Error(`screen ${id}: HTTP ${answer.status}`);
      const wanted = this.#arrived.snapshot?.screen === id ? this.#arrived.snapshot.edition : undefined;
      if (wanted && this.#screens.get(id)?.edition !== wanted) throw new Error(`screen ${id}: edition ${wanted} is not there yet`);
      this.#fetching.delete(id);
      this.#redraw();
    } catch (error) {
      console.warn(error);
      setTimeout(() => {
        this.#fetching.delete(id);
        this.#redraw();
      }, AGAIN);
    }
  }

  /** Fetches the map; tries again until it is there. */
  async #map() {
    while (!this.#mapped && !this.#life.signal.aborted) {
      try {
        this.#charts.register(await fetchMap(meta('liaowang-assets'), 'hainan'));
        this.#mapped = true;
      } catch (error) {
        console.warn(error);
        await new Promise((done) => setTimeout(done, AGAIN));
      }
    }
    this.#redraw();
  }

  /** Draws what has arrived, now that something more is there. */
  #redraw() {
    if (this.#arrived.header) this.#plan();
  }
}

/** @returns {Picture} */
function nothing() {
  return { header: null, showAt: 0, snapshot: null, path: null, panels: new Map() };
}

/** @param {number} ms */
function round(ms) {
  return Math.round(ms * 10) / 10;
}

/** What the address names: /wall/{screen}?region=…&fit=wall */
function address() {
  const url = new URL(location.href);
  return {
    screen: decodeURIComponent(url.pathname.split('/').filter(Boolean)[1] ?? 'overview'),
    region: url.searchParams.get('region') ?? PROVINCE,
    wall: url.searchParams.get('fit') === 'wall' || url.searchParams.has('wall'),
    /** Whether it shows by itself, or is one of those that do. */
    alone: url.searchParams.has('wall') || url.searchParams.has('carousel'),
  };
}

/** The scene that the address names. */
function scene() {
  const { screen, region } = address();
  return { screen, region };
}

/** Says what is wrong with the address, instead of a picture. @param {string} title @param {string} words */
function amiss(title, words) {
  document.body.replaceChildren(make('main', 'amiss', make('h1', '', title), make('p', '', words)));
}

/** The address of a screen for a region, all else as it is. @param {{screen: string, region: string}} to */
function path({ screen, region }) {
  const url = new URL(location.href);
  url.pathname = `/wall/${encodeURIComponent(screen)}`;
  url.searchParams.set('region', region);
  return url.pathname + url.search;
}

const { fault } = readPlace(new URL(location.href).searchParams);
if (fault) amiss('这个地址打不开', fault);
else new Wall().start();
