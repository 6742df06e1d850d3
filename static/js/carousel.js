/**
 * What a wall shows by itself: screens one after the other, by the server's clock, so that all of
 * its displays turn in the same frame whenever they were opened. Who touches takes over; after a
 * rest it goes on.
 *
 * @import {Scene} from './types.js'
 * @typedef {{screen: string, region?: string, for_ms: number, hours: [number, number][]}} Turn hours in minutes of the day
 * @typedef {{id: string, title: string, edition: string, rest_ms: number, turns: Turn[]}} Programme
 * @typedef {{at: number, until: number, screen: string, region: string, paused: boolean, index: number|null}} Steer
 *   what a person has asked for: from at on the scene is held until until, and then turn index comes;
 *   screen is empty where nothing is held. Times by the server's clock, ms
 * @typedef {{hold_ms: number, screen: string, region: string, paused: boolean, index: number|null}} Ask
 * @typedef {{scene: Scene, index: number, until: number, held: ''|'hand'|'paused'}} Playing until when it is so
 */
import { find, make, say } from './dom.js';
import { lasting } from './time.js';

const MINUTE = 60_000;
const DAY = 86_400_000;
const SHANGHAI = 8 * 3_600_000;
/** So long before a turn the next scene is asked for, ms: the picture waits for the turn. */
const LEAD = 1000;
/** A pause ends by itself, since nobody may come back, ms. */
const PAUSE = 3_600_000;
/** Where there is no carousel to go on with, a scene is held for so long, ms. */
const HELD = 12 * 3_600_000;
/** A hand on the glass is told so often, ms. */
const TOLD = 5000;
/** How long the server may take to say a steer again before the display acts alone, ms. */
const ALONE = 1500;
/** How often it is asked whether the programme is another, ms. */
const ASK = 60_000;

/** The begin of the day, in Asia/Shanghai. @param {number} t */
const day = (t) => Math.floor((t + SHANGHAI) / DAY) * DAY - SHANGHAI;

/** Whether a turn is one at a time. @param {Turn} turn @param {number} t */
function isShown({ hours }, t) {
  const minute = Math.floor((t - day(t)) / MINUTE);
  return hours.length === 0 || hours.some(([from, until]) => (from < until ? from <= minute && minute < until : from <= minute || minute < until));
}

/** The last moment up to t at which other turns began to be shown, and the first after it. @param {Turn[]} turns @param {number} t */
function between(turns, t) {
  const begin = day(t);
  let [from, until] = [begin, begin + DAY];
  for (const minute of turns.flatMap(({ hours }) => hours.flat())) {
    const at = begin + minute * MINUTE;
    if (at <= t) from = Math.max(from, at);
    else until = Math.min(until, at);
  }
  return { from, until };
}

/**
 * Which turn it is, going by the clock alone.
 * @param {Turn[]} turns
 * @param {number} t
 * @param {{at: number, index: number}|null} begun the turn that was begun with, and when; of before the hours it says nothing
 * @returns {{index: number, until: number}}
 */
export function turn(turns, t, begun) {
  const hours = between(turns, t);
  const shown = turns.flatMap((one, i) => (isShown(one, t) ? [i] : []));
  if (shown.length === 0) return { index: 0, until: hours.until };
  const anchored = begun && begun.at > hours.from && begun.at <= t;
  const first = anchored ? Math.max(0, shown.findIndex((i) => i >= begun.index)) : 0;
  const order = [...shown.slice(first), ...shown.slice(0, first)];
  const length = order.reduce((sum, i) => sum + (turns[i]?.for_ms ?? 0), 0);
  const from = anchored ? begun.at : hours.from;
  let end = t - ((t - from) % length);
  for (const i of order) {
    end += turns[i]?.for_ms ?? 0;
    if (end > t) return { index: i, until: Math.min(end, hours.until) };
  }
  return { index: order[0] ?? 0, until: hours.until };
}

/**
 * What is shown at a time.
 * @param {Programme|null} programme
 * @param {Steer|null} steer
 * @param {number} t
 * @param {Scene} home what there is without a programme
 * @returns {Playing}
 */
export function plays(programme, steer, t, home) {
  const coming = steer && steer.at > t ? steer.at : Infinity;
  const asked = steer && steer.at <= t ? steer : null;
  if (asked?.screen && t < asked.until) {
    return { scene: { screen: asked.screen, region: asked.region }, index: asked.index ?? 0, until: asked.until, held: asked.paused ? 'paused' : 'hand' };
  }
  if (!programme) return { scene: home, index: 0, until: coming, held: '' };
  const begun = asked && asked.index !== null ? { at: asked.screen ? asked.until : asked.at, index: asked.index } : null;
  const { index, until } = turn(programme.turns, t, begun);
  const one = programme.turns[index];
  return { scene: { screen: one?.screen ?? home.screen, region: one?.region || home.region }, index, until: Math.min(until, coming), held: '' };
}

/** @param {Scene} a @param {Scene|null} b */
const same = (a, b) => a.screen === b?.screen && a.region === b.region;

export class Carousel {
  /** @type {{now: () => number, shown: () => Scene, show: (scene: Scene, at: number) => void, prepare: (screen: string) => void, tell: ((ask: Ask) => void)|null, alarm: (t: number) => {scene: Scene|null, until: number}, signal: AbortSignal}} */ #world;
  /** @type {Programme|null} */ #programme = null;
  /** @type {Steer|null} */ #steer = null;
  /** @type {Scene} */ #home;
  /** What was asked to be shown last. @type {Scene} */ #wanted;
  #root = document.documentElement;
  #words = make('span');
  #bar = make('div', 'carousel');
  /** @type {ReturnType<typeof setTimeout>|undefined} */ #timer;
  /** @type {ReturnType<typeof setTimeout>|undefined} */ #alone;
  #touched = -Infinity;

  /**
   * @param {object} world
   * @param {() => number} world.now the server's time, ms
   * @param {() => Scene} world.shown what is on the glass, or on its way
   * @param {(scene: Scene, at: number) => void} world.show shows a scene from a moment on
   * @param {(screen: string) => void} world.prepare fetches what a screen needs
   * @param {(t: number) => {scene: Scene|null, until: number}} world.alarm what interrupts at a time, and until when it is so at least
   * @param {((ask: Ask) => void)|null} world.tell asks for something on all displays of the wall; null: there is no other
   * @param {AbortSignal} world.signal ends it
   */
  constructor(world) {
    this.#world = world;
    this.#home = this.#wanted = world.shown();
    this.#build();
    const { signal } = world;
    addEventListener('keydown', (e) => this.#key(e), { capture: true, signal });
    for (const type of ['pointerdown', 'keydown', 'wheel']) addEventListener(type, () => this.#hand(), { passive: true, signal });
  }

  /**
   * Begins with the carousel of a name; says in words what is wrong where there must be one of that name.
   * @param {string} name
   * @param {boolean} must
   */
  async begin(name, must) {
    const all = await this.#ask(name);
    if (all && must && !this.#programme) return `没有叫 ${name} 的轮播；有：${all.map((c) => `${c.id}（${c.title}）`).join('、')}`;
    // What is changed in its file is taken up a minute later at most, by all displays at about the same time.
    const again = () => {
      if (!this.#world.signal.aborted) setTimeout(() => void this.#ask(name).then(again), ASK - (this.#world.now() % ASK));
    };
    again();
    this.#plan();
    return '';
  }

  /** Asks which carousels there are; null where the server does not answer. @param {string} name @returns {Promise<Programme[]|null>} */
  async #ask(name) {
    try {
      const answer = await fetch('/api/carousels', { cache: 'no-store' });
      if (!answer.ok) return null;
      /** @type {Programme[]} */
      const all = await answer.json();
      const programme = all.find((c) => c.id === name) ?? null;
      if (programme?.edition !== this.#programme?.edition) {
        this.#programme = programme;
        this.#plan();
      }
      return all;
    } catch {
      return null; // it is asked again
    }
  }

  /** What all displays of the wall were asked for. @param {Steer|null} steer */
  told(steer) {
    clearTimeout(this.#alone);
    this.#steer = steer;
    this.#plan();
  }

  /** A person goes to a scene. @param {Scene} scene */
  take(scene) {
    const { index } = this.#playing();
    this.#touched = this.#world.now();
    this.#say({ ...scene, paused: false, index, hold_ms: this.#programme?.rest_ms ?? HELD });
  }

  /** @returns {Playing} */
  #playing() {
    return this.#at(this.#world.now());
  }

  /** What is shown at a time: an alarm interrupts, but no person who looks at something. @param {number} t @returns {Playing} */
  #at(t) {
    const is = plays(this.#programme, this.#steer, t, this.#home);
    const alarm = this.#world.alarm(t);
    return { ...is, until: Math.min(is.until, alarm.until), scene: !is.held && this.#programme && alarm.scene ? alarm.scene : is.scene };
  }

  /** There are other alarms. */
  alarmed() {
    this.#plan();
  }

  /** Shows what is to be shown, and waits for what comes. */
  #plan() {
    clearTimeout(this.#timer);
    if (this.#world.signal.aborted) return;
    const now = this.#world.now();
    const is = this.#playing();
    const soon = is.until - now <= LEAD ? this.#at(is.until) : is;
    if (!same(soon.scene, this.#wanted)) {
      this.#wanted = soon.scene;
      this.#world.show(soon.scene, soon === is ? now : is.until);
    }
    this.#state(is, now);
    if (is === soon && is.until < Infinity) this.#world.prepare(this.#at(is.until).scene.screen);
    const next = is === soon ? is.until - LEAD : is.until;
    this.#timer = setTimeout(() => this.#plan(), Math.max(20, Math.min(next - now, is.held ? 1000 - (now % 1000) : MINUTE)));
    if (is.held && this.#covered()) this.#hand();
  }

  /** A hand is on the glass: nothing turns under it. */
  #hand() {
    const now = this.#world.now();
    const is = this.#playing();
    if (!this.#programme || is.held === 'paused' || now - this.#touched < TOLD) return;
    this.#touched = now;
    this.#say({ ...this.#world.shown(), paused: false, index: is.index, hold_ms: this.#programme.rest_ms });
  }

  /** Something lies over the picture that a person has opened, or it is one of before. */
  #covered() {
    return document.querySelector('dialog[open]') !== null || this.#root.dataset.truth === 'past';
  }

  /** @param {Ask} ask */
  #say(ask) {
    const at = this.#world.now();
    /** @type {Steer} */
    const steer = { at, until: at + ask.hold_ms, screen: ask.screen, region: ask.region, paused: ask.paused, index: ask.index };
    if (!this.#world.tell) return this.told(steer);
    this.#world.tell(ask);
    clearTimeout(this.#alone);
    this.#alone = setTimeout(() => this.told(steer), ALONE);
  }

  /** Goes on with the turn that is so many further. @param {number} by */
  #step(by) {
    const turns = this.#programme?.turns ?? [];
    const now = this.#world.now();
    let { index } = this.#playing();
    for (let tried = 0; tried < turns.length; tried++) {
      index = (index + by + turns.length) % turns.length;
      const one = turns[index];
      if (one && isShown(one, now)) break;
    }
    this.#touched = now;
    this.#say({ screen: '', region: '', paused: false, index, hold_ms: 0 });
  }

  #pause() {
    const { held, index } = this.#playing();
    this.#touched = this.#world.now();
    if (held) this.#say({ screen: '', region: '', paused: false, index, hold_ms: 0 });
    else this.#say({ ...this.#world.shown(), paused: true, index, hold_ms: PAUSE });
  }

  /** @param {KeyboardEvent} e */
  #key(e) {
    if (!this.#programme || this.#covered() || e.altKey || e.ctrlKey || e.metaKey) return;
    const on = e.target instanceof HTMLElement && e.target.closest('button, input, select, a, [tabindex]');
    if (e.key === ' ' && !on) this.#pause();
    else if (e.key === 'ArrowRight' || e.key === 'PageDown') this.#step(1);
    else if (e.key === 'ArrowLeft' || e.key === 'PageUp') this.#step(-1);
    else return;
    e.preventDefault();
    e.stopImmediatePropagation(); // along the carousel, not along the story
  }

  #build() {
    const go = make('button', '', '继续轮播');
    const stay = make('button', 'stay', '停在这里');
    go.type = stay.type = 'button';
    go.addEventListener('click', () => this.#say({ screen: '', region: '', paused: false, index: this.#playing().index, hold_ms: 0 }));
    stay.addEventListener('click', () => this.#say({ ...this.#world.shown(), paused: true, index: this.#playing().index, hold_ms: PAUSE }));
    for (const button of [go, stay]) button.addEventListener('pointerdown', (e) => e.stopPropagation());
    this.#bar.append(this.#words, go, stay);
    this.#bar.setAttribute('role', 'group');
    this.#bar.setAttribute('aria-label', '轮播');
    find('#question').after(this.#bar);
  }

  /** @param {Playing} is @param {number} now */
  #state({ held, until }, now) {
    const rest = Math.max(0, until - now);
    this.#root.dataset.held = this.#programme ? held : '';
    say(this.#words, held === 'paused' ? '轮播已暂停' : held === 'hand' ? `人工查看，${lasting(Math.ceil(rest / 1000) * 1000)}后继续轮播` : '');
  }
}
