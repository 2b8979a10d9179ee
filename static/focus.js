// Where the keyboard is. When what has the focus goes away, is switched off or is hidden, the nearest
// part around it that is still there takes the focus, or else the heading of the page. The skip link
// works here too, so do arrows among tabs, and the page is called as its heading says.

/** What has the focus, and the parts around it up to the page. */
let around = [];
let due = false;

const isThere = (part) => part.isConnected && !part.disabled && part.checkVisibility({ visibilityProperty: true });
const all = (selector) => [...document.querySelectorAll(selector)];

function focusOn(part) {
  if (part.tabIndex < 0) part.tabIndex = -1;
  part.focus({ preventScroll: true });
}

function look() {
  due = false;
  const words = document.querySelector('#app > :not(.boot) h1')?.textContent;
  const title = words ? `${words} – Ackademy` : 'Ackademy';
  if (document.title !== title) document.title = title;
  if (document.activeElement !== document.body || around.length === 0) return;
  // Whoever presses beside everything wants the focus nowhere.
  if (isThere(around[0])) around = [];
  else {
    const part = [...around, ...all('h1'), ...all('#stage')].find(isThere);
    // A menu is left for the button that opens it.
    if (part) focusOn(part.querySelector('[aria-haspopup]') ?? part);
  }
}

addEventListener('focusin', ({ target }) => {
  around = [];
  for (let part = target; part && !part.matches('#app > *, #app, body'); part = part.parentElement) {
    around.push(part);
  }
});

addEventListener('click', (event) => {
  if (!event.target.closest('a.skip')) return;
  // The address says where one is, not where on the page.
  event.preventDefault();
  all('#stage').forEach(focusOn);
});

// Arrows go from tab to tab.
addEventListener('keydown', ({ key, target }) => {
  const step = { ArrowLeft: -1, ArrowRight: 1 }[key];
  if (!step || target.role !== 'tab') return;
  const tabs = [...target.parentElement.children];
  const next = tabs.at((tabs.indexOf(target) + step) % tabs.length);
  next.focus();
  next.click();
});

// A frame later the browser has taken the focus from what is gone or hidden.
new MutationObserver(() => {
  if (due) return;
  due = true;
  requestAnimationFrame(() => setTimeout(look));
}).observe(document.body, { subtree: true, childList: true, attributes: true });
