// Trunk runs this after each build. It writes the size of the wasm file into the page, because
// a compressing server does not tell it, and the loading bar should be true.

import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const dir = process.env.TRUNK_STAGING_DIR;
const page = join(dir, 'index.html');
const html = readFileSync(page, 'utf8');
const wasm = html.match(/data-wasm="([^"]+)"/)?.[1];
if (!wasm || !html.includes('data-bytes="0"')) {
  throw new Error('index.html has no boot script with data-wasm and data-bytes="0" (see Trunk.toml).');
}
const bytes = statSync(join(dir, wasm)).size;
writeFileSync(page, html.replace('data-bytes="0"', `data-bytes="${bytes}"`));
