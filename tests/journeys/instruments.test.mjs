import assert from 'node:assert/strict';
import { axe, button, eventually, journey, observe, pause, press, slider, virtualTime } from './fixtures.mjs';

/** The row of a figure in the table behind the charts: now, at most, alert. */
async function reading(page, name) {
  const table = page.getByRole('table', { name: 'The instruments in figures' });
  const row = table.getByRole('row').filter({ has: page.getByRole('rowheader', { name, exact: true }) });
  return row.getByRole('cell').allTextContents();
}

async function backlog(page) {
  await page.evaluate(() => {
    window.ackademy.seek(0);
    window.ackademy.pause();
    window.ackademy.command({ kill: { service: 'email' } });
    window.ackademy.seek(180_000);
  });
}

journey('the instruments show what the engine counts, and read it off at any moment by keys', {}, async (page) => {
  await backlog(page);
  await page.keyboard.press('i');
  const { ready } = (await observe(page)).queues['email-notifications'];
  const name = 'email-notifications: ready';
  assert.equal((await reading(page, name))[0], ready.toLocaleString('en'));

  const cursor = slider(page, 'Read the instruments at');
  await cursor.focus();
  for (let seconds = 0; seconds < 60; seconds += 10) await page.keyboard.press('Shift+ArrowLeft');
  await page.getByText('Read off at 00:02:00').waitFor();
  const then = Number((await reading(page, name))[0]);
  assert.ok(then > 0 && then < ready, `${then} of ${ready}`);
  assert.equal(await virtualTime(page), 180_000, 'reading moves no time');

  await page.keyboard.press('Enter');
  await eventually(async () => (await virtualTime(page)) === 120_000, 'the moment that was read', 5);
  await page.keyboard.press('Escape');
  await page.keyboard.press('Escape');
  await cursor.waitFor({ state: 'detached' });
});

journey('a press on a live figure opens the instruments, and the stage stays where it was', {}, async (page) => {
  await backlog(page);
  const stage = page.locator('.stage-scene');
  const before = await stage.boundingBox();
  await page.getByRole('button', { name: /^Dead letters/ }).click();
  const charts = page.getByRole('complementary', { name: 'Instruments' });
  await charts.waitFor();
  assert.deepEqual(await stage.boundingBox(), before);
  const box = await charts.locator('.instruments').boundingBox();
  await page.mouse.click(box.x + box.width / 4, box.y + 60);
  const { end, now } = await page.evaluate(() => ({
    end: Number(document.querySelector('.scrub input').max),
    now: window.ackademy.observe().now_ms,
  }));
  assert.ok(Math.abs(now - end / 4) < 2_000, `${now} of ${end}`);
  await axe(page);
});

journey('an alert fires, is told and clears', {}, async (page) => {
  await page.evaluate(() => {
    window.ackademy.command({ fail_rate: { service: 'shipping', per_mille: 1000 } });
    window.ackademy.play(200);
  });
  const told = page.locator('.toast', { hasText: 'alert' });
  await told.waitFor();
  await pause(page);
  await page.keyboard.press('i');
  await page.getByText('fires above 50').first().waitFor();
});

journey('on a phone the instruments are a sheet', { width: 390, height: 844, touch: true }, async (page) => {
  await backlog(page);
  await page.getByRole('button', { name: /^Dead letters/ }).click();
  await page.getByRole('complementary', { name: 'Instruments' }).waitFor();
  await axe(page);
  await press(page, 'Close the instruments');
  await button(page, 'Kill payment').first().waitFor();
});
