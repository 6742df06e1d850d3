/**
 * A line over days, as SVG: gaps where nothing is known, the first and last day below, the
 * highest and lowest number beside it. No axis begins at nothing here: it shows how a
 * number moved, and the numbers at its ends say how far.
 *
 * @import {Amount} from './types.js'
 */
import { make } from './dom.js';

const SVG = 'http://www.w3.org/2000/svg';
const WIDTH = 600;
const HEIGHT = 120;
const EDGE = 8;

/** @param {string} day YYYY-MM-DD @returns {string} 11月26日 */
export function shortDay(day) {
  const [, month, date] = day.split('-');
  return `${Number(month)}月${Number(date)}日`;
}

/** @param {Amount|null} amount */
export const written = (amount) => (amount ? `${amount.text}${amount.unit}` : '');

/**
 * @param {string[]} days
 * @param {(Amount|null)[]} points an amount for each day
 * @param {string} name what is drawn, for those who do not see it
 * @returns {HTMLElement}
 */
export function trend(days, points, name) {
  const known = points.flatMap((p, i) => (p && p.state === 'ok' && p.value !== null ? [{ i, value: p.value, amount: p }] : []));
  if (known.length < 2) return make('p', 'empty', known.length === 0 ? '这些天没有留存的数' : '只有一天有数，还看不出变化');
  const low = known.reduce((a, b) => (b.value < a.value ? b : a));
  const high = known.reduce((a, b) => (b.value > a.value ? b : a));
  const range = high.value - low.value || 1;
  /** @param {{i: number, value: number}} p */
  const place = ({ i, value }) => [
    EDGE + (i / (days.length - 1)) * (WIDTH - 2 * EDGE),
    high.value === low.value ? HEIGHT / 2 : HEIGHT - EDGE - ((value - low.value) / range) * (HEIGHT - 2 * EDGE),
  ];
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('viewBox', `0 0 ${WIDTH} ${HEIGHT}`);
  svg.setAttribute('role', 'img');
  const first = known[0];
  const last = known[known.length - 1];
  svg.setAttribute('aria-label', `${name}：${shortDay(days[first?.i ?? 0] ?? '')} ${written(first?.amount ?? null)}，${shortDay(days[last?.i ?? 0] ?? '')} ${written(last?.amount ?? null)}，最高 ${written(high.amount)}，最低 ${written(low.amount)}`);
  let path = '';
  let before = -2;
  for (const p of known) {
    const [x, y] = place(p);
    path += `${p.i === before + 1 ? 'L' : 'M'}${x?.toFixed(1)} ${y?.toFixed(1)}`;
    before = p.i;
  }
  const line = document.createElementNS(SVG, 'path');
  line.setAttribute('d', path);
  svg.append(line);
  for (const p of known) {
    const alone = !known.some((o) => Math.abs(o.i - p.i) === 1);
    if (!alone && p !== last) continue; // a dot for what no line leads to, and for the end
    const dot = document.createElementNS(SVG, 'circle');
    const [x, y] = place(p);
    dot.setAttribute('cx', String(x));
    dot.setAttribute('cy', String(y));
    dot.setAttribute('r', p === last ? '5' : '3');
    svg.append(dot);
  }
  const ends = high.value === low.value
    ? make('p', 'ends', make('span', '', written(high.amount)))
    : make('p', 'ends', make('span', '', written(high.amount)), make('span', '', written(low.amount)));
  return make('figure', 'trend', svg, ends,
    make('figcaption', '', make('span', '', shortDay(days[0] ?? '')), make('span', '', shortDay(days[days.length - 1] ?? ''))));
}
