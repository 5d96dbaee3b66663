/** Words that are looked for in the names of records. */

/** Texts that differ in case only, or in how their accents are written, are the same when folded. */
export function foldText(text: string): string {
  return text.normalize('NFC').toLowerCase();
}

/** The words of what somebody types, folded, each once. */
export function foldedWords(text: string): string[] {
  return [...new Set(foldText(text).split(/\s+/u))].filter((word) => word !== '');
}
