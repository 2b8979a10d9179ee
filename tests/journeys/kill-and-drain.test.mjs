import assert from 'node:assert/strict';
import { button, eventually, figure, journey, observe, playFast, press, queue, service } from './fixtures.mjs';

journey('killing email swells its queue, loses no order, and restarting drains it', {}, async (page) => {
  const mail = queue(page, 'email-notifications');
  await playFast(page);
  await eventually(async () => (await observe(page)).ledger.placed > 0, 'a first order');

  await press(page, 'Kill email');
  await eventually(
    async () => (await service(page, 'email').getAttribute('data-state')) === 'down',
    'email down',
    2,
  );
  await eventually(async () => (await figure(mail, 'data-ready')) >= 50, '50 mails waiting');
  const { checkout, ledger } = await observe(page);
  assert.equal(checkout.failed, 0, 'an order failed');
  assert.equal(ledger.lost, 0, 'an order was lost');

  await press(page, 'Restart email');
  await eventually(async () => (await figure(mail, 'data-ready')) <= 2, 'the queue drained', 60);
  assert.equal((await observe(page)).ledger.lost, 0, 'an order was lost');
  await button(page, 'Kill email').waitFor();
});

journey('the same with the keyboard alone', {}, async (page) => {
  await playFast(page);
  await button(page, 'Kill email').focus();
  await page.keyboard.press('Enter');
  await button(page, 'Restart email').waitFor();
  const focused = await page.evaluate(() => document.activeElement?.getAttribute('aria-label'));
  assert.equal(focused, 'Restart email', 'the focus stays on the switch');
  await page.keyboard.press('Enter');
  await button(page, 'Kill email').waitFor();
});

journey('the speed slider makes time run faster', {}, async (page) => {
  const speed = page.getByRole('slider', { name: 'Speed' });
  const before = await speed.getAttribute('aria-valuenow') ?? (await speed.inputValue());
  await speed.focus();
  await page.keyboard.press('ArrowRight');
  await eventually(
    async () => (await speed.getAttribute('aria-valuenow') ?? (await speed.inputValue())) !== before,
    'another speed',
    2,
  );
});
