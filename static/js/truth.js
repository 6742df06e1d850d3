/**
 * What the glass says of itself: whether it is live, and if not, since when and
 * why. One judgement, so that no two places of the page can disagree.
 *
 * @import {Check, Header, Status} from './types.js'
 * @import {Connection} from './stream.js'
 */
import { clock, day, lasting, moment, parse } from './time.js';

/**
 * @typedef {object} Facts
 * @property {Connection} connection
 * @property {string} words what the server said when it refused
 * @property {Status|null} status
 * @property {Header|null} header the batch on the glass; null before the first
 * @property {number|null} heard when the server was last heard, by its clock
 * @property {number} now by the server's clock
 * @property {{at: number, leaving: boolean}|null} [past] what was, on purpose: since when, and whether it is being left
 *
 * @typedef {{level: 'ok'|'wait'|'held'|'old'|'past', words: string, detail: string}} Truth
 *   ok: live. wait: nothing to show yet. held: live, but a batch is held back.
 *   old: what is shown is old. past: it is old because somebody asked for it.
 */

/** Judges. @param {Facts} facts @returns {Truth} */
export function judge({ connection, words, status, header, heard, now, past }) {
  if (past && header) {
    const cut = parse(header.as_of) ?? past.at;
    return {
      level: 'past', words: `回放 · ${day(past.at)} ${clock(past.at)}`,
      detail: join('不是现在', `第 ${header.batch} 批，数据截至 ${moment(cut, past.at)}`, past.leaving ? (connection === 'live' ? '正在回到实时' : '连接中断，正在重新连接') : ''),
    };
  }
  if (connection === 'refused') return { level: 'old', words: refusal(words) || '连接被拒绝', detail: refusal(words) ? '' : words };
  if (!header) {
    if (connection === 'lost') return { level: 'old', words: '连接中断', detail: '正在重新连接' };
    const wrong = status && status.source !== 'ok' ? status.words : '';
    return { level: 'wait', words: '正在取数', detail: wrong || refusal(words) || words };
  }
  if (connection !== 'live') {
    return old('连接中断', heard ?? now, now, header);
  }
  const since = parse(status?.since) ?? now;
  switch (status?.source) {
    case 'store_lost':
      return old('批次存储中断', since, now, header, status.words);
    case 'silent':
      return old('汇总停止', since, now, header, status.words);
    case 'lost':
      return old('数据源中断', since, now, header, status.words);
    case 'held':
      return {
        level: 'held',
        words: `新批次未上屏，画面停在 ${moment(parse(header.as_of) ?? since, now)}`,
        detail: join(status.words, `第 ${header.batch} 批`, `已 ${lasting(now - since)}`),
      };
    default:
      return { level: 'ok', words: '', detail: '' };
  }
}

/**
 * What the server's error code says to a person; empty for a code of a newer server.
 * @param {string} code
 */
export function refusal(code) {
  switch (code) {
    case 'unknown_screen': return '没有这个屏';
    case 'unknown_region': return '没有这个区划';
    case 'bad_message': return '页面与服务不合，请刷新';
    case 'no_data_yet': return '尚无批次';
    case 'flood': return '页面发送过多，已被断开，请刷新';
    case 'not_drawn': return '屏幕无法绘制，见服务日志';
    default: return '';
  }
}

/**
 * @param {string} what
 * @param {number} since
 * @param {number} now
 * @param {Header} header
 * @param {string} [words]
 * @returns {Truth}
 */
function old(what, since, now, header, words) {
  return {
    level: 'old',
    words: `${what} · 画面停在 ${moment(since, now)}`,
    detail: join(words, `第 ${header.batch} 批`, `已 ${lasting(now - since)}`),
  };
}

/** @param {(string|undefined)[]} parts */
function join(...parts) {
  return parts.filter(Boolean).join(' · ');
}

/**
 * What a check says of a region: nothing where it holds there.
 * @param {Check|undefined} check
 * @param {string} region
 */
export function failure(check, region) {
  if (!check || check.ok) return '';
  return check.failures?.find((f) => f.region === region)?.words ?? '';
}

/** What weighs more comes first: the strip may not have room for all. */
const weight = { note: 0, warn: 1, hold: 2 };

/**
 * The strip of checks in words: how many hold, and what does not. What an operator let
 * pass is as failed as the rest, and says so.
 * @param {Check[]} checks
 * @returns {{summary: string, failed: {title: string, words: string, policy: Check['policy']}[]}}
 */
export function strip(checks) {
  const failed = checks.filter((c) => !c.ok).sort((a, b) => weight[b.policy] - weight[a.policy]);
  const holding = checks.length - failed.length;
  return {
    summary: failed.length === 0 ? `${holding}/${checks.length} 平` : `${holding}/${checks.length} 平，${failed.length} 项不平`,
    failed: failed.map((c) => ({ title: c.title, words: (c.releases?.length ? '已放行：' : '') + (c.words ?? '不平'), policy: c.policy })),
  };
}
