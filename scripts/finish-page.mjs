// Trunk runs this after each build. It makes the page small: scripts and styles lose their
// spaces, and the wasm file is sorted into streams of like bytes and packed with LZMA, which takes a
// third less than a server's gzip; the boot script unpacks it. Then it writes the packed size into
// the page, so that the loading bar is true. The lessons, which the build script has packed into one
// text, go beside it the same way.

import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { SETTINGS, unpack } from './lzma.mjs';
import { shortenImports } from './wasm-imports.mjs';
import { join as joinStreams, split } from './wasm-streams.mjs';

const dir = process.env.TRUNK_STAGING_DIR;
const page = join(dir, 'index.html');
const html = readFileSync(page, 'utf8');
const wasm = html.match(/data-wasm="([^"]+)"/)?.[1];
if (!wasm || !html.includes('data-bytes="0"')) {
  throw new Error('index.html has no boot script with data-wasm and data-bytes="0" (see Trunk.toml).');
}

/** Packs bytes, and looks whether they come back. A copy as long as `nice` is not looked for any better. */
function pack(bytes, nice) {
  const packed = execFileSync('xz', ['--stdout', '--format=lzma', `--lzma1=${SETTINGS},nice=${nice}`], { input: bytes, maxBuffer: bytes.length });
  // xz leaves the length open in the header; `unpack` wants to know it.
  packed.writeBigUInt64LE(BigInt(bytes.length), 5);
  if (!bytes.equals(unpack(packed))) throw new Error('What was packed does not come back (scripts/lzma.mjs).');
  return packed;
}

/** What the build script wrote last for the page. */
function newestLessons() {
  const target = process.env.CARGO_TARGET_DIR ?? join(import.meta.dirname, '..', 'target');
  const builds = join(target, 'wasm32-unknown-unknown', 'page', 'build');
  const written = readdirSync(builds)
    .map((name) => join(builds, name, 'out', 'lessons.pack'))
    .filter((file) => existsSync(file))
    .sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs);
  if (written.length === 0) throw new Error(`No lessons were packed below ${builds} (build.rs).`);
  return written[0];
}

const packedName = wasm.replace('.wasm', '.streams.lzma');
const script = join(dir, wasm.replace('_bg.wasm', '.js'));
const { module, script: shortened } = shortenImports(readFileSync(join(dir, wasm)), readFileSync(script, 'utf8'));
writeFileSync(script, shortened);
const streams = split(module);
if (!Buffer.concat(joinStreams(streams)).equals(module)) {
  throw new Error(`${wasm} does not come back from its streams (scripts/wasm-streams.mjs).`);
}
rmSync(join(dir, wasm));
// Code repeats itself in short pieces, words in long ones: measured.
const packed = pack(streams, 64);
writeFileSync(join(dir, packedName), packed);
writeFileSync(join(dir, 'lessons.lzma'), pack(readFileSync(newestLessons()), 200));

const inStatic = (name) => join(dir, 'static', name);
/** What the page does not name is a part of what it names. */
const isNamed = (name) => html.includes(`static/${name}`);
const scripts = readdirSync(inStatic('')).filter((name) => name.endsWith('.js') && isNamed(name)).map(inStatic);
await build({
  entryPoints: [...scripts, script, inStatic('page.css')],
  bundle: true,
  minify: true,
  format: 'esm',
  target: 'es2022',
  legalComments: 'inline',
  // Fonts are named relative to the style sheets, and the boot script finds the rest itself.
  external: ['*.woff2'],
  alias: {
    lzma: join(import.meta.dirname, 'lzma.mjs'),
    'wasm-streams': join(import.meta.dirname, 'wasm-streams.mjs'),
  },
  outdir: dir,
  outbase: dir,
  allowOverwrite: true,
  logLevel: 'warning',
});
for (const name of readdirSync(inStatic(''))) {
  if (/\.(css|js)$/.test(name) && !isNamed(name)) rmSync(inStatic(name));
}
/** Comments and the spaces between elements are for those who write the page. */
const shortHtml = html.replace(/<!--[\s\S]*?-->/g, '').replace(/>\s+</g, '><');
writeFileSync(
  page,
  shortHtml.replace(`data-wasm="${wasm}"`, `data-wasm="${packedName}"`).replace('data-bytes="0"', `data-bytes="${packed.length}"`),
);
