// Sets the looks before the first paint: the theme that the visitor chose last, else the
// system's, and presenter mode. The page keeps both under the same keys. As long as nothing was
// chosen, and while the system forces its colours, the page goes on to follow the system.
(() => {
  const root = document.documentElement.dataset;
  const [light, high, forced] = ['prefers-color-scheme: light', 'prefers-contrast: more', 'forced-colors: active']
    .map((query) => matchMedia(`(${query})`));
  const kept = (name) => {
    try {
      return localStorage.getItem(`ackademy.${name}`);
    } catch {
      return null; // Storage is blocked: the system's theme it is.
    }
  };
  const follow = () => {
    const chosen = /^(dark|light)(-high)?$/.exec(kept('theme'));
    const system = (light.matches ? 'light' : 'dark') + (high.matches || forced.matches ? '-high' : '');
    root.theme = chosen && !forced.matches ? chosen[0] : system;
    dispatchEvent(new Event('theme'));
  };
  for (const query of [light, high, forced]) query.addEventListener('change', follow);
  root.presenting = kept('presenting') ?? 'off';
  root.language = kept('language') ?? 'en';
  follow();
})();
