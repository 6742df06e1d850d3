import assert from 'node:assert/strict';
import { test } from 'node:test';
import { difference, overMap } from '../js/change.js';
import { dayOf, fromLocal, local, showing } from '../js/past.js';
import { judge } from '../js/truth.js';

test('a time is that of the hall, wherever the browser is', () => {
  const at = Date.parse('2026-11-26T16:30:05Z');
  assert.equal(local(at), '2026-11-27T00:30:05');
  assert.equal(fromLocal('2026-11-27T00:30'), Date.parse('2026-11-26T16:30:00Z'));
  assert.equal(dayOf(at), Date.parse('2026-11-26T16:00:00Z'));
  assert.ok(Number.isNaN(fromLocal('')));
});

test('of a reel that batch is shown which was on the glass', () => {
  const reel = [5, 9, 12].map((minute, i) => ({ batch: i + 1, as_of: '', shown_at: `2026-11-26T01:${String(minute).padStart(2, '0')}:00Z` }));
  const at = (/** @type {string} */ time) => showing(reel, Date.parse(`2026-11-26T01:${time}Z`))?.batch ?? 0;
  assert.deepEqual([at('04:59'), at('05:00'), at('11:59'), at('12:00'), at('59:00')], [0, 1, 2, 3, 3]);
});

const amount = (/** @type {number|null} */ value, unit = '户', state = 'ok') => ({ value, text: '', unit, state });

test('only two numbers that are shown have a difference', () => {
  assert.equal(difference(amount(12541), amount(12536)), '+5户');
  assert.equal(difference(amount(12000), amount(13234)), '−1,234户');
  assert.equal(difference(amount(7), amount(7)), '持平');
  assert.equal(difference(amount(6.002e9, '亿元'), amount(5.9e9, '亿元')), '+1亿元');
  assert.equal(difference(amount(10_000_100, '万元'), amount(10_000_000, '万元')), '+<0.1万元');
  for (const none of [undefined, amount(null, '', 'missing'), amount(null, '', 'suppressed'), amount(null, '', 'na')]) {
    assert.equal(difference(amount(7), none), '无从比较');
    assert.equal(difference(none, amount(7)), '无从比较');
  }
});

test('a map says what has changed, and leaves the rest as it is', () => {
  const head = ['key', 'label', 'households', 'text', 'state'];
  const now = [head, ['1', 'a', 5, '5', 'ok'], ['2', 'b', 7, '7', 'ok'], ['3', 'c', null, '＊', 'suppressed'], ['4', 'd', 2, '2', 'ok']];
  const then = [head, ['1', 'a', 5, '5', 'ok'], ['2', 'b', 9, '9', 'ok'], ['3', 'c', 8, '8', 'ok'], ['4', 'd', null, '缺报', 'missing']];
  const update = { id: 'map', data: { source: now, footnote: 'f' } };
  const laid = overMap(update, { source: then }).data;
  assert.deepEqual(laid.source.map((/** @type {any[]} */ row) => row[3]), ['text', '5', '7\n−2', '＊', '2\n–']);
  assert.equal(laid.footnote, 'f');
  assert.equal(now[2]?.[3], '7', 'what is drawn live is not written into');
});

test('what was is never taken for now', () => {
  const facts = {
    connection: /** @type {const} */ ('live'), words: '', status: { source: /** @type {const} */ ('lost'), since: '', verified: '' },
    header: { history: 'h', term: 1, batch: 7, as_of: '2026-11-26T01:00:00Z', demo: true, least_cell: 5 }, heard: null, now: Date.parse('2026-11-27T09:00:00Z'),
    past: { at: Date.parse('2026-11-26T01:00:02Z'), leaving: false },
  };
  assert.deepEqual(judge(facts), { level: 'past', words: '回放 · 2026年11月26日 星期四 09:00:02', detail: '不是现在 · 第 7 批，数据截至 09:00:00' });
  assert.match(judge({ ...facts, connection: 'lost', past: { ...facts.past, leaving: true } }).detail, /连接中断/);
  assert.equal(judge({ ...facts, past: null }).level, 'old');
});
