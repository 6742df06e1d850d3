/**
 * The head of the glass: where we are, what is shown, and whether it is true.
 *
 * @import {Header, Screen, Snapshot} from './types.js'
 * @import {Facts} from './truth.js'
 */
import { find, make, say } from './dom.js';
import { clock, day, moment, parse } from './time.js';
import { judge } from './truth.js';

export class Head {
  #root = document.documentElement;
  #path = find('#path');
  #title = find('#title');
  #question = find('#question');
  #truth = find('#truth');
  #detail = find('#detail');
  #demo = find('#demo');
  #batch = find('#batch');
  #asOf = find('#as-of');
  #verified = find('#verified');
  #clock = find('#clock');
  #day = find('#day');

  /** @param {Screen} screen */
  screen(screen) {
    say(this.#title, screen.title);
    say(this.#question, screen.question);
    document.title = `${screen.title} · 瞭望`;
  }

  /**
   * The way from the province to the region shown; all but the last lead back.
   * @param {Snapshot['path']} path
   * @param {(code: string) => void} go
   */
  path(path, go) {
    this.#path.replaceChildren(...path.map(({ code, name }, i) => {
      if (i === path.length - 1) return make('b', '', name);
      const button = make('button', '', name);
      button.addEventListener('click', () => go(code));
      return button;
    }));
  }

  /** @param {Facts} facts */
  tell(facts) {
    const { header, status } = facts;
    // What was has the time that it was shown at, and was verified by nobody now.
    const now = facts.past?.at ?? facts.now;
    const truth = judge(facts);
    this.#root.dataset.truth = truth.level;
    say(this.#truth, truth.words);
    say(this.#detail, truth.detail);
    this.#demo.hidden = !header?.demo;
    say(this.#batch, header ? `第 ${header.batch} 批` : '');
    say(this.#asOf, time('数据截至', parse(header?.as_of), now));
    say(this.#verified, facts.past ? '' : time('核对于', parse(status?.verified), now));
    say(this.#clock, clock(now));
    say(this.#day, day(now));
  }
}

/** @param {string} what @param {number|null} ms @param {number} now */
function time(what, ms, now) {
  return ms === null ? '' : `${what} ${moment(ms, now)}`;
}
