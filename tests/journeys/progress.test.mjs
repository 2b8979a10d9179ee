import assert from 'node:assert/strict';
import { eventually, journey, lessonSlugs, playFast, predict, press, reload, visit } from './fixtures.mjs';

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
