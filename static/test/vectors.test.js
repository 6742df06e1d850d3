// The browser's stream held against the protocol's test vectors, as the Go client is.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { test } from 'node:test';
import { Stream } from '../js/stream.js';

const folder = new URL('../../screens/hub/vectors/', import.meta.url);

/** Timers that fire when the clock is moved. */
class Clock {
  time = 0;
  timers = [];

  after(ms, run) {
    const timer = { at: this.time + ms, run };
    this.timers.push(timer);
    return timer;
  }

  cancel(timer) { this.timers = this.timers.filter((t) => t !== timer); }

  /** Moves until so many milliseconds have passed, or enough is true. */
  move(ms, enough = () => false) {
    const end = this.time + ms;
    while (!enough()) {
      const next = this.timers.filter((t) => t.at <= end).sort((a, b) => a.at - b.at)[0];
      if (!next) {
        this.time = end;
        return;
      }
      this.time = next.at;
      this.cancel(next);
      next.run();
    }
  }
}

/** A browser's page, as far as a vector can see it: what it was told, laid together. */
class Page {
  clock = new Clock();
  sockets = [];
  said = [];
  picture = null;
  refused = '';
  state = 'connecting';

  constructor() {
    this.stream = new Stream({
      open: () => {
        const socket = { send: (text) => this.#send(text), close: () => {}, onmessage: null, onclose: null };
        this.sockets.push(socket);
        return socket;
      },
      timers: this.clock,
      random: () => 0.5,
      clock: { begin: () => {}, ask: () => 0, answered: () => {} },
      listener: {
        connection: (state, words) => {
          this.state = state;
          if (state === 'refused') this.refused = words;
        },
        hello: () => {},
        message: (m) => this.#told(m),
      },
    });
  }

  #send(text) {
    const m = JSON.parse(text);
    if (m.type === 'ack' || m.type === 'time') return;
    this.said.push(m);
  }

  #told(m) {
    switch (m.type) {
      case 'snapshot': {
        const { type, status, show_at, edition, ...picture } = m;
        this.picture = picture;
        return;
      }
      case 'batch': {
        const panels = this.picture.panels.map((was) => {
          const is = m.panels.find((p) => p.id === was.id);
          return is ? { ...was, data: is.data, ...(is.option && { option: is.option }) } : was;
        });
        const { region_name = this.picture.region_name, path = this.picture.path } = m;
        this.picture = { ...this.picture, region_name, path, batch: m.batch, panels };
        return;
      }
      case 'current':
        this.picture = { ...this.picture, batch: m.batch };
    }
  }

  say(m) { this.sockets.at(-1).onmessage?.({ data: JSON.stringify(m) }); }

  /** What was said since it was asked last; accept may hold more than the vector names. */
  take(wanted) {
    const said = this.said.map((m, i) => {
      const named = wanted[i]?.accept;
      return named?.every((word) => m.accept.includes(word)) ? { ...m, accept: named } : m;
    });
    this.said = [];
    return said;
  }
}

for (const file of readdirSync(folder).filter((name) => name.endsWith('.json'))) {
  const vector = JSON.parse(readFileSync(new URL(file, folder), 'utf8'));
  test(`vectors: ${file}: ${vector.about}`, () => {
    const page = new Page();
    page.stream.show(vector.scene);
    let want = null;
    vector.steps.forEach((step, i) => {
      const at = `step ${i + 1} ${step.about ?? ''}`;
      if (step.server) page.say(step.server);
      if (step.watch) page.stream.show(step.watch);
      if (step.close) {
        const count = page.sockets.length;
        const begun = page.clock.time;
        page.sockets.at(-1).onclose?.(step.close);
        page.clock.move(60_000, () => page.sockets.length > count);
        if (step.back_ms === null) {
          assert.equal(page.sockets.length, count, `${at}: it came back`);
          return;
        }
        const after = page.clock.time - begun;
        assert.ok(after >= step.back_ms[0] && after <= step.back_ms[1], `${at}: back after ${after} ms, want ${step.back_ms}`);
      }
      if (step.refused) {
        assert.equal(page.state, 'refused', at);
        assert.equal(page.refused, step.refused, at);
        return;
      }
      assert.deepEqual(page.take(step.says ?? []), step.says ?? [], `${at}: it said`);
      if (step.later) {
        page.clock.move(2000);
        assert.deepEqual(page.take(step.later), step.later, `${at}: it said later`);
      }
      if (step.picture !== undefined) want = step.picture;
      if (want !== null) assert.deepEqual(page.picture, want, `${at}: it holds`);
    });
    page.stream.stop();
  });
}
