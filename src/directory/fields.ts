/** What an administrator may enter. Messages name the field, so that a command line can print them as they are. */
import { wrongField } from '../audit/failure.ts';
import { entryLimits } from '../audit/limits.ts';
import { isTimeZone } from '../audit/time.ts';

const maxEmailLength = 254;
/** As HTML has it for `<input type=email>`: ASCII, no quoted forms, so that it is safe in headers and in CSV files. */
const emailPattern =
  /^[a-z0-9.!#$%&'*+/=?^_`{|}~-]+@[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*$/;

/** The name, trimmed. `field` is what the wire calls it. */
export function checkedName(what: string, field: string, text: string): string {
  const name = text.trim();
  if (name === '') throw wrongField(field, `${what} is empty`);
  if (Buffer.byteLength(name) > entryLimits.nameBytes) {
    throw wrongField(field, `${what} is longer than ${entryLimits.nameBytes} bytes`);
  }
  if (!name.isWellFormed() || /\p{Cc}/u.test(name)) {
    throw wrongField(field, `${what} holds a character that cannot be shown`);
  }
  return name;
}

/** The address in lower case, as it is stored and compared. */
export function checkedEmail(text: string): string {
  const email = text.trim().toLowerCase();
  if (email.length > maxEmailLength) {
    throw wrongField('email', `the e-mail address is longer than ${maxEmailLength} characters`);
  }
  if (!emailPattern.test(email)) throw wrongField('email', `"${text}" is not an e-mail address`);
  return email;
}

export function checkedTimeZone(text: string): string {
  if (!isTimeZone(text)) {
    throw wrongField('time_zone', `"${text}" is not a time zone; names look like "Europe/Berlin"`);
  }
  return text;
}

/** As the setting of the installation allows it, too. */
export const maxResultDays = 3_650;

export function checkedResultDays(days: number): number {
  if (!Number.isInteger(days) || days < 1 || days > maxResultDays) {
    throw wrongField('result_days', `results are kept for a whole number of days, from 1 to ${maxResultDays}`);
  }
  return days;
}

/** A person's name: whole, to be parted at its last blank, or as its parts. */
export type PersonName = string | { readonly first: string | null; readonly last: string };

/** The columns of a name. Throws INVALID_DATA. */
export function nameColumns(name: PersonName): { full_name: string; first_name: string | null; last_name: string } {
  if (typeof name === 'string') {
    const whole = checkedName("the user's name", 'last_name', name);
    const { firstName, lastName } = nameParts(whole);
    return { full_name: whole, first_name: firstName, last_name: lastName };
  }
  const last = checkedName("the user's last name", 'last_name', name.last);
  const first =
    name.first === null || name.first.trim() === '' ? null : checkedName('the first name', 'first_name', name.first);
  const whole = checkedName("the user's name", 'last_name', `${first ?? ''} ${last}`);
  return { full_name: whole, first_name: first, last_name: last };
}

/** `Patricia Anne Boyle` -> first name `Patricia Anne`, last name `Boyle`; a single word is a last name. */
export function nameParts(fullName: string): { firstName: string | null; lastName: string } {
  const name = fullName.trim();
  const cut = name.lastIndexOf(' ');
  if (cut < 0) return { firstName: null, lastName: name || fullName };
  return { firstName: name.slice(0, cut).trimEnd(), lastName: name.slice(cut + 1) };
}
