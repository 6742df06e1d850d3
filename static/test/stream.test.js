import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { Stream } from '../js/stream.js';

/** A clock whose timers fire when it is moved. */
class Clock {
  time = 0;
  /** @type {{at: number, run: () => void}[]} */ timers = [];

  now() { return this.time; }

  after(ms, run) {
    const timer = { at: this.time + ms, run };
    this.timers.push(timer);
    return timer;
  }

  cancel(timer) { this.timers = this.timers.filter((t) => t !== timer); }

  move(ms) {
    const end = this.time + ms;
    for (;;) {
      const next = this.timers.filter((t) => t.at <= end).sort((a, b) => a.at - b.at)[0];
      if (!next) break;
      this.time = next.at;
      this.cancel(next);
      next.run();
    }
    this.time = end;
  }
}

class FakeSocket {
  sent = [];
  closed = false;
  onopen = null;
  onmessage = null;
  onclose = null;

  /** Questions about the time. */ asked = 0;

  send(text) {
    const m = JSON.parse(text);
    if (m.type === 'time') this.asked += 1;
    else this.sent.push(m);
  }

  close() { this.closed = true; }
  say(message) { this.onmessage?.({ data: JSON.stringify(message) }); }
  hangUp(code = 1006, reason = '') { this.onclose?.({ code, reason }); }
}

const header = (batch, history = 'h') => ({ history, term: 1, batch, as_of: '2026-01-01T00:00:00Z', demo: true, checks: [] });
const status = { source: 'ok', since: '', verified: '' };
const hello = { type: 'hello', protocol: 1, build: 'b', node: 'n', time: 1, beat_ms: 1000 };
const snapshot = (batch, region = '460000', history = 'h') => ({ type: 'snapshot', screen: 'overview', region, region_name: '', path: [], batch: header(batch, history), status, panels: [] });
const update = (batch, history = 'h') => ({ type: 'batch', batch: header(batch, history), panels: [] });
const scene = { screen: 'overview', region: '460000' };

const accept = ['patch', 'ack'];

let clock, sockets, shown, states, stream, answers, messages;

beforeEach(() => {
  clock = new Clock();
  sockets = [];
  shown = [];
  answers = [];
  messages = [];
  states = [];
  stream = new Stream({
    open: () => {
      sockets.push(new FakeSocket());
      return sockets.at(-1);
    },
    timers: clock,
    random: () => 1,
    clock: { begin: () => {}, ask: () => clock.time, answered: (m) => answers.push(m) },
    listener: {
      connection: (state) => states.push(state),
      hello: () => {},
      message: (m) => messages.push(m) && shown.push(m.batch?.batch !== undefined ? `${m.type} ${m.batch.batch}` : m.type),
    },
  });
});

/** Opens a connection that shows a batch. */
function live(batch = 7) {
  stream.show(scene);
  sockets[0].say(hello);
  sockets[0].say(snapshot(batch));
  return sockets[0];
}

test('subscribes after hello, without a picture at first', () => {
  stream.show(scene);
  assert.equal(sockets[0].sent.length, 0);
  sockets[0].say(hello);
  assert.deepEqual(sockets[0].sent, [{ type: 'subscribe', ...scene, accept }]);
});

test('a batch never goes back, and is never drawn twice', () => {
  const socket = live(7);
  socket.say(update(8));
  socket.say(update(8));
  socket.say(update(6));
  socket.say(update(10));
  assert.deepEqual(shown, ['snapshot 7', 'batch 8', 'batch 10']);
});

test('silence for two and a half beats is a lost connection', () => {
  live();
  clock.move(2499);
  assert.deepEqual(states, ['live']);
  clock.move(1);
  assert.deepEqual(states, ['live', 'lost']);
  assert.equal(sockets[0].closed, true);
});

test('beats keep a connection alive', () => {
  const socket = live();
  for (let i = 0; i < 20; i++) {
    clock.move(1000);
    socket.say({ type: 'beat', time: 1, batch: 7, status });
  }
  assert.deepEqual(states, ['live']);
});

test('comes back with what it has, and is live again when told that it is current', () => {
  live(7).hangUp();
  clock.move(200);
  sockets[1].say(hello);
  assert.deepEqual(sockets[1].sent[0].have, { history: 'h', term: 1, batch: 7 });
  assert.deepEqual(states, ['live', 'lost']);
  sockets[1].say({ type: 'current', batch: header(7), status });
  assert.deepEqual(states, ['live', 'lost', 'live']);
});

test('waits longer after each failure, at most five seconds, and begins anew once live', () => {
  stream.show(scene);
  const delays = [];
  for (let i = 0; i < 8; i++) {
    const before = clock.time;
    sockets.at(-1).hangUp();
    while (sockets.length === i + 1) clock.move(10);
    delays.push(clock.time - before);
  }
  assert.deepEqual(delays, [200, 400, 800, 1600, 3200, 5000, 5000, 5000]);
  sockets.at(-1).say(hello);
  sockets.at(-1).say(snapshot(1));
  sockets.at(-1).hangUp();
  const count = sockets.length;
  clock.move(200);
  assert.equal(sockets.length, count + 1);
});

test('an open connection alone does not reset the delay', () => {
  stream.show(scene);
  sockets[0].hangUp();
  clock.move(200);
  sockets[1].say(hello);
  sockets[1].hangUp();
  clock.move(399);
  assert.equal(sockets.length, 2);
  clock.move(1);
  assert.equal(sockets.length, 3);
});

test('close codes from 4000 to 4099 mean: do not come back', () => {
  live().hangUp(4003, 'no');
  clock.move(60000);
  assert.equal(sockets.length, 1);
  assert.deepEqual(states, ['live', 'refused']);
});

test('close codes from 4100 mean: come back', () => {
  live().hangUp(4100);
  clock.move(200);
  assert.equal(sockets.length, 2);
});

test('a change of region asks on the same connection, without a picture', () => {
  const socket = live();
  stream.show({ screen: 'overview', region: '460400' });
  assert.deepEqual(socket.sent[1], { type: 'subscribe', screen: 'overview', region: '460400', accept });
  socket.say(snapshot(9)); // of the region that was left
  socket.say(snapshot(9, '460400'));
  assert.deepEqual(shown, ['snapshot 7', 'snapshot 9']);
});

test('a snapshot behind what was on the glass is asked for again, not shown', () => {
  const socket = live(7);
  stream.show({ screen: 'overview', region: '460400' });
  socket.say(snapshot(6, '460400'));
  assert.deepEqual(shown, ['snapshot 7']);
  clock.move(1000);
  assert.equal(socket.sent.length, 3);
  socket.say(snapshot(8, '460400'));
  assert.deepEqual(shown, ['snapshot 7', 'snapshot 8']);
});

test('another history begins with a snapshot, whatever its numbers', () => {
  const socket = live(7);
  socket.say(update(9, 'other'));
  assert.deepEqual(shown, ['snapshot 7']);
  assert.equal(socket.sent[1].have, undefined);
  socket.say(snapshot(2, '460000', 'other'));
  assert.deepEqual(shown, ['snapshot 7', 'snapshot 2']);
});

test('beats that name a batch which does not come make it ask', () => {
  const socket = live(7);
  const beat = { type: 'beat', time: 1, batch: 8, status };
  socket.say(beat);
  assert.equal(socket.sent.length, 1);
  socket.say(beat);
  assert.deepEqual(socket.sent[1].have, { history: 'h', term: 1, batch: 7 });
});

test('no data yet: asks again', () => {
  stream.show(scene);
  sockets[0].say(hello);
  sockets[0].say({ type: 'error', code: 'no_data_yet', message: '', retry: true });
  clock.move(1000);
  assert.equal(sockets[0].sent.length, 2);
});

test('leaves no timers and no sockets behind', () => {
  for (let i = 0; i < 200; i++) {
    if (sockets.length === 0) stream.show(scene);
    sockets.at(-1).say(hello);
    sockets.at(-1).say(snapshot(i + 1));
    sockets.at(-1).hangUp();
    clock.move(200);
  }
  assert.equal(clock.timers.length, 1); // the watch of the connection that is open
  stream.stop();
  assert.equal(clock.timers.length, 0);
  assert.ok(sockets.every((s) => s.onmessage === null && s.onclose === null));
});

test('what is not a message of ours is let pass', () => {
  const socket = live();
  socket.onmessage({ data: '{' });
  socket.say({ type: 'weather' });
  assert.deepEqual(shown, ['snapshot 7']);
});

const patch = (base, batch, more = {}) => ({ type: 'patch', base, batch, ...more });
const figures = (value, text) => ({ figures: [{ value, text }] });

test('a patch becomes the batch that it stands for, and leaves what was drawn alone', () => {
  const socket = live(7);
  socket.say({ ...snapshot(8), panels: [{ id: 'a', data: figures(1, '1') }, { id: 'b', data: { source: [['x', 1], ['y', 2]] } }] });
  const drawn = messages.at(-1).panels[0].data;
  socket.say(patch(8, 9, { show_at: 5, set: { '/as_of': '2026-01-01T00:00:01Z' }, panels: { a: { '/figures/0/value': 2, '/figures/0/text': '2' }, b: { '': { source: [] } } } }));
  assert.deepEqual(messages.at(-1), {
    type: 'batch', show_at: 5, batch: { ...header(9), as_of: '2026-01-01T00:00:01Z' },
    panels: [{ id: 'a', data: figures(2, '2') }, { id: 'b', data: { source: [] } }],
  });
  assert.deepEqual(drawn, figures(1, '1'));
  socket.say(patch(9, 10));
  socket.say({ ...update(12), panels: [{ id: 'a', data: figures(5, '5') }] });
  socket.say(patch(12, 13, { panels: { a: { '/figures/0/text': '6' } } }));
  assert.deepEqual(messages.at(-1).panels[0].data, figures(5, '6'));
  assert.deepEqual(shown, ['snapshot 7', 'snapshot 8', 'batch 9', 'batch 10', 'batch 12', 'batch 13']);
});

test('a patch of another batch is not applied, and asked about once', () => {
  const socket = live(7);
  socket.say(patch(8, 9));
  socket.say(patch(9, 10));
  assert.deepEqual(shown, ['snapshot 7']);
  assert.equal(socket.sent.length, 2);
  assert.deepEqual(socket.sent[1].have, { history: 'h', term: 1, batch: 7 });
  socket.say(update(10));
  socket.say(patch(10, 11));
  assert.deepEqual(shown, ['snapshot 7', 'batch 10', 'batch 11']);
});

test('a patch that does not fit gives up the picture', () => {
  for (const panels of [{ a: { '/figures/3/text': '6' } }, { a: { '/no/way': 1 } }, { c: { '': {} } }, { a: { '/figures/0/text/x': 1 } }]) {
    sockets = [];
    stream.stop();
    stream.show(scene);
    const socket = sockets[0];
    socket.say(hello);
    socket.say({ ...snapshot(100 + messages.length), panels: [{ id: 'a', data: figures(1, '1') }] });
    const { batch } = messages.at(-1).batch;
    socket.say(patch(batch, batch + 1, { panels }));
    assert.equal(socket.sent.at(-1).have, undefined, JSON.stringify(panels));
    assert.equal(messages.at(-1).type, 'snapshot');
  }
});

test('a hand-over is not told as a lost connection', () => {
  live(7).hangUp(4100, '{"reason":"draining","retry_ms":700}');
  clock.move(699);
  assert.equal(sockets.length, 1);
  clock.move(1);
  sockets[1].hangUp(); // the other one is not there yet
  clock.move(200);
  sockets[2].say(hello);
  assert.deepEqual(sockets[2].sent[0].have, { history: 'h', term: 1, batch: 7 });
  sockets[2].say({ type: 'current', batch: header(7), status });
  clock.move(2400);
  assert.deepEqual(states, ['live']);
});

test('a hand-over that does not come about is', () => {
  live(7).hangUp(4100, '{"reason":"draining","retry_ms":700}');
  clock.move(1999);
  assert.deepEqual(states, ['live']);
  clock.move(1);
  assert.deepEqual(states, ['live', 'lost']);
});

test('a close that forbids to come back says why', () => {
  let words = '';
  const other = new Stream({
    open: () => sockets[sockets.push(new FakeSocket()) - 1], timers: clock, random: () => 1,
    clock: { begin: () => {}, ask: () => 0, answered: () => {} },
    listener: { connection: (state, w) => { words = `${state} ${w}`; }, hello: () => {}, message: () => {} },
  });
  other.show(scene);
  sockets[0].hangUp(4001, '{"reason":"flood"}');
  assert.equal(words, 'refused flood');
  other.stop();
});

test('acks are told at once, then the newest after each pause, and again after coming back', () => {
  const socket = live(7);
  const acks = (s) => s.sent.filter((m) => m.type === 'ack').map((m) => m.batch);
  stream.drawn({ batch: 7, drawn: 1, frame_ms: 1 });
  stream.drawn({ batch: 8, drawn: 1, frame_ms: 1 });
  stream.drawn({ batch: 9, drawn: 1, frame_ms: 1 });
  assert.deepEqual(acks(socket), [7]);
  clock.move(1000);
  assert.deepEqual(acks(socket), [7, 9]);
  socket.say({ type: 'beat', time: 1, batch: 7, status });
  clock.move(2000);
  assert.deepEqual(acks(socket), [7, 9]);
  socket.say(update(9));
  socket.hangUp();
  clock.move(200);
  sockets[1].say(hello);
  sockets[1].say({ type: 'current', batch: header(9), status });
  assert.deepEqual(acks(sockets[1]), [9]);
});

test('the time is asked for some times after hello, then now and then', () => {
  const socket = live(7);
  clock.move(1000);
  assert.equal(socket.asked, 5);
  for (let i = 0; i < 60; i++) {
    socket.say({ type: 'beat', time: 1, batch: 7, status });
    clock.move(1000);
  }
  assert.equal(socket.asked, 7);
  socket.say({ type: 'time', t0: 1, t1: 2, t2: 3 });
  assert.deepEqual(answers, [{ type: 'time', t0: 1, t1: 2, t2: 3 }]);
});

test('after a sleep the picture is old at once, and current after one message', () => {
  const socket = live(7);
  stream.woke();
  assert.deepEqual(states, ['live', 'lost']);
  assert.equal(socket.closed, true);
  assert.equal(sockets.length, 2, 'it connects without a pause');
  socket.say(update(8)); // of a connection that is no more
  assert.deepEqual(shown, ['snapshot 7']);
  sockets[1].say(hello);
  assert.deepEqual(sockets[1].sent, [{ type: 'subscribe', ...scene, have: { history: 'h', term: 1, batch: 7, edition: undefined }, accept }].map((m) => JSON.parse(JSON.stringify(m))));
  sockets[1].say(update(9));
  assert.deepEqual(states, ['live', 'lost', 'live']);
});

test('a look tells silence that a sleeping timer does not', () => {
  const socket = live(7);
  clock.time += 2000; // no timer ran
  stream.check();
  assert.deepEqual(states, ['live']);
  clock.time += 501;
  stream.check();
  assert.deepEqual(states, ['live', 'lost']);
  assert.equal(socket.closed, true);
  assert.equal(sockets.length, 2);
  stream.check();
  assert.equal(sockets.length, 2, 'the new connection is given its time');
});

test('a page that is about to stand still lets go, and comes back by itself', () => {
  const socket = live(7);
  stream.rest();
  assert.deepEqual(states, ['live', 'lost']);
  assert.equal(socket.closed, true);
  assert.equal(sockets.length, 1);
  clock.move(0);
  assert.equal(sockets.length, 2);
  sockets[1].say(hello);
  sockets[1].say({ type: 'current', batch: header(7), status });
  assert.deepEqual(states, ['live', 'lost', 'live']);
});

test('one that was refused or has ended sleeps on', () => {
  live(7).hangUp(4001, '{"reason":"flood"}');
  stream.woke();
  stream.rest();
  stream.stop();
  stream.woke();
  stream.check();
  assert.equal(sockets.length, 1);
});
