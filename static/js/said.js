/**
 * What a chart says to those who do not see it: a sentence with its figures, of the same data
 * that it is drawn from.
 *
 * @import {Amount} from './types.js'
 */

/** Numbers of a line that have no text of their own. */
const NUMBER = new Intl.NumberFormat('zh-CN', { maximumFractionDigits: 1 });

/**
 * @param {string} title
 * @param {{source?: any[][], nodes?: {name: string, text?: string}[], total?: Amount, unit?: string, empty?: string, footnote?: string}} data
 */
export function sentence(title, { source, nodes, total, unit = '', empty, footnote }) {
  if (empty) return `${title}：${empty}`;
  const parts = nodes ? nodes.map(({ name, text }) => `${name} ${text ?? ''}`) : source ? rows(source, unit) : [];
  if (total) parts.push(`合计 ${total.text}${total.unit}`);
  if (footnote) parts.push(footnote);
  return `${title}：${parts.map((p) => p.trim().replaceAll('\n', ' ')).join('；')}`;
}

/** @param {any[][]} source @param {string} unit */
function rows([head = [], ...all], unit) {
  const text = head.indexOf('text');
  if (text >= 0) return all.map((row) => `${row[1]} ${row[text]}`);
  // Lines over time: a value and a text for each.
  const lines = head.flatMap((/** @type {string} */ name, /** @type {number} */ i) => (head[i + 1] === `${name}_text` ? [i] : []));
  const gaps = head.indexOf('gap');
  return [...lines.map((/** @type {number} */ i) => line(all, i, unit)), ...all.filter((row) => gaps >= 0 && row[gaps]).map((row) => `${row[1]} ${row[gaps]}`)];
}

/** @param {any[][]} all @param {number} at @param {string} unit */
function line(all, at, unit) {
  const known = all.filter((row) => typeof row[at] === 'number');
  const [first, last] = [known[0], known.at(-1)];
  if (!first || !last) return '没有数';
  const high = known.reduce((a, b) => (b[at] > a[at] ? b : a));
  const low = known.reduce((a, b) => (b[at] < a[at] ? b : a));
  /** @param {any[]} row */
  const point = (row) => `${row[1]} ${NUMBER.format(row[at])}${unit}`;
  // The text at the end of one of several lines has its name.
  const name = typeof last[at + 1] === 'string' && /^[^\d]+ /.test(last[at + 1]) ? `${last[at + 1].split(' ')[0]} ` : '';
  return `${name}${point(first)} 至 ${point(last)}，最高 ${point(high)}，最低 ${point(low)}`;
}
