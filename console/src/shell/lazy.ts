/** Pages that are loaded when they are first shown. */
import { type ComponentType, lazy } from 'react';

const reloadedKey = 'annals.reloaded';
/** After a reload for this reason, the next for the same reason is an error that is shown. */
const reloadPauseMs = 60_000;

/** The page is the module's export `Page`. */
export function lazyPage(load: () => Promise<{ readonly Page: ComponentType }>) {
  return lazy(async () => {
    try {
      return { default: (await load()).Page };
    } catch (error) {
      // The server has been updated and has this file no more: its new index.html names the new one.
      if (mayReload()) location.reload();
      throw error;
    }
  });
}

function mayReload(): boolean {
  try {
    const last = Number(sessionStorage.getItem(reloadedKey) ?? 0);
    sessionStorage.setItem(reloadedKey, String(Date.now()));
    return Date.now() - last > reloadPauseMs;
  } catch {
    return false; // without a memory it might go on for ever
  }
}
