// Starts the page: loads the wasm module, shows how far it is, and says so when it cannot.
//
// The script's own tag says what to load: data-js (wasm-bindgen's module), data-wasm, and
// data-bytes, the size of the wasm file, which lies there as packed streams (see
// scripts/finish-page.mjs), and data-lessons, which come when the shop runs. The Rust side mounts
// into #app, which removes the loading screen there. A failed start replaces the content of #app; a
// crash later on shows a bar above the page, which is then frozen.

import { unpack } from 'lzma';
import { join } from 'wasm-streams';
import './focus.js';

const { js, wasm, bytes, lessons } = document.getElementById('boot-script').dataset;
const KEPT = 'Your progress is kept in this browser.';
let started = false;

/** Hands a stream on while counting its bytes into the loading bar. */
function counted(stream, total) {
  const kilobytes = (n) => Math.round(n / 1000);
  const bar = document.getElementById('boot-bar');
  const note = document.getElementById('boot-note');
  let loaded = 0;
  const counter = new TransformStream({
    transform(chunk, controller) {
      loaded += chunk.length;
      if (total) {
        bar.max = total;
        bar.value = loaded;
        note.textContent = `Loading the engines, ${kilobytes(loaded)} of ${kilobytes(total)} KB`;
      }
      controller.enqueue(chunk);
    },
  });
  return stream.pipeThrough(counter);
}

async function load(name) {
  const response = await fetch(new URL(name, document.baseURI));
  if (!response.ok) throw new Error(`${name}: ${response.status} ${response.statusText}`);
  return response;
}

async function fetchWasm() {
  const response = await load(wasm);
  const packed = await new Response(counted(response.body, Number(bytes))).arrayBuffer();
  return new Blob(join(unpack(new Uint8Array(packed)))).arrayBuffer();
}

async function startEngines() {
  const [engines, module] = await Promise.all([fetchWasm(), import(new URL(js, document.baseURI))]);
  await module.default({ module_or_path: engines });
}

/** The lessons' texts. They are asked for when the shop runs, so that it comes first. */
async function fetchLessons(running) {
  try {
    await running;
    const packed = await (await load(lessons)).arrayBuffer();
    return new TextDecoder().decode(unpack(new Uint8Array(packed)));
  } catch (error) {
    throw error.message;
  }
}

function element(tag, text, className = '') {
  const made = document.createElement(tag);
  made.textContent = text;
  made.className = className;
  return made;
}

function reloadButton() {
  const button = element('button', 'Reload', 'boot-button');
  button.addEventListener('click', () => location.reload());
  return button;
}

function failedToStart(title, advice, detail) {
  const screen = element('main', '', 'boot boot-failed');
  const notice = element('div', '', 'boot-notice');
  notice.setAttribute('role', 'alert');
  notice.append(element('h1', title), element('p', advice));
  if (detail) notice.append(element('p', detail, 'boot-detail'));
  screen.append(notice, reloadButton());
  document.getElementById('app').replaceChildren(screen);
}

function crashed(error) {
  if (document.getElementById('crash')) return;
  const bar = element('div', '', 'boot-crash');
  bar.id = 'crash';
  bar.setAttribute('role', 'alert');
  bar.append(element('p', `Ackademy stopped because of a mistake of ours (${error.message}). ${KEPT}`), reloadButton());
  document.body.prepend(bar);
}

/** A trap in wasm leaves the page without its mind: say it instead of going silent. */
function watchForCrashes() {
  const look = (error) => {
    if (started && error instanceof WebAssembly.RuntimeError) crashed(error);
  };
  addEventListener('error', (event) => look(event.error));
  addEventListener('unhandledrejection', (event) => look(event.reason));
}

async function start() {
  if (typeof WebAssembly !== 'object') {
    failedToStart(
      'This browser cannot run Ackademy',
      'It has no WebAssembly, which runs the engines. Use a current Firefox, Chrome, Edge or Safari, or allow WebAssembly in the browser’s settings.',
    );
    return;
  }
  watchForCrashes();
  try {
    const running = startEngines();
    globalThis.ackademyLessons = fetchLessons(running);
    // The page hears of a failure; without a page there is nobody to tell.
    globalThis.ackademyLessons.catch(() => {});
    await running;
    started = true;
  } catch (error) {
    failedToStart('Ackademy could not be loaded', `Check the connection, then reload. ${KEPT}`, String(error));
  }
}

await start();
