// Sets the theme before the first paint: the visitor's last choice, else the system's.
// The page keeps the choice under the same key.
(() => {
  let theme = null;
  try {
    theme = localStorage.getItem('ackademy.theme');
  } catch {
    // Storage is blocked: the system's theme it is.
  }
  if (theme !== 'dark' && theme !== 'light') {
    theme = matchMedia('(prefers-color-scheme: light)').matches ? 'light' : 'dark';
  }
  document.documentElement.dataset.theme = theme;
})();
