/** What an administrator may enter. Messages name the field, so that a command line can print them as they are. */
import { Failure } from '../audit/failure.ts';
import { entryLimits } from '../audit/limits.ts';
import { isTimeZone } from '../audit/time.ts';

const maxEmailLength = 254;
/** As HTML has it for `<input type=email>`: ASCII, no quoted forms, so that it is safe in headers and in CSV files. */
const emailPattern =
  /^[a-z0-9.!#$%&'*+/=?^_`{|}~-]+@[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*$/;

/** The name, trimmed. */
export function checkedName(what: string, text: string): string {
  const name = text.trim();
  if (name === '') throw new Failure('INVALID_DATA', `${what} is empty`);
  if (Buffer.byteLength(name) > entryLimits.nameBytes) {
    throw new Failure('INVALID_DATA', `${what} is longer than ${entryLimits.nameBytes} bytes`);
  }
  if (!name.isWellFormed() || /\p{Cc}/u.test(name)) {
    throw new Failure('INVALID_DATA', `${what} holds a character that cannot be shown`);
  }
  return name;
}

/** The address in lower case, as it is stored and compared. */
export function checkedEmail(text: string): string {
  const email = text.trim().toLowerCase();
  if (email.length > maxEmailLength) {
    throw new Failure('INVALID_DATA', `the e-mail address is longer than ${maxEmailLength} characters`);
  }
  if (!emailPattern.test(email)) throw new Failure('INVALID_DATA', `"${text}" is not an e-mail address`);
  return email;
}

export function checkedTimeZone(text: string): string {
  if (!isTimeZone(text)) {
    throw new Failure('INVALID_DATA', `"${text}" is not a time zone; names look like "Europe/Berlin"`);
  }
  return text;
}

/** As the setting of the installation allows it, too. */
export const maxResultDays = 3_650;

export function checkedResultDays(days: number): number {
  if (!Number.isInteger(days) || days < 1 || days > maxResultDays) {
    throw new Failure('INVALID_DATA', `results are kept for a whole number of days, from 1 to ${maxResultDays}`, {
      details: { api_name: 'result_days' },
    });
  }
  return days;
}

/** A person's name: whole, to be parted at its last blank, or as its parts. */
export type PersonName = string | { readonly first: string | null; readonly last: string };

/** The columns of a name. Throws INVALID_DATA. */
export function nameColumns(name: PersonName): { full_name: string; first_name: string | null; last_name: string } {
  if (typeof name === 'string') {
    const whole = checkedName("the user's name", name);
    const { firstName, lastName } = nameParts(whole);
    return { full_name: whole, first_name: firstName, last_name: lastName };
  }
  const last = checkedName("the user's last name", name.last);
  const first = name.first === null || name.first.trim() === '' ? null : checkedName('the first name', name.first);
  return { full_name: checkedName("the user's name", `${first ?? ''} ${last}`), first_name: first, last_name: last };
}

/** `Patricia Anne Boyle` -> first name `Patricia Anne`, last name `Boyle`; a single word is a last name. */
export function nameParts(fullName: string): { firstName: string | null; lastName: string } {
  const name = fullName.trim();
  const cut = name.lastIndexOf(' ');
  if (cut < 0) return { firstName: null, lastName: name || fullName };
  return { firstName: name.slice(0, cut).trimEnd(), lastName: name.slice(cut + 1) };
}
