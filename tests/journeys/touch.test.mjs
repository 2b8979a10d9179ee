// What hands do beyond pressing: bookmarks are dragged, dead letters edited, runs kept as files.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { axe, button, eventually, journey, noSidewaysScroll, observe, pause, press, virtualTime, waitUntilVirtual } from './fixtures.mjs';

const give = (page, command) => page.evaluate((json) => window.ackademy.command(json), JSON.stringify(command));
const seek = (page, ms) => page.evaluate((at) => window.ackademy.seek(at), ms);
const committed = (page, name) =>
  page.locator(`tr[data-group="${name}"]`).getByRole('cell').nth(1).textContent().then((text) => Number(text.replaceAll(',', '')));

async function openRow(page, number = 0) {
  await page.locator(`#stage-topic-order-created-${number}`).focus();
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: `order-created p${number}` }).waitFor();
}

/** The shop at a moment, with payment down since a while or with all services up. */
async function at(page, ms, { down }) {
  await pause(page);
  await seek(page, 40_000);
  if (down) await give(page, { kill: { service: 'payment' } });
  await seek(page, ms);
}

// Seven minutes in, payment is further behind than the tape is long: its line stands at the left
// edge, and its flag and those of the two others hang above the first row.
const FAR = 420_000;
const LINE = { x: 0.137, up: 0 };
const FLAG = { x: 0.2, up: 22 };
const ANALYTICS = { x: 0.6, up: 22 };

/** Where on the page a part of the tape is. */
async function place(page, { x, up }) {
  const row = await page.locator('#stage-topic-order-created-0').boundingBox();
  return [row.x + row.width * x, row.y + row.height / 2 - up];
}

async function drag(page, from, share) {
  const [x, y] = await place(page, from);
  const [to] = await place(page, { x: share, up: 0 });
  await page.mouse.move(x, y);
  await page.mouse.down();
  await page.mouse.move(x + 20, y, { steps: 3 });
  await page.mouse.move(to, y, { steps: 5 });
  await page.mouse.up();
}

journey('the line of a group is dragged to a record of its row, and undo brings it back', {}, async (page) => {
  await at(page, FAR, { down: true });
  await openRow(page, 1);
  const other = await committed(page, 'payment');
  await openRow(page);
  const before = await committed(page, 'payment');
  await drag(page, LINE, 0.6);
  await eventually(async () => (await committed(page, 'payment')) > before, 'the offset moves on');
  await openRow(page, 1);
  assert.equal(await committed(page, 'payment'), other, 'only that row moves');
  await page.keyboard.press('Control+z');
  await openRow(page);
  await eventually(async () => (await committed(page, 'payment')) === before, 'it is back');
});

journey('the flag of a group moves all its rows to one moment', {}, async (page) => {
  await at(page, FAR, { down: true });
  await openRow(page, 7);
  const before = await committed(page, 'payment');
  await drag(page, FLAG, 0.6);
  await eventually(async () => (await committed(page, 'payment')) > before, 'the last row moves, too');
});

journey('a finger drags a bookmark', { touch: true }, async (page) => {
  if (process.env.BROWSER === 'firefox') return;
  await at(page, FAR, { down: true });
  await openRow(page);
  const before = await committed(page, 'payment');
  const finger = await page.context().newCDPSession(page);
  const touch = (type, ...points) =>
    finger.send('Input.dispatchTouchEvent', { type, touchPoints: points.map(([x, y]) => ({ x, y })) });
  const [x, y] = await place(page, LINE);
  const [to] = await place(page, { x: 0.6, up: 0 });
  await touch('touchStart', [x, y]);
  for (const share of [0.2, 0.5, 0.8, 1]) await touch('touchMove', [x + (to - x) * share, y]);
  await touch('touchEnd');
  await eventually(async () => (await committed(page, 'payment')) > before, 'the offset moves on');
});

journey('while the group has members the refusal stands where the bookmark was put down', {}, async (page) => {
  await at(page, FAR, { down: true });
  await openRow(page);
  const before = await committed(page, 'analytics');
  await drag(page, ANALYTICS, 0.4);
  const why = page.locator('.why.says');
  await why.getByText(/Assignments can only be reset if the group 'analytics' is inactive/).waitFor();
  assert.equal(await committed(page, 'analytics'), before);
  await axe(page);
  await page.keyboard.press('Escape');
  await eventually(async () => (await why.count()) === 0, 'the refusal is gone');
});

journey('offsets are reset by keyboard', {}, async (page) => {
  await at(page, 120_000, { down: true });
  await openRow(page);
  await page.getByRole('spinbutton', { name: 'Offset of payment' }).press('Control+a');
  await page.keyboard.type('3');
  await page.keyboard.press('Enter');
  await eventually(async () => (await committed(page, 'payment')) === 3, 'offset 3');
  await page.getByRole('group', { name: 'Move payment to' }).getByRole('button', { name: 'earliest' }).press('Enter');
  await eventually(async () => (await committed(page, 'payment')) === 0, 'the earliest offset');
});

/** What shipping rejects four times ends among the dead letters. */
async function deadLetters(page) {
  await pause(page);
  await give(page, { fail_rate: { service: 'shipping', per_mille: 1000 } });
  await seek(page, 90_000);
  await page.locator('[data-queue="dead-letters"]').first().focus();
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: /^Edit order-/ }).first().waitFor();
}
const waiting = async (page) => (await observe(page)).queues['dead-letters'].ready;

journey('one dead letter is replayed, then some', {}, async (page) => {
  await deadLetters(page);
  const all = await waiting(page);
  await page.getByRole('button', { name: /^Replay order-/ }).first().click();
  await eventually(async () => (await waiting(page)) === all - 1, 'one is gone');
  await page.getByRole('checkbox', { name: /^Choose order-/ }).nth(0).check();
  await page.getByRole('checkbox', { name: /^Choose order-/ }).nth(1).check();
  await press(page, 'Replay 2 chosen');
  await eventually(async () => (await waiting(page)) === all - 3, 'two more are gone');
  await press(page, 'Replay all as they are: dead-letters');
  await eventually(async () => (await waiting(page)) === 0, 'all are gone');
});

journey('a letter that a service set aside offers no replay to where nobody knows', { route: '#/lesson/retry-back-off-give-up' }, async (page) => {
  await give(page, { set: { service: 'shipping', setting: { lasting_errors: ['malformed_address'] } } });
  await seek(page, 120_000);
  await page.locator('[data-queue="dead-letters"]').first().focus();
  await page.keyboard.press('Enter');
  await page.getByText('does not say where it belongs').waitFor();
  assert.ok(await waiting(page) > 0);
  assert.equal(await page.getByRole('button', { name: /^Replay order-/ }).count(), 0);
});

journey('an edited dead letter says what is wrong with it and loses nothing', {}, async (page) => {
  await deadLetters(page);
  const all = await waiting(page);
  await page.getByRole('button', { name: /^Edit order-/ }).first().press('Enter');
  const payload = page.getByRole('textbox', { name: /^Payload of order-/ });
  const good = await payload.inputValue();
  const bad = good.replace(/"amount_cents": \d+/, '"amount_cents": "many"');
  await payload.fill(bad);
  await press(page, 'Replay edited');
  await page.getByText(/line \d, field amount_cents: this is not a whole number/).waitFor();
  assert.equal(await payload.inputValue(), bad);
  assert.equal(await waiting(page), all);
  await payload.fill(good);
  await press(page, 'Replay edited');
  await eventually(async () => (await waiting(page)) === all - 1, 'it is replayed');
});

journey('a setting of a service is chosen by keyboard and holds', {}, async (page) => {
  await pause(page);
  await page.locator('#stage-service-checkout').focus();
  await page.keyboard.press('Enter');
  await page.locator('summary', { hasText: 'Settings' }).press('Enter');
  const one = page.getByRole('group', { name: 'acks' }).getByRole('button', { name: '1', exact: true });
  await one.press('Enter');
  await eventually(async () => (await one.getAttribute('aria-pressed')) === 'true', 'acks=1');
  await axe(page);
});

journey('a run is saved as a file and opened again', {}, async (page) => {
  await at(page, 75_000, { down: true });
  await press(page, 'Share this run');
  await axe(page);
  const [download] = await Promise.all([page.waitForEvent('download'), press(page, 'Save run as file')]);
  assert.match(download.suggestedFilename(), /^shop-00-01-15\.json$/);
  const text = await readFile(await download.path(), 'utf8');
  await page.reload();
  await button(page, 'Share this run').waitFor();
  await press(page, 'Share this run');
  const [chooser] = await Promise.all([page.waitForEvent('filechooser'), press(page, 'Open run…')]);
  await chooser.setFiles({ name: 'run.json', mimeType: 'application/json', buffer: Buffer.from(text) });
  await eventually(async () => (await virtualTime(page)) === 75_000, 'the same moment');
  await button(page, 'Restart payment').first().waitFor();
});

const drop = (page, text) =>
  page.evaluate((content) => {
    const dataTransfer = new DataTransfer();
    dataTransfer.items.add(new File([content], 'run.json'));
    document.body.dispatchEvent(new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true }));
  }, text);

journey('a damaged or newer file says what is wrong, and the run stays', {}, async (page) => {
  await at(page, 50_000, { down: true });
  const cases = [
    ['{"version": 1, "scen', /breaks at line 1/],
    ['{"version": 2}', /It has version 2; this program reads version 1/],
  ];
  for (const [text, words] of cases) {
    await drop(page, text);
    const dialog = page.getByRole('dialog', { name: 'This file cannot be opened' });
    await dialog.getByText(words).waitFor();
    await press(page, 'Keep my run');
    assert.equal(await virtualTime(page), 50_000);
  }
});

journey('run until the lag is large', {}, async (page) => {
  // A group that never met has no lag.
  await waitUntilVirtual(page, 5_000);
  await pause(page);
  await give(page, { kill: { service: 'payment' } });
  await press(page, 'Run until');
  await press(page, 'Lag > 100');
  await eventually(async () => (await observe(page)).max_group_lag > 100, 'the lag');
});

journey('on a phone the letters and settings fit', { width: 390, height: 844, touch: true }, async (page) => {
  await deadLetters(page);
  await page.getByRole('button', { name: /^Edit order-/ }).first().click();
  await noSidewaysScroll(page);
});
