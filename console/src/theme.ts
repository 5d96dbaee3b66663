/** Light, dark, or as the system has it. `public/theme.js` sets the choice before the first paint. */
export const themes = ['system', 'light', 'dark'] as const;
export type Theme = (typeof themes)[number];

const storageKey = 'annals.theme';

export function currentTheme(): Theme {
  const chosen = document.documentElement.dataset.theme;
  return chosen === 'light' || chosen === 'dark' ? chosen : 'system';
}

/** Sets it for this browser. Where nothing may be stored it holds until the page is left. */
export function chooseTheme(theme: Theme): void {
  if (theme === 'system') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  try {
    if (theme === 'system') localStorage.removeItem(storageKey);
    else localStorage.setItem(storageKey, theme);
  } catch {
    // Without storage the choice is this page's only.
  }
  window.dispatchEvent(new Event(themeEvent));
}

/** Told on the window when the theme was chosen anew: a canvas has to be painted again. */
export const themeEvent = 'annals:theme';
