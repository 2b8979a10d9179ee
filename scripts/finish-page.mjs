// Trunk runs this after each build. It makes the page small: scripts and styles lose their
// spaces, and the wasm file is packed with xz, which takes a quarter less than a server's gzip;
// the boot script unpacks it. Then it writes the packed size into the page, so that the loading
// bar is true.

import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';

const dir = process.env.TRUNK_STAGING_DIR;
const page = join(dir, 'index.html');
const html = readFileSync(page, 'utf8');
const wasm = html.match(/data-wasm="([^"]+)"/)?.[1];
if (!wasm || !html.includes('data-bytes="0"')) {
  throw new Error('index.html has no boot script with data-wasm and data-bytes="0" (see Trunk.toml).');
}

// xz-embedded, which unpacks it, knows the check crc32.
const module = join(dir, wasm);
execFileSync('xz', ['--check=crc32', '--lzma2=preset=9e,lc=4,pb=0', module]);

const inStatic = (name) => join(dir, 'static', name);
const files = readdirSync(inStatic('')).filter((name) => /\.(js|css)$/.test(name)).map(inStatic);
await build({
  entryPoints: [...files, join(dir, 'ackademy.js')],
  bundle: true,
  minify: true,
  format: 'esm',
  target: 'es2022',
  legalComments: 'inline',
  // Fonts are named relative to the style sheets, and the boot script finds the rest itself.
  external: ['*.woff2'],
  nodePaths: [join(import.meta.dirname, '../node_modules')],
  outdir: dir,
  outbase: dir,
  allowOverwrite: true,
  logLevel: 'warning',
});
const bytes = statSync(`${module}.xz`).size;
const packed = html.replace(`data-wasm="${wasm}"`, `data-wasm="${wasm}.xz"`);
writeFileSync(page, packed.replace('data-bytes="0"', `data-bytes="${bytes}"`));
