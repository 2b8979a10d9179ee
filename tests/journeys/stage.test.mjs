import assert from 'node:assert/strict';
import { axe, button, eventually, journey, noSidewaysScroll, pause, playFast, press } from './fixtures.mjs';

const broker = (page, number) => page.getByRole('button', { name: new RegExp(`^(Kill|Restart) broker ${number}$`) });
const badge = (page, words) => page.getByRole('list', { name: 'Refused or doubled just now' }).getByText(words);

async function threeBrokers(page) {
  await press(page, 'Three brokers');
  await broker(page, 3).waitFor();
}

journey('a broker is killed, its partitions get another leader, and it comes back', {}, async (page) => {
  await threeBrokers(page);
  const says = (number) => broker(page, number).getAttribute('aria-description');
  assert.equal(await says(2), 'up, leads 2 partitions');
  await press(page, 'Kill broker 2');
  await button(page, 'Restart broker 2').waitFor();
  assert.equal(await says(2), 'down, leads 0 partitions');
  const row = page.locator('#stage-topic-orders-1');
  await eventually(async () => /broker [13] leads, in sync on 1, 3/.test(await row.textContent()), 'another leader');
  await press(page, 'Restart broker 2');
  await playFast(page);
  await eventually(async () => /in sync on 1, 2, 3/.test(await row.textContent()), 'three copies in sync');
});

journey('with one broker of three left, writes are refused and the tape says why', {}, async (page) => {
  await threeBrokers(page);
  await press(page, 'Kill broker 2');
  await press(page, 'Kill broker 3');
  await badge(page, 'NOT_ENOUGH_REPLICAS').waitFor();
});

journey('a node of RabbitMQ has a switch by keyboard', {}, async (page) => {
  await threeBrokers(page);
  await button(page, 'Kill RabbitMQ node 2').focus();
  await page.keyboard.press('Enter');
  await button(page, 'Restart RabbitMQ node 2').waitFor();
});

journey('that RabbitMQ is down is said where its queues are', {}, async (page) => {
  await page.evaluate(() => window.ackademy.command(JSON.stringify({ kill_node: { node: 1 } })));
  await page.getByText('The queue is down').waitFor();
  await page.evaluate(() => window.ackademy.command(JSON.stringify({ restart_node: { node: 1 } })));
  await page.getByText('The queue hands out').waitFor();
});

journey('a rebalance stands on the card of its members', {}, async (page) => {
  await threeBrokers(page);
  const card = page.locator('[data-service="payment"]');
  await card.getByText('rebalancing').waitFor();
  await playFast(page);
  await card.getByText('up', { exact: true }).waitFor();
});

for (const scheme of ['dark', 'light']) {
  journey(`axe finds nothing on three brokers, two of them down, ${scheme}`, { scheme }, async (page) => {
    const seek = (ms) => page.evaluate((at) => window.ackademy.seek(at), ms);
    await threeBrokers(page);
    await pause(page);
    await press(page, 'Kill broker 2');
    await seek(30_000);
    await press(page, 'Kill broker 3');
    await seek(33_000);
    await badge(page, 'NOT_ENOUGH_REPLICAS').waitFor();
    await axe(page);
  });
}

journey('on a phone brokers have their switches', { width: 390, height: 844, touch: true }, async (page) => {
  await press(page, 'Open the scenario');
  await press(page, 'Three brokers');
  await press(page, 'Close the scenario');
  await broker(page, 3).waitFor();
  await noSidewaysScroll(page);
  await press(page, 'Kill broker 1');
  await button(page, 'Restart broker 1').waitFor();
});
