/** How actions are called and coloured: the three that CRMs have always alike, further ones in turn. */
import { text } from '../../text/en.ts';

/** `converted_lead` -> Converted lead */
export function actionLabel(action: string): string {
  const words = action.replace(/[_-]+/g, ' ').trim();
  return words === '' ? action : words.charAt(0).toUpperCase() + words.slice(1);
}

const fixed: Readonly<Record<string, string>> = {
  added: '--series-added',
  updated: '--series-updated',
  deleted: '--series-deleted',
};
const further = ['--series-1', '--series-2', '--series-3', '--series-4'] as const;

/** The name of a custom property. Always the same for an action: by its letters, not by the order of its appearance. */
export function actionColour(action: string): string {
  if (action === text.log.otherActions) return '--series-other';
  const own = fixed[action];
  if (own !== undefined) return own;
  let sum = 0;
  for (const letter of action) sum = (sum * 31 + (letter.codePointAt(0) ?? 0)) % 65_521;
  return further[sum % further.length] ?? '--series-other';
}
