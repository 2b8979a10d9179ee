import { chapter } from './lesson-player.mjs';

chapter(3, { first: 15 });
