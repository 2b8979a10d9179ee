import { journey } from './fixtures.mjs';
import { folders, play, read } from './lesson-player.mjs';

/** On a phone's size, and by nothing but keys. */
const ON_A_PHONE = ['02', '04', '12'];
const BY_KEYS = ['05', '18', '22'];

for (const folder of folders) {
  const lesson = read(folder);
  const number = folder.slice(0, 2);
  const phone = ON_A_PHONE.includes(number);
  const keys = BY_KEYS.includes(number);
  const how = (phone ? ' on a phone' : '') + (keys ? ' by keys alone' : '');
  const size = phone ? { width: 390, height: 844 } : {};
  journey(`lesson ${number}, ${lesson.slug}, is played${how}`, { route: `#/lesson/${lesson.slug}`, ...size }, async (page) => {
    if (phone) await page.getByRole('button', { name: 'Open the lesson' }).click();
    await page.getByRole('group', { name: 'Predict first' }).getByRole('radio').first().click();
    await play(page, lesson, { keys });
  });
}
