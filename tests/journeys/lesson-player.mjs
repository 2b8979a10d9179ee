// Plays a lesson on the page as its scripted solution says, by what a learner sees and presses. It
// reads the lesson's own files, so that a new lesson needs no journey of its own.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { atStep, button, eventually, isAtStep, journey, observe, tabTo, virtualTime } from './fixtures.mjs';

const LESSONS = new URL('../../lessons/', import.meta.url);

/** Played on a phone's size, and by nothing but keys. */
const ON_A_PHONE = [2, 4, 12];
const BY_KEYS = [5, 18, 22];
/** Seconds for a step; a queue of a hundred thousand takes its time. */
const PATIENCE = 120;

/** Journeys through the lessons of a chapter, which are counted from 1, or through some of them. */
export function chapter(number, { first = 0, last = Infinity } = {}) {
  const { chapters } = JSON.parse(readFileSync(new URL('curriculum.json', LESSONS), 'utf8'));
  for (const entry of chapters[number - 1].lessons.filter((one) => one.number >= first && one.number <= last)) {
    const [phone, keys] = [ON_A_PHONE, BY_KEYS].map((some) => some.includes(entry.number));
    const how = (phone ? ' on a phone' : '') + (keys ? ' by keys alone' : '');
    const options = { route: `#/lesson/${entry.slug}`, ...(phone ? { width: 390, height: 844 } : {}) };
    journey(`lesson ${entry.number}, ${entry.slug}, is played${how}`, options, async (page) => {
      await openLesson(page);
      await page.getByRole('group', { name: 'Predict first' }).getByRole('radio').first().click();
      await play(page, read(entry), { keys });
    });
  }
}

/** A lesson as its author wrote it: document, and the first line under each heading of the text. */
function read({ number, slug }) {
  const folder = `${String(number).padStart(2, '0')}-${slug}`;
  const file = (name) => readFileSync(new URL(`${folder}/${name}`, LESSONS), 'utf8');
  return { ...JSON.parse(file('lesson.json')), words: firstLines(file('en.md')) };
}

/** `Quiz > faster > email` to the words that stand there first, without their marks. */
function firstLines(markdown) {
  const words = new Map();
  const open = [];
  for (const line of markdown.split('\n')) {
    const heading = /^(#+) (.*)$/.exec(line);
    if (heading) {
      open.length = heading[1].length - 1;
      open.push(heading[2].trim());
    } else if (line.trim() && !words.has(path(open))) {
      words.set(path(open), unmarked(line.trim()));
    }
  }
  return words;
}

const path = (headings) => headings.slice(1).join(' > ');
const unmarked = (text) =>
  text.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').replace(/`([^`]*)`|\*/g, (_, code) => code ?? '');

/** From the list of steps to the answered quiz. `keys` presses nothing but keys. */
async function play(page, lesson, { keys = false } = {}) {
  const press = async (locator) => {
    if (!keys) return locator.click();
    await focus(page, locator);
    return page.keyboard.press('Enter');
  };
  const steps = lesson.steps.length;
  for (const [index, step] of lesson.steps.entries()) {
    await atStep(page, index + 1, steps);
    const began = await virtualTime(page);
    for (const [at, commands] of byMoment(step.solution ?? [])) {
      if (at > 0) await runUntil(page, began + at);
      // What comes after the step is done would disturb the next one.
      if (!(await isAtStep(page, index + 1, steps))) break;
      await give(page, lesson, step, commands, press);
    }
    if (await isAtStep(page, index + 1, steps)) await command(page, 'Run until the step is done');
    await atStep(page, index + 2 > steps ? null : index + 2, steps, PATIENCE);
  }
  await openLesson(page);
  await press(button(page, 'To the quiz'));
  for (const [index, question] of lesson.quiz.entries()) {
    const words = lesson.words.get(`Quiz > ${question.id} > ${question.right}`);
    const radio = page.getByRole('group', { name: `Question ${index + 1}` }).getByRole('radio', { name: words, exact: true });
    if (keys) await radio.focus();
    await (keys ? page.keyboard.press('Space') : radio.click());
  }
  await page.getByText('3 of 3 right at the first try.').waitFor();
}

/** On a phone the lesson is a sheet, which is covered by whatever else opens. */
async function openLesson(page) {
  const open = button(page, 'Open the lesson');
  if (await open.isVisible()) await open.click();
}

/** Moves that are made at one moment belong together. */
function byMoment(moves) {
  const moments = new Map();
  for (const { at_ms: at, command: given } of moves) moments.set(at, [...(moments.get(at) ?? []), given]);
  return moments;
}

/** By Tab where it is not far, else where a link or a heading would lead. */
async function focus(page, locator) {
  await locator.first().focus();
  await tabTo(page, locator, { most: 1 });
}

/** Opens the command palette, types, and takes what is offered first. */
async function command(page, words, { unlessSo = false } = {}) {
  await page.keyboard.press('Control+k');
  const field = page.getByRole('combobox', { name: 'Command' });
  await field.fill(words);
  const offered = page.getByRole('listbox', { name: 'Commands' }).getByRole('option');
  const none = page.getByText('No command has these words.');
  const isThere = async () => (await offered.allTextContents())[0]?.startsWith(words);
  await eventually(async () => (await isThere()) || (unlessSo && (await none.isVisible())), `the command '${words}'`, 5);
  await field.press((await isThere()) ? 'Enter' : 'Escape');
  await field.waitFor({ state: 'detached' });
}

/** What runs cannot be restarted: whether a draw has stopped it is not known before. */
const restart = (page, what) => command(page, `Restart ${what}`, { unlessSo: true });

async function runUntil(page, ms) {
  if ((await virtualTime(page)) >= ms) return;
  await page.keyboard.press('Control+k');
  const field = page.getByRole('combobox', { name: 'Command' });
  await field.fill(`until /now_ms >= ${ms}`);
  await field.press('Enter');
  await button(page, 'Play').waitFor();
  await eventually(async () => (await virtualTime(page)) >= ms, `${ms} ms of virtual time`);
  await button(page, 'Play').waitFor();
}

/** Gives commands that belong to one moment: by the step's choices, else one by one. */
async function give(page, lesson, step, commands, press) {
  let left = commands;
  while (left.length > 0) {
    const choice = largestOf(step.choices ?? [], left);
    if (choice) {
      await openLesson(page);
      const words = lesson.words.get(`Steps > ${step.id} > Choice ${choice.id}`);
      await press(page.getByRole('group', { name: 'Choices' }).getByRole('button', { name: words, exact: true }));
    } else {
      const [kind, about] = Object.entries(left[0])[0];
      assert.ok(HANDS[kind], `lesson ${lesson.slug}, step ${step.id}: no control gives ${JSON.stringify(left[0])}`);
      await HANDS[kind](page, about, await titles(page));
    }
    left = left.slice(choice ? choice.commands.length : 1);
  }
}

/** The choice that gives most of the commands that come next. */
function largestOf(choices, next) {
  const fits = choices.filter(({ commands }) => isDeepStrictEqual(commands, next.slice(0, commands.length)));
  return fits.sort((a, b) => b.commands.length - a.commands.length)[0];
}

/** Services by their ids, as their cards are called. */
async function titles(page) {
  const scenario = await page.evaluate(() => window.ackademy.scenario());
  return Object.fromEntries(scenario.services.map(({ id, title }) => [id, title]));
}

/** Selects a service and gives its panel. */
async function look(page, title) {
  await command(page, `Look at ${title}`);
  return page.getByRole('complementary', { name: `Inspector: ${title}` });
}

async function slide(page, title, name, value) {
  const slider = (await look(page, title)).getByRole('slider', { name });
  await slider.fill(String(value));
}

const POINTS = {
  after_receive: 'after receive',
  after_work: 'after work',
  after_write: 'after write',
  after_publish: 'after publish',
  before_ack: 'before ack',
};
const ACKS = { after: 'after work', before: 'before', auto: 'no_ack' };

/** Each command by the hand that gives it. */
const HANDS = {
  kill: (page, { service, instance }, title) =>
    command(page, instance ? `Kill one instance of ${title[service]}` : `Kill ${title[service]}`),
  restart: (page, { service }, title) => restart(page, title[service]),
  slow: (page, { service, percent }, title) =>
    command(page, percent === 100 ? `Bring ${title[service]} back to pace` : `Slow ${title[service]} ×10`),
  pause: (page, { service }, title) => command(page, `Pause ${title[service]}, as a garbage collection`),
  resume: (page, { service }, title) => command(page, `Resume ${title[service]}`),
  crash_at: (page, { service, point }, title) => command(page, `Crash ${title[service]} ${POINTS[point]}`),
  poison: (page, { service }, title) => command(page, `Poison next for ${title[service]}`),
  malformed: (page, { service }, title) => command(page, `Malform the next message for ${title[service]}`),
  lose_reply: (page, { of }, title) => command(page, `Lose the next reply of ${title[of]}`),
  cut: (page, { from, to }, title) => command(page, `Cut ${title[from]} from ${to}`),
  heal: (page, { from, to }, title) => command(page, `Heal the link of ${title[from]} to ${to}`),
  rebuild: (page, { service }, title) => command(page, `Rebuild the projection of ${title[service]}`),
  reset_offsets: (page, { group, to }) => command(page, `Reset offsets of ${group} to the ${to} record`),
  kill_broker: (page, { broker }) => command(page, `Kill broker ${broker}`),
  restart_broker: (page, { broker }) => restart(page, `broker ${broker}`),
  kill_node: (page, { node }) => powerOfNode(page, 'Kill', node),
  restart_node: (page, { node }) => powerOfNode(page, 'Restart', node),
  disk_full: (page, { of }) => command(page, `Fill the disk of ${disk(of)}`),
  disk_free: (page, { of }) => command(page, `Free the disk of ${disk(of)}`),
  elect_unclean: (page, { topic }) => command(page, `Elect unclean leaders: ${topic}`),
  expire_records: (page, { topic }) => command(page, `Expire all records: ${topic}`),
  replay: (page, { queue, repair }) => command(page, `${repair ? 'Repair and replay all' : 'Replay all as they are'}: ${queue}`),
  arrival_rate: async (page, { per_minute: rate }) => {
    await openLesson(page);
    await page.getByRole('slider', { name: 'Orders arriving' }).fill(String(rate));
  },
  fail_rate: (page, { service, per_mille: rate }, title) => slide(page, title[service], 'Failure rate', rate),
  set_work: (page, { service, work }, title) => slide(page, title[service], /^Time per/, work.fixed_ms),
  call: async (page, { service, callee }, title) => {
    await (await look(page, title[service])).getByRole('switch', { name: `${title[service]} calls ${callee}` }).click();
  },
  ack: async (page, { service, mode }, title) => {
    await (await look(page, title[service])).getByRole('button', { name: ACKS[mode], exact: true }).click();
  },
  prefetch: async (page, { service, count }, title) => {
    const group = (await look(page, title[service])).getByRole('group', { name: 'Prefetch' });
    await group.getByRole('button', { name: String(count), exact: true }).click();
  },
  instances: async (page, { service, count }, title) => {
    const panel = await look(page, title[service]);
    const now = async () => (await observe(page)).services[service].instances;
    for (let presses = 0; (await now()) !== count && presses < 64; presses += 1) {
      const before = await now();
      const more = before < count ? 'more' : 'less';
      await panel.getByRole('button', { name: `One instance of ${title[service]} ${more}` }).click();
      await eventually(async () => (await now()) !== before, 'another number of instances', 5);
    }
  },
};

const disk = (of) => (of === 'rabbitmq' ? 'RabbitMQ' : of.replace('kafka/', 'broker '));

async function powerOfNode(page, what, node) {
  const { nodes } = (await observe(page)).rabbitmq;
  await command(page, nodes > 1 ? `${what} RabbitMQ node ${node}` : `${what} RabbitMQ`);
}
