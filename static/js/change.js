/**
 * The difference since a chosen batch ("较上次调度会"), laid over figures and map. It is made
 * here and not on the server, since it must be of the very picture that it stands on. Only two
 * numbers that are shown have a difference.
 *
 * @import {Amount, PanelUpdate} from './types.js'
 */
import { make, say } from './dom.js';

const ONE_DECIMAL = new Intl.NumberFormat('en-US', { maximumFractionDigits: 1 });
const WHOLE = new Intl.NumberFormat('en-US', { maximumFractionDigits: 2 });
/** What a unit stands for, where a number is not written in its own. @type {Record<string, number>} */
const TIMES = { 万元: 1e4, 亿元: 1e8 };

/**
 * The difference in words: "+12户", "−3户", "持平"; "无从比较" where one of the two is no number.
 * @param {Amount|undefined} now
 * @param {Amount|undefined} then
 */
export function difference(now, then) {
  if (now?.state !== 'ok' || then?.state !== 'ok' || now.value === null || then.value === null) return '无从比较';
  const by = now.value - then.value;
  if (by === 0) return '持平';
  const times = TIMES[now.unit] ?? 1;
  const size = times === 1 ? WHOLE.format(Math.abs(by)) : ONE_DECIMAL.format(Math.abs(by) / times);
  return `${by > 0 ? '+' : '−'}${size === '0' ? `<0.1` : size}${now.unit}`;
}

/** The columns of a map's dataset. */
const KEY = 0;
const VALUE = 2;
const TEXT = 3;
const STATE = 4;

/**
 * A map's update with the difference below each number that has changed.
 * @param {PanelUpdate} update
 * @param {any} then the data of the same panel then
 * @returns {PanelUpdate}
 */
export function overMap(update, then) {
  const [head, ...rows] = update.data.source;
  /** @type {Map<string, any[]>} */
  const before = new Map((then?.source ?? []).slice(1).map((/** @type {any[]} */ row) => [row[KEY], row]));
  /** @param {any[]|undefined} row @returns {Amount|undefined} */
  const amount = (row) => row && { value: row[VALUE], text: '', unit: '', state: row[STATE] };
  const laid = rows.map((/** @type {any[]} */ row) => {
    if (row[STATE] !== 'ok') return row;
    const words = difference(amount(row), amount(before.get(row[KEY])));
    if (words === '持平') return row;
    const out = [...row];
    out[TEXT] = `${row[TEXT]}\n${words === '无从比较' ? '–' : words}`;
    return out;
  });
  return { ...update, data: { ...update.data, source: [head, ...laid] } };
}

/**
 * Writes the differences beside the headline figures of a panel; without then, takes them away.
 * @param {HTMLElement} panel
 * @param {any} now the panel's data
 * @param {any} then
 */
export function besideFigures(panel, now, then) {
  for (const figure of now.figures) {
    const item = panel.querySelector(`[data-figure="${figure.id}"]`);
    if (!item) continue;
    let line = item.querySelector('.since-then');
    if (!then) {
      line?.remove();
      continue;
    }
    if (!line) item.querySelector('.beside')?.append(line = make('span', 'since-then'));
    if (!line) continue;
    const before = then.figures?.find((/** @type {{id: string}} */ f) => f.id === figure.id);
    const parts = [difference(figure, before)];
    if (figure.state === 'ok' && figure.beside) parts.push(difference(figure.beside, before?.beside));
    say(line, [...new Set(parts)].join('　'));
  }
}
