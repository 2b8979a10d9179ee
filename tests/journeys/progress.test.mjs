import assert from 'node:assert/strict';
import {
  button, eventually, journey, lessonSlugs, playFast, predict, press, reload, visit, waitUntilVirtual,
} from './fixtures.mjs';

const done = (page) => page.locator('[data-step][data-done="true"]').count();

journey('a finished step is still finished after a reload', {}, async (page) => {
  const [, second] = await lessonSlugs(page);
  await visit(page, `#/lesson/${second}`);
  await predict(page);
  await playFast(page);
  await press(page, 'Kill email');
  await eventually(async () => (await done(page)) > 0, 'a finished step', 60);
  const before = await done(page);

  await reload(page);
  await eventually(async () => (await done(page)) >= before, 'the finished steps again', 5);
  await visit(page, '#/lessons');
  const entry = page.locator(`[data-lesson="${second}"]`).first();
  assert.equal(await entry.count(), 1);
});

journey('answers to the interview are kept, compared and shown on the stage', { route: '#/interview' }, async (page) => {
  const first = page.getByRole('region', { name: /^When do you put a queue/ });
  const compare = first.getByRole('button', { name: 'Compare with a model answer' });
  await compare.waitFor();
  assert.ok(await compare.isDisabled(), 'the own words come first');
  await first.getByRole('textbox', { name: /^Your answer/ }).pressSequentially('A call when the caller needs the answer.');
  await compare.click();
  await first.getByRole('heading', { name: 'Red flags' }).waitFor();
  await reload(page);
  assert.match(await first.getByRole('textbox', { name: /^Your answer/ }).inputValue(), /needs the answer/);
  await compare.click();
  await first.getByRole('button', { name: 'Show it on the stage' }).click();
  await waitUntilVirtual(page, 5_000);
});

journey('progress and notes go to another browser as a file', { route: '#/lesson/the-chain' }, async (page) => {
  await page.getByRole('textbox', { name: 'Your notes' }).pressSequentially('sum and product');
  await visit(page, '#/lessons');
  const saved = page.waitForEvent('download');
  await press(page, 'Save as file');
  const file = await (await saved).path();
  await page.evaluate(() => localStorage.clear());
  await reload(page);
  const chooser = page.waitForEvent('filechooser');
  await press(page, 'Open file…');
  await (await chooser).setFiles(file);
  await page.getByText('Progress opened').waitFor();
  await visit(page, '#/lesson/the-chain');
  assert.equal(await page.getByRole('textbox', { name: 'Your notes' }).inputValue(), 'sum and product');
});

journey('a lesson is read in German, and stays so', { route: '#/lesson/the-chain' }, async (page) => {
  await press(page, 'Deutsch');
  await page.getByRole('heading', { name: 'Die Kette', level: 1 }).first().waitFor();
  await reload(page);
  await page.getByRole('heading', { name: 'Die Kette', level: 1 }).first().waitFor();
  await press(page, 'English');
  await page.getByRole('heading', { name: 'The chain', level: 1 }).first().waitFor();
});

journey('a game day is played to its end and scored', { route: '#/lessons' }, async (page) => {
  await page.getByRole('link', { name: /^Game day/ }).click();
  await page.getByRole('heading', { name: 'Game day', level: 1 }).first().waitFor();
  await playFast(page, 1000);
  await page.getByText('The game is over').first().waitFor({ timeout: 60_000 });
  await page.getByText(/\d+ of 100 points, counted at 00:20:00/).waitFor();
  await button(page, 'Play').waitFor();
});
