/**
 * Verifying what was exported: by its code, /verify/{code}, or by the file itself.
 *
 * @typedef {{where: string, batch: string, file: string}} Difference
 * @typedef {{verdict: string, words: string, code?: string, format?: string, title?: string, by?: string, at?: string, batch?: number,
 *   as_of?: string, demo?: boolean, digest?: string, checked: number, different: number, differences?: Difference[], unchecked?: string[]}} Report
 */
import { find, make } from './dom.js';
import { clock, day, parse } from './time.js';

const code = /** @type {HTMLInputElement} */ (find('#code'));
const file = /** @type {HTMLInputElement} */ (find('#file'));

/** @param {string} address @param {RequestInit} [init] */
async function ask(address, init) {
  const place = find('#report');
  place.replaceChildren(make('p', 'empty', '正在核对'));
  try {
    const answer = await fetch(address, { cache: 'no-store', ...init });
    const body = await answer.json();
    place.replaceChildren(...(answer.ok ? report(body) : [make('p', 'refused', body.error?.message ?? '核对不了')]));
  } catch {
    place.replaceChildren(make('p', 'refused', '连不上服务器'));
  }
}

/** @param {string|undefined} text */
function moment(text) {
  const at = parse(text);
  return at === null ? '' : `${day(at)} ${clock(at)}`;
}

/** @param {Report} r */
function report(r) {
  const good = ['intact', 'same_figures', 'kept'].includes(r.verdict);
  /** @type {HTMLElement[]} */
  const parts = [make('p', `verdict ${good ? 'good' : r.verdict === 'changed' ? 'bad' : 'open'}`, r.words)];
  const list = make('dl');
  /** @param {string} name @param {string|undefined} text */
  const say = (name, text) => { if (text) list.append(make('dt', '', name), make('dd', '', text)); };
  say('验证码', r.code);
  say('批次', r.batch ? `第 ${r.batch} 批${r.as_of ? `，数据截至 ${moment(r.as_of)}` : ''}${r.demo ? '，演示数据' : ''}` : '');
  say('导出', r.by ? `${r.by}，${moment(r.at)}，${r.format}${r.title ? `，${r.title}` : ''}` : '');
  say('数据摘要', r.digest);
  say('核对', r.checked ? `${r.checked} 处，${r.different} 处不同` : '');
  parts.push(list);
  for (const words of r.unchecked ?? []) parts.push(make('p', 'unchecked', words));
  if (r.differences?.length) {
    const table = make('table', '', make('tr', '', make('th', '', '位置'), make('th', '', '批次里'), make('th', '', '文件里')));
    for (const d of r.differences) table.append(make('tr', '', make('td', '', d.where), make('td', '', d.batch || '（空）'), make('td', '', d.file || '（空）')));
    parts.push(table);
  }
  return parts;
}

find('#ask').addEventListener('submit', (e) => {
  e.preventDefault();
  if (!code.value.trim()) return;
  history.replaceState(null, '', `/verify/${encodeURIComponent(code.value.trim())}`);
  void ask(`/api/verify/${encodeURIComponent(code.value.trim())}`);
});
file.addEventListener('change', () => {
  const chosen = file.files?.[0];
  if (chosen) void ask('/api/verify', { method: 'POST', headers: { 'Content-Type': 'application/octet-stream' }, body: chosen });
});
const given = decodeURIComponent(location.pathname.split('/').filter(Boolean)[1] ?? '');
if (given) {
  code.value = given;
  void ask(`/api/verify/${encodeURIComponent(given)}`);
}
