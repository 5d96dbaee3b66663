// Before the first paint, so that nobody who chose the dark theme is shown a white page. Not inline: the policy allows none.
(() => {
  try {
    const theme = localStorage.getItem('annals.theme');
    if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
  } catch {
    // No storage, no choice: the system's theme.
  }
})();
