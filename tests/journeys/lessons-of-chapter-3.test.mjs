import { chapter } from './lesson-player.mjs';

chapter(3, { last: 14 });
