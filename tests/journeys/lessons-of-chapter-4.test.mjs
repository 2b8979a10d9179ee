import { chapter } from './lesson-player.mjs';

chapter(4);
