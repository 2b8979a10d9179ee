// A static server for the built page, with the headers a real host should send. No dependencies.
//
//   node scripts/server.mjs DIR        serves DIR on http://127.0.0.1:${PORT or 8080}/
//   node scripts/server.mjs --check    only says whether that port can be had

import { createServer } from 'node:http';
import { readFile, stat } from 'node:fs/promises';
import { extname, join, resolve, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

const HOST = '127.0.0.1';

const TYPES = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.wasm': 'application/wasm',
  '.woff2': 'font/woff2',
  '.lzma': 'application/x-lzma',
};
/** Already compressed; a second pass would cost time and win nothing. */
const PACKED = new Set(['.png', '.woff2', '.lzma']);

/** The content policy is in the page itself (index.html), so that it holds on any host. */
const HEADERS = {
  'Cache-Control': 'no-store',
  'Content-Security-Policy': "frame-ancestors 'none'",
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Permissions-Policy': 'camera=(), geolocation=(), microphone=()',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
};

/** Serves `root` on `port` (0: any free one) and resolves to the listening server. */
export function startServer(root, port = 0) {
  const files = fileReader(resolve(root));
  const server = createServer((request, response) => {
    answer(files, request).then(
      ({ status, headers, body }) => {
        response.writeHead(status, { ...HEADERS, ...headers, 'Content-Length': body.length });
        response.end(request.method === 'HEAD' ? undefined : body);
      },
      (error) => {
        console.error(error);
        response.writeHead(500).end();
      },
    );
  });
  return new Promise((done, failed) => {
    server.once('error', failed);
    server.listen(port, HOST, () => done(server));
  });
}

async function answer(files, request) {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return plain(405, 'Only GET and HEAD are served here.', { Allow: 'GET, HEAD' });
  }
  const zipped = /\bgzip\b/.test(request.headers['accept-encoding'] ?? '');
  const file = await files(request.url, zipped);
  if (!file) return plain(404, 'There is no such file.');
  return { status: 200, ...file };
}

function plain(status, text, headers = {}) {
  const body = Buffer.from(`${text}\n`);
  return { status, headers: { 'Content-Type': TYPES['.txt'], ...headers }, body };
}

/** Reads files below `root`, and keeps what it compressed until the file changes. */
function fileReader(root) {
  const pack = promisify(gzip);
  const packed = new Map();
  return async (url, zipped) => {
    const path = pathBelow(root, url);
    const info = path && (await stat(path).catch(() => null));
    if (!info?.isFile()) return null;
    const type = extname(path).toLowerCase();
    const headers = { 'Content-Type': TYPES[type] ?? 'application/octet-stream', Vary: 'Accept-Encoding' };
    if (!zipped || PACKED.has(type)) return { headers, body: await readFile(path) };
    const key = `${path} ${info.mtimeMs} ${info.size}`;
    if (!packed.has(key)) packed.set(key, await pack(await readFile(path)));
    return { headers: { ...headers, 'Content-Encoding': 'gzip' }, body: packed.get(key) };
  };
}

/** The file that a request's address names, or null if it lies outside of `root`. */
function pathBelow(root, url) {
  let name;
  try {
    name = decodeURIComponent(url.split(/[?#]/, 1)[0]);
  } catch {
    return null;
  }
  if (name.includes('\0')) return null;
  const path = join(root, name.endsWith('/') ? `${name}index.html` : name);
  return path.startsWith(root + sep) ? path : null;
}

// --- The command ------------------------------------------------------------------------------

function wantedPort() {
  const text = process.env.PORT || '8080';
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (port < 1 || port > 65535) fail(`PORT is "${text}"; it must be a number from 1 to 65535.`);
  return port;
}

function fail(message) {
  console.error(message);
  process.exit(1);
}

async function listen(root, port) {
  try {
    return await startServer(root, port);
  } catch (error) {
    if (error.code === 'EADDRINUSE') {
      fail(`Port ${port} is taken. Stop the program that has it, or choose another: PORT=${port + 1} scripts/serve`);
    }
    if (error.code === 'EACCES') {
      fail(`Port ${port} is not open to you. Choose one from 1024 up: PORT=8080 scripts/serve`);
    }
    throw error;
  }
}

async function main(root) {
  const port = wantedPort();
  const server = await listen(root === '--check' ? '.' : root, port);
  if (root === '--check') return server.close();
  const stop = () => {
    server.close(() => process.exit(0));
    server.closeAllConnections();
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  console.log(`Ackademy is at http://${HOST}:${port}/ (Ctrl-C stops it)`);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  if (process.argv.length !== 3) fail('Usage: node scripts/server.mjs DIR | --check');
  await main(process.argv[2]);
}
