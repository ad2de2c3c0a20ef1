// What this browser remembers between visits: preferences, and the settings of photos that are still on the server.
const PREFIX = "photochrom:";

/** @param {string} key */
export function recall(key) {
  try {
    return JSON.parse(localStorage.getItem(PREFIX + key) ?? "null");
  } catch {
    return null; // a browser that stores nothing, or a note that is none, is as good as a first visit
  }
}

/** @param {string} key @param {unknown} value null to forget */
export function remember(key, value) {
  try {
    if (value === null) localStorage.removeItem(PREFIX + key);
    else localStorage.setItem(PREFIX + key, JSON.stringify(value));
  } catch {} // private windows may refuse; nothing then outlives the page
}

/** Forget what was noted of things that are gone. @param {string} kind @param {string[]} ids that are still there */
export function forgetOthers(kind, ids) {
  const kept = new Set(ids.map((id) => `${PREFIX}${kind}:${id}`));
  try {
    for (const key of Object.keys(localStorage)) if (key.startsWith(`${PREFIX}${kind}:`) && !kept.has(key)) localStorage.removeItem(key);
  } catch {}
}

/** Forget the edits of all but the photos that were edited last. @param {number} most */
export function forgetOldEdits(most) {
  const kind = `${PREFIX}edits:`;
  try {
    const keys = Object.keys(localStorage).filter((key) => key.startsWith(kind));
    const time = (/** @type {string} */ key) => recall(key.slice(PREFIX.length))?.time ?? 0;
    for (const key of keys.sort((a, b) => time(b) - time(a)).slice(most)) localStorage.removeItem(key);
  } catch {}
}
