import type { Migration } from '../migrate.ts';
import { firstTables } from './0001-first-tables.ts';
import { sessions } from './0002-sessions.ts';
import { consoleExports } from './0003-console-exports.ts';

/** The tables' whole history: a step's place in this list is its number. New steps go at the end. */
export const migrations: readonly Migration[] = [firstTables, sessions, consoleExports];
