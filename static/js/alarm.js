/**
 * What interrupts a wall that shows by itself: what has happened, where, since when, and which
 * screen shows more. It comes at the same moment on all displays, and gives way by itself.
 *
 * @import {Alarm, Scene} from './types.js'
 * @typedef {{alarm: Alarm|null, begun: number, until: number}} Sounding the alarm whose turn it is, since when, and
 *   until when it is so at least; times by the server's clock, ms
 */
import { find, make, say } from './dom.js';
import { inFrame } from './frame.js';
import { moment, parse } from './time.js';

/** An alarm whose cause is gone at once is read all the same, ms. */
const LEAST = 5000;
/** So long it lies over the picture, large; then it stands in the head, ms. */
const LARGE = 10_000;
/** So late after its moment an alarm still sounds, ms. */
const FRESH = 3000;

/** @param {Alarm} a */
const rank = (a) => (a.level === 'red' ? 0 : 1);

/**
 * Whose turn it is. Red comes before yellow, and takes its place; of one level each waits for the one before.
 * It follows from the list alone: every display that has it says the same.
 * @param {Alarm[]} alarms
 * @param {number} t
 * @returns {Sounding}
 */
export function sounding(alarms, t) {
  const all = alarms.map((alarm) => ({ alarm, left: alarm.show_ms, begun: Infinity }))
    .sort((a, b) => rank(a.alarm) - rank(b.alarm) || a.alarm.from - b.alarm.from || (a.alarm.id + a.alarm.key < b.alarm.id + b.alarm.key ? -1 : 1));
  let now = -Infinity;
  for (;;) {
    const next = Math.min(...all.map(({ alarm }) => (alarm.from > now ? alarm.from : Infinity)));
    const one = all.find((a) => a.alarm.from <= now && a.left > 0 && (a.alarm.over === 0 || now < Math.max(a.alarm.over, a.begun === Infinity ? 0 : a.begun + LEAST)));
    if (!one) {
      if (next > t) return { alarm: null, begun: 0, until: next };
      now = next;
      continue;
    }
    one.begun = Math.min(one.begun, now);
    const gone = one.alarm.over === 0 ? Infinity : Math.max(one.alarm.over, one.begun + LEAST);
    const end = Math.min(now + one.left, next, gone);
    if (end > t) return { alarm: one.alarm, begun: one.begun, until: end };
    one.left -= end - now;
    now = end;
  }
}

export class Alarms {
  /** @type {() => number} */ #now;
  /** @type {(scene: Scene) => void} */ #go;
  #sound = new URL(location.href).searchParams.get('sound') === 'on';
  /** @type {AudioContext|null} */ #audio = null;
  /** @type {Alarm[]} */ #alarms = [];
  #root = document.documentElement;
  #level = make('p', 'level');
  #title = make('h2');
  #words = make('p', 'words');
  #where = make('p', 'where');
  #card = make('section', 'alarm', this.#level, this.#title, this.#words, this.#where);
  #band = make('button', 'alarm-band');
  #shown = '';
  /** @type {Alarm|null} */ #on = null;
  /** Ends the wait for what comes next. */ #unplan = () => {};

  /** @param {{now: () => number, go: (scene: Scene) => void, signal: AbortSignal}} world the server's time, ms; a person goes to a scene; what ends it */
  constructor({ now, go, signal }) {
    this.#now = now;
    this.#go = go;
    this.#card.setAttribute('role', 'alert');
    this.#band.type = 'button';
    this.#band.addEventListener('click', () => { if (this.#on) this.#go({ screen: this.#on.screen, region: this.#on.region }); });
    document.body.append(this.#card);
    find('#question').after(this.#band);
    if (this.#sound) addEventListener('pointerdown', () => void this.#voice()?.resume(), { passive: true, signal }); // browsers want a hand first
  }

  /** @param {Alarm[]} alarms all of the last minutes */
  told(alarms) {
    this.#alarms = alarms;
    this.#plan();
  }

  /** What an alarm wants to be shown at a time, and until when it is so at least. @param {number} t @returns {{scene: Scene|null, until: number}} */
  at(t) {
    const { alarm, until } = sounding(this.#alarms, t);
    return { scene: alarm && { screen: alarm.screen, region: alarm.region }, until };
  }

  #plan() {
    this.#unplan();
    const now = this.#now();
    const { alarm, begun, until } = sounding(this.#alarms, now);
    // What was is looked at on purpose: nothing of now lies over it.
    const on = this.#root.dataset.truth === 'past' ? null : alarm;
    const large = on !== null && now < begun + LARGE;
    this.#on = on;
    if (this.#root.dataset.alarm !== on?.level) {
      if (on) this.#root.dataset.alarm = on.level;
      else delete this.#root.dataset.alarm;
    }
    this.#card.hidden = !large;
    this.#band.hidden = on === null;
    const name = on ? `${on.id}/${on.key}/${on.from}` : '';
    if (on && name !== this.#shown) this.#write(on, now);
    if (on && name !== this.#shown && on.sound && now < begun + FRESH) this.#beep();
    this.#shown = name;
    const next = Math.min(until, large ? begun + LARGE : Infinity);
    if (next < Infinity) this.#unplan = inFrame(this.#now, Math.max(next, now + 10), () => this.#plan());
  }

  /** @param {Alarm} alarm @param {number} now */
  #write({ level, title, words, where, screen_title: screen, since, batch }, now) {
    const at = parse(since);
    const from = at === null ? '' : `自 ${moment(at, now)}`;
    say(this.#level, level === 'red' ? '红色警报' : '黄色警报');
    say(this.#title, `${where}　${title}`);
    say(this.#words, words);
    say(this.#where, [from, batch ? `第 ${batch} 批` : '', screen ? `详见“${screen}”` : ''].filter(Boolean).join('　'));
    this.#card.dataset.level = level;
    this.#band.dataset.level = level;
    this.#band.replaceChildren(make('b', '', `${level === 'red' ? '红色警报' : '黄色警报'}　${where}　${title}`), make('span', '', [words, from].filter(Boolean).join('，')));
  }

  #voice() {
    this.#audio ??= 'AudioContext' in globalThis ? new AudioContext() : null;
    return this.#audio;
  }

  /** Three short notes; a browser that has not been touched may keep silent. */
  #beep() {
    const audio = this.#sound ? this.#voice() : null;
    if (!audio) return;
    void audio.resume();
    for (let i = 0; i < 3; i++) {
      const [tone, volume] = [audio.createOscillator(), audio.createGain()];
      const at = audio.currentTime + 0.4 * i;
      tone.frequency.value = i % 2 ? 660 : 880;
      volume.gain.setValueAtTime(0, at);
      volume.gain.linearRampToValueAtTime(0.3, at + 0.02);
      volume.gain.linearRampToValueAtTime(0, at + 0.3);
      tone.connect(volume).connect(audio.destination);
      tone.start(at);
      tone.stop(at + 0.32);
    }
  }
}
