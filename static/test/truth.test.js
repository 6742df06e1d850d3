import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failure, judge, strip } from '../js/truth.js';

const now = Date.parse('2026-11-23T06:10:22Z');
const header = { history: 'h', term: 1, batch: 7, as_of: '2026-11-23T06:03:20Z', demo: true };
const live = {
  connection: /** @type {const} */ ('live'), words: '', header, heard: now, now,
  status: { source: /** @type {const} */ ('ok'), since: '2026-11-23T06:00:00Z', verified: '2026-11-23T06:10:20Z' },
};
const since = '2026-11-23T06:03:22Z';

test('live says nothing', () => {
  assert.deepEqual(judge(live), { level: 'ok', words: '', detail: '' });
});

test('each way of being old has its words, and since when', () => {
  assert.equal(judge({ ...live, connection: 'lost', heard: Date.parse(since) }).words, '连接中断 · 画面停在 14:03:22');
  for (const [source, words] of [['lost', '数据源中断'], ['silent', '汇总停止'], ['store_lost', '批次存储中断']]) {
    const truth = judge({ ...live, status: { source: /** @type {any} */ (source), since, verified: since, words: '原因' } });
    assert.deepEqual(truth, { level: 'old', words: `${words} · 画面停在 14:03:22`, detail: '原因 · 第 7 批 · 已 7分钟' });
  }
});

test('a lost connection outweighs what the server last said', () => {
  const truth = judge({ ...live, connection: 'lost', heard: now, status: { source: 'held', since, verified: since } });
  assert.match(truth.words, /^连接中断/);
});

test('a held batch is a level of its own', () => {
  assert.equal(judge({ ...live, status: { source: 'held', since, verified: since } }).level, 'held');
});

test('before the first batch it waits, or says that there is no connection', () => {
  assert.equal(judge({ ...live, header: null, connection: 'connecting' }).level, 'wait');
  assert.equal(judge({ ...live, header: null, connection: 'lost' }).level, 'old');
});

test('before the first batch the source says why there is none', () => {
  const truth = judge({ ...live, header: null, words: 'no_data_yet', status: { source: 'lost', since, verified: since, words: '区划表为空' } });
  assert.deepEqual(truth, { level: 'wait', words: '正在取数', detail: '区划表为空' });
  assert.equal(judge({ ...live, header: null, words: 'no_data_yet' }).detail, '尚无批次');
});

test('a refusal is told in words', () => {
  assert.deepEqual(judge({ ...live, connection: 'refused', words: 'unknown_region' }), { level: 'old', words: '没有这个区划', detail: '' });
  assert.deepEqual(judge({ ...live, connection: 'refused', words: 'too many messages' }), { level: 'old', words: '连接被拒绝', detail: 'too many messages' });
});

test('a moment of another day has its date', () => {
  const truth = judge({ ...live, connection: 'lost', heard: Date.parse('2026-11-22T15:59:59Z') });
  assert.equal(truth.words, '连接中断 · 画面停在 11/22 23:59:59');
});

test('the strip counts what holds and gives the failures in words', () => {
  /** @type {any[]} */
  const checks = [{ id: 'a', title: '甲', policy: 'hold', ok: true }, { id: 'b', title: '乙', policy: 'note', ok: false, words: '不平, 差1户2人', failures: [{ region: '460000', words: '差1户' }] }];
  assert.deepEqual(strip(checks), { summary: '1/2 平，1 项不平', failed: [{ title: '乙', words: '不平, 差1户2人', policy: 'note' }] });
  assert.equal(strip([checks[0]]).summary, '1/1 平');
  const released = { ...checks[1], policy: 'hold', releases: [{ by: '值班员', since: '2026-11-23T06:00:00Z', why: '更正中' }] };
  assert.deepEqual(strip([checks[0], released]), { summary: '1/2 平，1 项不平', failed: [{ title: '乙', words: '已放行：不平, 差1户2人', policy: 'hold' }] });
  const policies = ['note', 'hold', 'warn'].map((policy) => ({ ...checks[1], policy }));
  assert.deepEqual(strip(policies).failed.map((f) => f.policy), ['hold', 'warn', 'note']);
  assert.equal(failure(checks[1], '460000'), '差1户');
  assert.equal(failure(checks[1], '460400'), '');
});
