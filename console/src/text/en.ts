/** All text of the console, in one place: another language is another file of this shape. */
import { account } from './en/account.ts';
import { admin } from './en/admin.ts';
import { consent } from './en/consent.ts';
import { docs } from './en/docs.ts';
import { exports } from './en/exports.ts';
import { log } from './en/log.ts';
import { errors, logIn, shell, ui } from './en/shell.ts';

export const text = { ui, shell, errors, logIn, log, exports, admin, account, consent, docs } as const;
