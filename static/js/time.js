/** Time as the hall reads it: Asia/Shanghai, from the server's clock. */

const ZONE = 'Asia/Shanghai';

const clockForm = new Intl.DateTimeFormat('zh-CN', { timeZone: ZONE, hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' });
const dayForm = new Intl.DateTimeFormat('zh-CN', { timeZone: ZONE, year: 'numeric', month: 'numeric', day: 'numeric', weekday: 'long' });
const shortForm = new Intl.DateTimeFormat('zh-CN', { timeZone: ZONE, month: 'numeric', day: 'numeric' });

/** The time of day: 14:03:22. @param {number} ms */
export function clock(ms) {
  return clockForm.format(ms);
}

/** The date: 2026年11月23日 星期一. @param {number} ms */
export function day(ms) {
  const part = Object.fromEntries(dayForm.formatToParts(ms).map((p) => [p.type, p.value]));
  return `${part.year}年${part.month}月${part.day}日 ${part.weekday}`;
}

/**
 * A moment in words: the time, and before it the date where it is not today's.
 * @param {number} ms
 * @param {number} now
 */
export function moment(ms, now) {
  return day(ms) === day(now) ? clock(ms) : `${shortForm.format(ms)} ${clock(ms)}`;
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

/** The server's clock, by what it last said of it. */
export class ServerClock {
  /** @type {() => number} */ #local;
  #offset = 0;

  /** @param {() => number} local */
  constructor(local) {
    this.#local = local;
  }

  /** @param {number} time unix milliseconds that the server has just sent */
  set(time) {
    if (Number.isFinite(time)) this.#offset = time - this.#local();
  }

  now() {
    return this.#local() + this.#offset;
  }
}
