/**
 * The hall's page: what screens there are, for which region, and what the
 * latest batch is. Asks again every few seconds; a wall is live, this is a door.
 *
 * @import {Check, Header, Screen} from './types.js'
 */
import { find, make, say } from './dom.js';
import { day, clock, parse } from './time.js';
import { strip } from './truth.js';
import { keepWalls } from './walls.js';

const ASK_EVERY = 5000;
const PROVINCE = '460000';

/** @param {string} path */
async function get(path) {
  const answer = await fetch(path, { cache: 'no-store' });
  if (!answer.ok) throw new Error(`${path}: HTTP ${answer.status}`);
  return answer.json();
}

/** The regions that a screen can be opened for: the province and its counties. */
async function regions() {
  /** @type {{rows: [string, string, string, string, number][]}} */
  const { rows } = await get(`/api/metrics/regions.list?region=${PROVINCE}`);
  const select = /** @type {HTMLSelectElement} */ (find('#region'));
  const options = rows
    .filter(([, , level]) => level !== 'township')
    .map(([code, , , name]) => new Option(name, code, false, code === (select.value || PROVINCE)));
  select.replaceChildren(...options);
  find('label').hidden = options.length === 0;
}

/** @param {Screen[]} screens */
function list(screens) {
  const region = /** @type {HTMLSelectElement} */ (find('#region')).value || PROVINCE;
  find('#screens').replaceChildren(...screens.map(({ id, title, question }) => {
    const link = make('a', '', make('b', '', title), make('span', '', question));
    link.href = `/wall/${encodeURIComponent(id)}?region=${encodeURIComponent(region)}`;
    return make('li', '', link);
  }));
}

/** @param {Header} header */
function tell(header) {
  const asOf = parse(header.as_of);
  const when = asOf === null ? '' : `，数据截至 ${day(asOf)} ${clock(asOf)}`;
  say(find('#batch'), `第 ${header.batch} 批${when}`);
  find('#batch').dataset.state = 'ok';
  find('#demo').hidden = !header.demo;
  const { summary, failed } = strip(header.checks ?? []);
  find('#checks').replaceChildren(
    make('li', '', `勾稽 ${summary}`),
    ...failed.map((f) => make('li', 'failed', `≠ ${f.title}　${f.words}`)),
  );
}

void keepWalls();

/** @type {Screen[]} */
let screens = [];
find('#region').addEventListener('change', () => list(screens));

for (;;) {
  try {
    if (screens.length === 0) {
      screens = await get('/api/screens');
      list(screens);
    }
    tell(await get('/api/batch'));
  } catch {
    say(find('#batch'), '现在取不到批次，正在重试');
    find('#batch').dataset.state = 'lost';
  }
  if (find('#region').childElementCount === 0) await regions().catch(() => {}); // the next round asks again
  await new Promise((done) => setTimeout(done, ASK_EVERY));
}
