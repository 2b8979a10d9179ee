// Ways in and out: the way back, two tabs, the first sight of the stage, and an order by its number.

import assert from 'node:assert/strict';
import { button, eventually, journey, observe, playFast, started, visit, waitUntilVirtual } from './fixtures.mjs';

const address = (page) => page.evaluate(() => location.hash);

journey('the way back leads past a game and a damaged link, which would open again', { route: '#/lessons' }, async (page) => {
  await visit(page, '#/game-day');
  await page.getByRole('heading', { name: 'Game day', level: 1 }).first().waitFor();
  await page.goBack();
  await page.locator('[data-lesson]').first().waitFor();
  assert.equal(await address(page), '#/lessons');
  await visit(page, '#/run/garbage');
  await page.getByRole('dialog', { name: 'This link is damaged' }).waitFor();
  await page.keyboard.press('Escape');
  await visit(page, '#/interview');
  await page.goBack();
  await eventually(async () => (await address(page)) === '#/lessons', 'the page before the damaged link', 5);
  assert.equal(await page.getByRole('dialog').count(), 0);
});

journey('an address with nothing behind it says so, and the run goes on', {}, async (page) => {
  const before = (await observe(page)).now_ms;
  await visit(page, '#/nope/at-all');
  const notice = page.getByRole('dialog', { name: 'There is nothing at this address' });
  await notice.getByText('#/nope/at-all').waitFor();
  await notice.getByRole('button', { name: 'Keep my run' }).click();
  await eventually(async () => (await address(page)) === '#/', 'the address of the shop', 5);
  assert.ok((await observe(page)).now_ms >= before);
});

const focused = (page) => page.evaluate(() => document.activeElement.id || document.activeElement.className);

journey('the skip link leads to the stage and the address stays', { route: '#/lesson/the-chain' }, async (page) => {
  await page.keyboard.press('Tab');
  await page.getByRole('link', { name: 'Skip to the stage' }).press('Enter');
  assert.equal(await focused(page), 'stage');
  assert.equal(await address(page), '#/lesson/the-chain');
  assert.equal(await page.title(), 'The chain – Ackademy');
});

journey('the focus stays on the page when what had it goes away', {}, async (page) => {
  const onThePage = () => page.evaluate(() => document.activeElement !== document.body);
  await page.locator('[data-queue="dead-letters"]').first().press('Enter');
  await button(page, 'Close the inspector').press('Enter');
  await eventually(onThePage, 'the focus near the closed inspector', 5);
  await button(page, 'Run until').press('Enter');
  await page.keyboard.press('Escape');
  const opener = () => button(page, 'Run until').evaluate((element) => element === document.activeElement);
  await eventually(opener, 'the focus on what opened the menu', 5);
  await visit(page, '#/lessons');
  await page.locator('[data-lesson="the-chain"] a').or(page.locator('a[data-lesson="the-chain"]')).first().press('Enter');
  await eventually(onThePage, 'the focus on the lesson', 5);
  await eventually(async () => (await page.title()).startsWith('The chain'), 'its title', 5);
});

journey('two tabs keep what both have done', { route: '#/lesson/the-chain' }, async (page, origin) => {
  const other = await page.context().newPage();
  await other.goto(`${origin}/#/lesson/acknowledge`);
  await started(other);
  const notes = (one) => one.getByRole('textbox', { name: 'Your notes' });
  await notes(page).fill('sum and product');
  await eventually(() => other.evaluate(() => localStorage.getItem('ackademy.progress')), 'the first note', 5);
  await notes(other).fill('at least once');
  await other.reload();
  await started(other);
  assert.equal(await notes(other).inputValue(), 'at least once');
  await visit(other, '#/lesson/the-chain');
  assert.equal(await notes(other).inputValue(), 'sum and product');
});

for (const route of ['#/', '#/lesson/the-chain', '#/compare']) {
  journey(`on a phone the stage of ${route} is first seen as it stays`, {
    route, width: 390, height: 844, touch: true,
    init: () => {
      window.seen = new Set();
      const look = () => {
        const scene = document.querySelector('.stage-scene');
        if (scene?.checkVisibility({ visibilityProperty: true })) window.seen.add(scene.dataset.form);
        requestAnimationFrame(look);
      };
      requestAnimationFrame(look);
    },
  }, async (page) => {
    await eventually(() => page.evaluate(() => window.seen.size > 0), 'the stage', 5);
    assert.equal(await page.evaluate(() => window.seen.size), 1);
  });
}

journey('an order is found by its number and followed', {}, async (page) => {
  await playFast(page);
  await waitUntilVirtual(page, 30_000);
  await page.keyboard.press('Control+k');
  await page.getByRole('combobox', { name: 'Command' }).waitFor();
  await page.keyboard.type('order-7');
  await page.getByRole('option', { name: 'Follow order 7' }).waitFor({ timeout: 5_000 });
  await page.keyboard.press('Enter');
  await page.getByRole('complementary', { name: 'Inspector: order-7' }).waitFor();
  await button(page, 'Stop following').waitFor();
  assert.ok((await observe(page)).ledger.placed >= 7);
});

journey('arrows go from tab to tab of a lesson, around its ends', { route: '#/lesson/acknowledge' }, async (page) => {
  const tab = (name) => page.getByRole('tab', { name });
  await tab('Lesson').focus();
  for (const [key, name] of [['ArrowRight', 'Code'], ['ArrowRight', 'Quiz'], ['ArrowRight', 'Lesson'], ['ArrowLeft', 'Quiz']]) {
    await page.keyboard.press(key);
    assert.ok(await tab(name).evaluate((element) => element === document.activeElement));
    assert.equal(await tab(name).getAttribute('aria-selected'), 'true');
  }
});

journey('after the page is there nothing is asked for any more', {}, async (page) => {
  await page.waitForLoadState('networkidle');
  const asked = [];
  page.on('request', (request) => asked.push(request.url()));
  for (const route of ['#/lessons', '#/lesson/the-chain', '#/interview', '#/compare', '#/game-day', '#/']) await visit(page, route);
  for (const key of ['t', 'i', 'Escape', '?', 'Escape', 'f']) await page.keyboard.press(key);
  await playFast(page);
  await waitUntilVirtual(page, 10_000);
  assert.deepEqual(asked, []);
});
