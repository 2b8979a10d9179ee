import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { atStep, button, eventually, journey, ledger, option, stageRow, tabTo } from './fixtures.mjs';

const STEPS = 5;
/** From 1× to 10× in as many presses of a key. */
const FASTER = 6;

const email = async (page) => (await stageRow(page, 'service email'))[0];
const inHand = async (page) => parseInt((await stageRow(page, 'queue email-notifications'))[1], 10);

/** Tab to a control, Enter. */
async function enter(page, locator, tab) {
  await tabTo(page, locator, tab);
  await page.keyboard.press('Enter');
}

async function restart(page) {
  if ((await email(page)).startsWith('down')) await page.keyboard.press('k');
  await eventually(async () => (await email(page)) === 'up', 'email is up again', 5);
}

/** Chooses where the next piece of work crashes `email`, sees it crash, and restarts it. */
async function crash(page, point) {
  await enter(page, button(page, `Crash email ${point}`));
  await eventually(async () => (await email(page)).startsWith('down'), `email crashes ${point}`);
  await restart(page);
}

/** Answers a question: Tab comes to its first option, arrows go on from there, the space bar chooses. */
async function answer(page, question, arrow, words) {
  const group = page.getByRole('group', { name: question });
  await tabTo(page, group.getByRole('radio'));
  if (arrow) await page.keyboard.press(arrow);
  await page.keyboard.press('Space');
  await eventually(() => option(page, question, words).isChecked(), `${question} answered`, 5);
}

journey('the lesson about acknowledgements is solved with the keyboard alone', {}, async (page) => {
  await enter(page, page.getByRole('link', { name: 'Lessons', exact: true }));
  await enter(page, page.getByRole('link', { name: /^13 *Acknowledge/ }));
  await page.getByRole('heading', { name: 'Acknowledge', level: 1 }).first().waitFor();
  await tabTo(page, page.getByRole('group', { name: 'Predict first' }).getByRole('radio'));
  await page.keyboard.press('ArrowUp');
  await eventually(() => option(page, 'Predict first', 'Two.').isChecked(), 'predicted', 5);

  await atStep(page, 1, STEPS);
  await enter(page, button(page, 'email'));
  await page.getByRole('complementary', { name: 'Inspector: email' }).waitFor();
  for (let presses = 0; presses < FASTER; presses += 1) await page.keyboard.press(']');
  await tabTo(page, button(page, 'Play'));
  do {
    await page.keyboard.press('Space');
    await eventually(async () => (await inHand(page)) > 0, 'a task in hand');
    // The focus stays on the button, which now pauses.
    await page.keyboard.press('Space');
    await button(page, 'Play').waitFor();
  } while ((await inHand(page)) === 0);
  await page.keyboard.press('k');
  await page.keyboard.press('Space');
  await eventually(async () => (await email(page)).startsWith('down'), 'email is down', 5);
  await restart(page);

  await atStep(page, 2, STEPS);
  await enter(page, button(page, 'no_ack'), { back: true });
  // Now it loses what it holds; should it hold nothing, it is restarted and killed again.
  await eventually(async () => {
    await page.keyboard.press('k');
    await sleep(500);
    return (await ledger(page, 'lost')) > 0;
  }, 'an order is lost');

  await atStep(page, 3, STEPS);
  await enter(page, button(page, 'after work'), { back: true });
  await restart(page);
  await crash(page, 'after receive');

  await atStep(page, 4, STEPS);
  assert.equal(await ledger(page, 'done twice'), 0);
  await crash(page, 'after work');

  await atStep(page, 5, STEPS);
  assert.ok((await ledger(page, 'done twice')) > 0);
  await page.keyboard.press('p');

  await atStep(page, null, STEPS);
  assert.ok((await ledger(page, 'dead-lettered')) > 0);
  await enter(page, button(page, 'To the quiz'), { back: true });
  await answer(page, 'Question 1', 'ArrowDown', /not acknowledged/);
  await answer(page, 'Question 2', 'ArrowUp', /It is lost/);
  await answer(page, 'Question 3', null, /For a price/);
  await page.getByText('3 of 3 right at the first try.').waitFor();
});
