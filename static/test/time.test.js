import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clock, day, lasting, moment, parse, ServerClock } from '../js/time.js';

test('time is that of Shanghai, and its midnight changes the date', () => {
  const before = Date.parse('2026-11-23T15:59:59Z');
  assert.equal(clock(before), '23:59:59');
  assert.equal(day(before), '2026年11月23日 星期一');
  assert.equal(clock(before + 1000), '00:00:00');
  assert.equal(day(before + 1000), '2026年11月24日 星期二');
  assert.equal(moment(before, before + 1000), '11/23 23:59:59');
});

test('how long, in the largest unit that tells', () => {
  assert.deepEqual([0, 59e3, 60e3, 3600e3, 7500e3, 48 * 3600e3].map(lasting), ['0秒', '59秒', '1分钟', '1小时', '2小时5分', '2天']);
});

test('what is no time is none', () => {
  assert.equal(parse(undefined), null);
  assert.equal(parse('0001-01-01T00:00:00Z'), null);
  assert.equal(parse('yesterday'), null);
});

test("the clock is the server's, and moves with the local one", () => {
  let local = 1000;
  const server = new ServerClock(() => local);
  server.set(501000);
  local += 250;
  assert.equal(server.now(), 501250);
  server.set(Number.NaN);
  assert.equal(server.now(), 501250);
});

test('the clock goes by the quickest answer, and by the beats where it was set', () => {
  let local = 1000;
  const server = new ServerClock(() => local);
  server.begin(500900); // 100 ms on the way
  const ask = (there, back) => {
    const t0 = server.ask();
    local += there;
    const time = local + 500000;
    local += back;
    server.answered({ t0, t1: time, t2: time });
  };
  ask(40, 2);
  assert.equal(server.now() - local, 500000 + 19);
  ask(1, 1);
  assert.equal(server.now() - local, 500000);
  ask(400, 2);
  assert.equal(server.now() - local, 500000);
  server.set(local + 500000 - 300); // a beat that came late
  assert.equal(server.now() - local, 500000);
  server.set(local + 900000); // the server's clock was set
  assert.equal(server.now() - local, 900000);
  server.begin(local + 1);
  assert.equal(server.now() - local, 1);
});
