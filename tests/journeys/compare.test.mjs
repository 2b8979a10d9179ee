import assert from 'node:assert/strict';
import { axe, controlsReachable, eventually, journey, noSidewaysScroll, observe, pause, playFast, press, virtualTime, waitUntilVirtual } from './fixtures.mjs';

/** Both values of a row of differences, and which of them is ticked. */
async function differs(page, name) {
  const row = page.getByRole('row').filter({ has: page.getByRole('rowheader', { name, exact: true }) });
  const cells = row.getByRole('cell');
  const better = await cells.evaluateAll((all) => all.findIndex((cell) => cell.classList.contains('better')));
  return { values: await cells.allTextContents(), better };
}

journey('two futures are compared by a key, in step, and one is opened again', {}, async (page) => {
  await playFast(page);
  await waitUntilVirtual(page, 60_000);
  await pause(page);
  const end = await virtualTime(page);
  await page.evaluate(() => {
    window.ackademy.seek(20_000);
    window.ackademy.command({ kill: { service: 'email' } });
  });
  await page.evaluate((ms) => window.ackademy.seek(ms), end);
  await page.keyboard.press('c');
  await page.getByRole('heading', { name: 'What differs' }).waitFor();
  assert.equal(await virtualTime(page), end);
  assert.equal((await differs(page, 'Mails still owed')).better, 1, 'the run with email is better');
  await page.getByText('They part at 00:00:20').waitFor();
  for (const name of ['Stage A: The shop', 'Stage B: The shop']) await page.getByRole('region', { name }).waitFor();

  const address = page.url();
  await page.keyboard.press('k');
  await page.keyboard.press('Control+z');
  assert.equal((await observe(page)).services.email.state, 'down', 'a comparison is only looked at');
  await page.reload();
  await page.getByRole('heading', { name: 'What differs' }).waitFor();
  assert.equal(page.url(), address, 'the address is a link to it');
  await press(page, 'Open B');
  await eventually(async () => (await observe(page)).services.email.state === 'up', 'the other future', 10);
});

journey('the same day by calls and through the log runs in step', { route: '#/compare' }, async (page) => {
  await press(page, 'Play');
  await waitUntilVirtual(page, 30_000);
  await press(page, 'Pause');
  const now = await virtualTime(page);
  assert.ok(now >= 30_000);
  const p95 = await differs(page, 'Checkout p95, now');
  assert.equal(p95.better, 1, 'the log answers sooner');
  assert.match(p95.values[0], /s$/);
  await page.getByText(/The buyer of order \d+ waits/).first().waitFor();
  await axe(page);
  await press(page, 'Open B');
  await page.getByText('Sandbox').first().waitFor();
  assert.equal(await virtualTime(page), now, 'at the same moment');
});

journey('a damaged comparison says so', { route: '#/compare/nonsense' }, async (page) => {
  await page.getByRole('dialog').getByText('This link is damaged').waitFor();
});

for (const [width, height, scheme] of [[1024, 768, 'light'], [390, 844, 'dark'], [320, 640, 'light']]) {
  journey(`a comparison at ${width} by ${height}`, { route: '#/compare', width, height, scheme }, async (page) => {
    await page.evaluate(() => window.ackademy.seek(20_000));
    await noSidewaysScroll(page);
    await controlsReachable(page);
    await axe(page);
  });
}
