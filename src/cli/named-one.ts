import { Failure } from '../audit/failure.ts';

/** The one of that id or name; the case of a name does not matter. Throws INVALID_DATA, naming what there is. */
export function namedOne<Item extends { readonly id: string; readonly name: string }>(
  kind: string,
  items: readonly Item[],
  wanted: string,
): Item {
  const lower = wanted.toLowerCase();
  const found =
    items.find((item) => item.id === wanted) ??
    items.find((item) => item.name === wanted) ??
    items.find((item) => item.name.toLowerCase() === lower);
  if (found !== undefined) return found;
  const names = items.map((item) => item.name).join(', ');
  throw new Failure('INVALID_DATA', `there is no ${kind} "${wanted}"; there is ${names}`);
}
