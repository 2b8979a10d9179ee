import assert from 'node:assert/strict';
import {
  button, controlsReachable, eventually, figure, journey, lessonSlugs, noSidewaysScroll, playFast, press, queue, virtualTime, visit,
} from './fixtures.mjs';

for (const [width, height] of [[390, 844], [320, 640]]) {
  journey(`at ${width} px nothing is cut off and each control can be reached`, { width, height, touch: true }, async (page) => {
    await noSidewaysScroll(page);
    await controlsReachable(page);
    const slugs = await lessonSlugs(page);
    await noSidewaysScroll(page);
    await controlsReachable(page);
    await visit(page, `#/lesson/${slugs[1]}`);
    await noSidewaysScroll(page);
    await controlsReachable(page);
  });

  journey(`at ${width} px a service can be killed and restarted`, { width, height, touch: true }, async (page) => {
    await playFast(page);
    await press(page, 'Kill email');
    await button(page, 'Restart email').first().waitFor();
    await press(page, 'Restart email');
    await button(page, 'Kill email').first().waitFor();
  });
}

for (const [width, height] of [[1024, 768], [390, 844]]) {
  journey(`at ${width} px the inspector leaves in sight what it is about, and closes`, { width, height, route: '#/lesson/acknowledge' }, async (page) => {
    const inspector = page.getByRole('complementary', { name: 'Inspector: email' });
    await press(page, 'email');
    await inspector.waitFor();
    await button(page, 'email').click({ trial: true, timeout: 2_000 });
    await press(page, 'Close the inspector');
    await inspector.waitFor({ state: 'hidden' });
  });
}

journey('with reduced motion time runs and counts grow, and nothing is animated', { reducedMotion: true }, async (page) => {
  await playFast(page);
  await press(page, 'Kill email');
  await eventually(async () => (await figure(queue(page, 'email-notifications'), 'data-ready')) > 10, 'a backlog');
  assert.ok((await virtualTime(page)) > 0);
  const moving = await page.evaluate(() =>
    document.getAnimations().filter((a) => a.effect.getKeyframes().some((k) => k.transform || k.translate || k.left)).length,
  );
  assert.equal(moving, 0, 'something travels');
});
