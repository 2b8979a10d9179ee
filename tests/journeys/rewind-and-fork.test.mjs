import assert from 'node:assert/strict';
import { eventually, journey, observe, pause, playFast, press, slider, virtualTime, waitUntilVirtual } from './fixtures.mjs';

journey('rewinding shows what was, and returning shows the same again', {}, async (page) => {
  await playFast(page);
  await waitUntilVirtual(page, 60_000);
  await pause(page);
  const end = await virtualTime(page);
  const seen = await observe(page);

  const time = slider(page, /time/i);
  await time.focus();
  await page.keyboard.press('Home');
  await eventually(async () => (await virtualTime(page)) === 0, 'the start of the run', 5);
  assert.equal((await observe(page)).ledger.placed, 0);

  await page.evaluate((ms) => window.ackademy.seek(ms), end);
  assert.deepEqual(await observe(page), seen, 'the same moment looks different the second time');
});

journey('a command in the past forks the run, and both futures stay', {}, async (page) => {
  await playFast(page);
  await waitUntilVirtual(page, 60_000);
  await pause(page);

  await slider(page, /time/i).focus();
  await page.keyboard.press('Home');
  await eventually(async () => (await virtualTime(page)) === 0, 'the start of the run', 5);
  await press(page, 'Kill email');
  await eventually(async () => (await page.locator('[data-branch]').count()) === 2, 'two futures', 5);
  await playFast(page);
  await eventually(async () => (await observe(page)).queues['email-notifications'].ready > 0, 'a backlog');
});
