import assert from 'node:assert/strict';
import { atStep, eventually, journey, ledger, option, press, pressSlider, slider, stageRow } from './fixtures.mjs';

const STEPS = 5;
/** Where on the speed slider 10×, 100× and 1000× are. */
const SPEED = { 10: 0.5, 100: 0.75, 1000: 1 };

const mails = async (page) => (await stageRow(page, 'queue email-notifications'))[0];

journey('the second lesson is solved with the mouse, from the list to the quiz', { route: '#/lessons' }, async (page) => {
  const speed = slider(page, 'Speed');
  await page.getByRole('link', { name: /^2 *Publish and return/ }).click();
  await page.getByRole('heading', { name: 'Publish and return', level: 1 }).first().waitFor();
  await option(page, 'Predict first', 'None.').click();

  await atStep(page, 1, STEPS);
  await press(page, 'Play');
  await pressSlider(speed, SPEED[10]);

  await atStep(page, 2, STEPS);
  await press(page, 'Checkout API');
  await page.getByRole('switch', { name: 'Checkout API calls gateway' }).click();
  await pressSlider(speed, SPEED[100]);

  await atStep(page, 3, STEPS);
  await press(page, 'Kill email');
  await pressSlider(speed, SPEED[1000]);

  await atStep(page, 4, STEPS, 60);
  await page.getByText(/0 orders failed\. 3,4\d\d mails waited/).waitFor();
  await page.getByRole('group', { name: 'Predict first' }).getByText('happened').waitFor();
  await pressSlider(speed, SPEED[100]);
  await press(page, 'Restart email');

  await atStep(page, 5, STEPS, 60);
  assert.equal(await mails(page), '0 ready');
  await pressSlider(slider(page, 'Orders arriving'), 0);

  await atStep(page, null, STEPS);
  assert.equal(await ledger(page, 'lost'), 0);
  assert.equal(await ledger(page, 'in progress'), 0);

  await press(page, 'To the quiz');
  await option(page, 'Question 1', /written down/).click();
  await option(page, 'Question 2', /late, nothing else/).click();
  await option(page, 'Question 3', /Charging the card/).click();
  await page.getByText('3 of 3 right at the first try.').waitFor();

  await page.getByRole('link', { name: 'Ackademy, all lessons' }).click();
  await page.getByRole('link', { name: /^2 *Publish and return *done/ }).waitFor();
  await eventually(() => page.getByText(/^1 of \d+ lessons? done$/).isVisible(), 'one lesson counted as done', 5);
});

journey('what a lesson rests on leads there, and its first hint offers itself after a minute', { route: '#/lesson/rewind' }, async (page) => {
  const hint = page.locator('.hint button');
  const offer = () => hint.evaluate((one) => {
    const { content, visibility } = getComputedStyle(one, '::after');
    return content === 'none' ? 'none' : visibility;
  });
  const wait = (ms) => hint.evaluate((one, now) => {
    for (const animation of one.getAnimations({ subtree: true })) animation.currentTime = now;
  }, ms);
  assert.equal(await offer(), 'hidden');
  await wait(59_000);
  assert.equal(await offer(), 'hidden');
  await wait(60_100);
  assert.equal(await offer(), 'visible');
  await hint.click();
  await page.getByText('Nothing needs to be prepared in the log.').waitFor();
  assert.equal(await offer(), 'none');

  await page.getByText('What you will be able to do').click();
  await page.getByRole('link', { name: 'Sharing the work' }).click();
  await page.getByRole('heading', { name: 'Sharing the work', level: 1 }).first().waitFor();
});

journey('a wrong move is explained by what it did, and what a step showed stays readable', { route: '#/lesson/the-chain' }, async (page) => {
  const says = (words) => page.locator('.lesson-body').getByText(words).waitFor();
  const mistakes = page.locator('.mistake');
  await press(page, 'Play');
  await pressSlider(slider(page, 'Speed'), SPEED[10]);
  await atStep(page, 2, STEPS, 60);
  assert.equal(await mistakes.count(), 0);
  await press(page, 'Checkout API');
  await press(page, 'Slow ×10: Slow Checkout API ×10');
  await says('It waits, and ten times nothing is nothing.');
  // The fault is pressed now, and pressing it again takes it back.
  await page.locator('.fault[aria-pressed=true]').click();
  await eventually(async () => (await mistakes.count()) === 0, 'nothing told any more', 5);

  await press(page, 'analytics');
  await press(page, 'Slow ×10: Slow analytics ×10');
  await atStep(page, 3, STEPS, 60);
  await says('Latency in a chain is the sum of its links.');
  await page.getByRole('button', { name: 'Press play and see how long a buyer waits.' }).click();
  await says('It is the sum of the five times, to the millisecond.');
});
