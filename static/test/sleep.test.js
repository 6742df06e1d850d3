import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Awake } from '../js/awake.js';
import { once, quiet } from '../js/renew.js';
import { Sleep } from '../js/sleep.js';
import { ServerClock } from '../js/time.js';

test('a sleep is told by the clock that goes on, whatever the steady one does', () => {
  let [steady, wall] = [0, 1_790_000_000_000];
  const sleep = new Sleep(() => steady, () => wall);
  const pass = (s, w) => { steady += s; wall += w; return sleep.look(); };
  assert.equal(pass(1000, 1000), 0);
  assert.equal(pass(1000, 2100), 0, 'a clock that is set by a second is no sleep');
  assert.equal(pass(60_000, 60_000), 0, 'a page that stands still, and the machine does not');
  assert.equal(pass(500, 8 * 3600e3 + 500), 8 * 3600e3);
  assert.equal(pass(1000, 1000), 0, 'told once');
  assert.equal(pass(1000, -3600e3), 0, 'a clock that is set back');
});

test("the server's clock goes on over a sleep", () => {
  let local = 1000;
  const server = new ServerClock(() => local);
  server.begin(501_000);
  server.slept(0);
  server.slept(60_000);
  assert.equal(server.now(), 561_000);
  local += 5;
  server.set(561_100); // and is believed anew
  assert.equal(server.now(), 561_100);
});

test('a page renews itself once a night, each at its own quiet moment', () => {
  const at = (text) => Date.parse(`${text}+08:00`);
  assert.equal(quiet(at('2026-11-26T14:00:00'), 0), at('2026-11-27T03:00:00'));
  assert.equal(quiet(at('2026-11-26T14:00:00'), 0.5), at('2026-11-27T04:00:00'));
  assert.equal(quiet(at('2026-11-27T03:10:00'), 0.25), at('2026-11-28T03:30:00'), 'one that has just done it waits a day');
  assert.equal(quiet(at('2026-11-26T20:59:59'), 0), at('2026-11-27T03:00:00'));
  assert.equal(quiet(at('2026-11-26T21:00:01'), 0), at('2026-11-28T03:00:00'), 'one that is young stays');
  assert.equal(quiet(at('2026-12-31T23:00:00'), 0), at('2027-01-02T03:00:00'));
  for (let h = 0; h < 48; h++) {
    const opened = at('2026-11-26T00:00:00') + h * 3600e3;
    const wait = (quiet(opened, 0.7) - opened) / 3600e3;
    assert.ok(wait >= 6 && wait < 30, `opened at ${h} it waits ${wait} hours`);
  }
});

test('for one build a page renews itself once an hour', () => {
  const first = once(null, 'b', 1000);
  assert.ok(first);
  assert.equal(once(first, 'b', 2000), null);
  const both = once(first, 'a', 2000);
  assert.ok(both);
  assert.equal(once(both, 'b', 3000), null, 'two servers behind one address do not make a page renew itself for ever');
  assert.ok(once(both, 'b', 1000 + 3600e3));
  assert.ok(once('nonsense', 'b', 0));
  assert.ok(once('null', 'b', 0));
});

test('the glass is kept lit while that is wanted and allowed', async () => {
  let [wanted, allowed, held] = [true, false, 0];
  const let_go = [];
  const awake = new Awake(() => wanted, async () => {
    if (!allowed) throw new Error('NotAllowedError');
    held += 1;
    return { release: async () => { held -= 1; }, addEventListener: (_, f) => let_go.push(f) };
  });
  await awake.look();
  assert.equal(held, 0);
  allowed = true;
  await awake.look();
  await awake.look();
  assert.equal(held, 1, 'it is asked for once');
  held -= 1;
  let_go[0](); // the browser lets go: the page was hidden
  await awake.look();
  assert.equal(held, 1);
  wanted = false;
  await awake.look();
  assert.equal(held, 0);
});
