/** Time as the hall reads it: Asia/Shanghai, from the server's clock. */

const ZONE = 'Asia/Shanghai';

/** How far the zone is ahead of UTC, ms: it has had no summer time since 1991. */
const AHEAD = 8 * 3600_000;
const DAY = 86_400_000;
const dayForm = new Intl.DateTimeFormat('zh-CN', { timeZone: ZONE, year: 'numeric', month: 'numeric', day: 'numeric', weekday: 'long' });
const shortForm = new Intl.DateTimeFormat('zh-CN', { timeZone: ZONE, month: 'numeric', day: 'numeric' });

/** The time of day: 14:03:22. @param {number} ms */
export function clock(ms) {
  return new Date(ms + AHEAD).toISOString().slice(11, 19);
}

/** Days since the beginning of 1970, there. @param {number} ms */
function dayNumber(ms) {
  return Math.floor((ms + AHEAD) / DAY);
}

/** The date that was written last: it is asked for every second. */
let written = { day: NaN, text: '' };

/** The date: 2026年11月23日 星期一. @param {number} ms */
export function day(ms) {
  if (dayNumber(ms) === written.day) return written.text;
  const part = Object.fromEntries(dayForm.formatToParts(ms).map((p) => [p.type, p.value]));
  written = { day: dayNumber(ms), text: `${part.year}年${part.month}月${part.day}日 ${part.weekday}` };
  return written.text;
}

/**
 * A moment in words: the time, and before it the date where it is not today's.
 * @param {number} ms
 * @param {number} now
 */
export function moment(ms, now) {
  return dayNumber(ms) === dayNumber(now) ? clock(ms) : `${shortForm.format(ms)} ${clock(ms)}`;
}

/** How long ago, in words: 刚刚, 3分钟, 2小时5分. @param {number} ms */
export function lasting(ms) {
  const minutes = Math.floor(Math.max(0, ms) / 60000);
  if (minutes < 1) return `${Math.floor(Math.max(0, ms) / 1000)}秒`;
  if (minutes < 60) return `${minutes}分钟`;
  if (minutes < 1440) return `${Math.floor(minutes / 60)}小时${minutes % 60 ? `${minutes % 60}分` : ''}`;
  return `${Math.floor(minutes / 1440)}天`;
}

/** Reads a time of the protocol; null for none. @param {string|undefined} text */
export function parse(text) {
  const ms = Date.parse(text ?? '');
  return Number.isFinite(ms) && ms > 0 ? ms : null;
}

/** Answers that are remembered: clocks drift, so the quickest ever is not believed for ever. */
const ANSWERS = 8;
/** A beat that is further than this from what answers say tells that a clock was set, ms. */
const SET = 2000;

/** The server's clock: by the quickest of its last answers, or by what it last said of it. */
export class ServerClock {
  /** @type {() => number} */ #local;
  /** How far the server is ahead. */ #offset = 0;
  /** @type {{offset: number, delay: number}[]} */ #answers = [];

  /** @param {() => number} local */
  constructor(local) {
    this.#local = local;
  }

  /** Another server speaks now. @param {number} time */
  begin(time) {
    this.#answers = [];
    this.set(time);
  }

  /** @param {number} time unix milliseconds that the server has just sent */
  set(time) {
    if (!Number.isFinite(time)) return;
    if (this.#answers.length > 0 && Math.abs(time - this.now()) < SET) return;
    this.#answers = [];
    this.#offset = time - this.#local();
  }

  /** The machine has slept, and its clock with it. @param {number} ms for how long */
  slept(ms) {
    if (ms === 0) return;
    this.#answers = [];
    this.#offset += ms;
  }

  /** When a question is asked, by this machine's clock. */
  ask() {
    return this.#local();
  }

  /**
   * An answer has just come.
   * @param {{t0: number, t1: number, t2: number}} answer asked at t0 by this machine's clock, heard
   *   at t1 and answered at t2 by the server's
   */
  answered({ t0, t1, t2 }) {
    const t3 = this.#local();
    const answer = { offset: (t1 - t0 + t2 - t3) / 2, delay: t3 - t0 - (t2 - t1) };
    if (!Number.isFinite(answer.offset) || answer.delay < 0) return;
    this.#answers = [...this.#answers, answer].slice(-ANSWERS);
    this.#offset = this.#answers.reduce((best, a) => (a.delay < best.delay ? a : best)).offset;
  }

  now() {
    return this.#local() + this.#offset;
  }
}
