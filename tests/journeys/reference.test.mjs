// How the page looks, state by state: each is compared with a picture of it in `reference/`.
//
// A picture is taken at an exact virtual moment, when nothing moves. If the page is meant to look
// otherwise, UPDATE_REFERENCES=1 draws the pictures anew; look at each before it is committed.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { button, eventually, journey, observe, pause, present, press, queue, still, virtualTime } from './fixtures.mjs';
import { decoded, difference, encoded, reduced, shifted } from './picture.mjs';

const REFERENCE = new URL('reference/', import.meta.url);
const RESULTS = new URL('../../test-results/', import.meta.url);
/** The share of pixels that may differ: 32 of 324,000. On one machine none does, however busy it is. */
const MOST = 0.0001;

const give = (page, command) => page.evaluate((one) => window.ackademy.command(one), command);

/** Stops at a virtual moment. */
async function at(page, ms) {
  await pause(page);
  await page.evaluate((to) => window.ackademy.seek(to), ms);
  await eventually(async () => (await virtualTime(page)) === ms, `the moment ${ms} ms`);
}

// What the learner does comes later than the page has played by itself, which would fork the run.
const BEGIN = 30_000;

async function killEmail(page) {
  await at(page, BEGIN);
  await give(page, { kill: { service: 'email' } });
  await at(page, 120_000);
}

async function rejectLabels(page) {
  await at(page, BEGIN);
  await give(page, { fail_rate: { service: 'shipping', per_mille: 1000 } });
  await at(page, 90_000);
}

const phone = { width: 390, height: 844, touch: true };
const lesson = { route: '#/lesson/acknowledge' };

/** By name: the options of the journey, and what leads to the state. */
const STATES = {
  lessons: [{ route: '#/lessons' }],
  lesson: [lesson, (page) => at(page, 0)],
  'lesson-light': [{ ...lesson, scheme: 'light', width: 1024, height: 768 }, (page) => at(page, 0)],
  'lesson-code': [lesson, async (page) => {
    await at(page, 0);
    await page.getByRole('tab', { name: 'Code' }).click();
  }],
  'lesson-quiz': [{ ...lesson, scheme: 'light' }, async (page) => {
    await at(page, 0);
    await page.getByRole('tab', { name: 'Quiz' }).click();
  }],
  empty: [{}, (page) => at(page, 0)],
  running: [{}, (page) => at(page, 30_000)],
  'email-killed': [{ scheme: 'light' }, killEmail],
  'dead-letters': [{}, async (page) => {
    await rejectLabels(page);
    await at(page, 180_000);
    await queue(page, 'dead-letters').click();
    await page.getByRole('button', { name: /^Edit order-/ }).first().waitFor();
  }],
  alert: [{}, async (page) => {
    await rejectLabels(page);
    await page.evaluate(() => window.ackademy.play(100));
    await page.locator('.toast', { hasText: 'alert' }).waitFor();
    await at(page, 150_000);
  }],
  'game-day': [{ route: '#/game-day', scheme: 'light' }, (page) => at(page, 60_000)],
  'damaged-link': [{ route: '#/run/nonsense' }, async (page) => {
    await page.getByRole('dialog').getByText('This link is damaged').waitFor();
    await at(page, 0);
  }],
  compare: [{ route: '#/compare' }, (page) => at(page, 20_000)],
  'three-brokers': [{}, async (page) => {
    await press(page, 'Three brokers');
    await button(page, 'Kill broker 2').waitFor();
    await at(page, BEGIN);
    await give(page, { kill_broker: { broker: 2 } });
    await at(page, 40_000);
  }],
  interview: [{ route: '#/interview', scheme: 'light' }],
  instruments: [{}, async (page) => {
    await killEmail(page);
    await page.keyboard.press('i');
    await page.getByRole('complementary', { name: 'Instruments' }).waitFor();
  }],
  phone: [phone, (page) => at(page, 30_000)],
  'phone-lesson': [{ ...phone, ...lesson, scheme: 'light' }, (page) => at(page, 0)],
  presenter: [{ width: 1600 }, async (page) => {
    await present(page);
    await at(page, 30_000);
  }],
  'high-contrast': [{ theme: 'dark-high' }, killEmail],
  loading: [{ route: null, scheme: 'light' }, async (page, origin) => {
    await page.route('**/*.lzma', () => {});
    await page.goto(origin, { waitUntil: 'commit' });
    await page.locator('#boot-bar').waitFor();
  }],
};

async function taken(page) {
  await still(page);
  return reduced(await page.screenshot());
}

const reference = async (name) => decoded(await readFile(new URL(`${name}.png`, REFERENCE)));

async function compare(name, seen) {
  const { pixels, share, shown } = difference(await reference(name), seen);
  if (share <= MOST) return;
  await mkdir(RESULTS, { recursive: true });
  await writeFile(new URL(`${name}.png`, RESULTS), encoded(seen));
  await writeFile(new URL(`${name}-difference.png`, RESULTS), encoded(shown));
  assert.fail(`${name}: ${pixels} pixels differ from its reference; see test-results/${name}-difference.png`);
}

for (const [name, [options, reach]] of Object.entries(STATES)) {
  journey(`it looks as before: ${name}`, options, async (page, origin) => {
    await reach?.(page, origin);
    const seen = await taken(page);
    if (process.env.UPDATE_REFERENCES) {
      await mkdir(REFERENCE, { recursive: true });
      await writeFile(new URL(`${name}.png`, REFERENCE), encoded(seen));
    }
    await compare(name, seen);
  });
}

// --- The comparison can fail --------------------------------------------------------------------

/** What each fault does to the running shop. */
const FAULTS = {
  'a card that is hidden': '[data-service="analytics"] { visibility: hidden }',
  'a card that lies elsewhere': '[data-service="analytics"] { translate: 8px }',
  'a figure in another colour': '.m-val { color: red }',
  'letters of another size': '.lesson-body { font-size: 105% }',
};

for (const [fault, style] of Object.entries(FAULTS)) {
  journey(`the comparison finds ${fault}`, {}, async (page) => {
    await at(page, 30_000);
    await page.evaluate((rule) => {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(rule);
      document.adoptedStyleSheets = [sheet];
    }, style);
    const { pixels, share } = difference(await reference('running'), await taken(page));
    assert.ok(share > MOST, `${pixels} pixels`);
  });
}

test('the comparison finds a picture that is shifted or of another size', async () => {
  const loading = await reference('loading');
  assert.equal(difference(loading, loading).pixels, 0);
  assert.ok(difference(loading, shifted(loading, 2)).share > MOST);
  assert.equal(difference(loading, await reference('phone')).share, 1);
});
