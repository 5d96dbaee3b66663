/** Every route there is. */
import { addClient, listClients, revokeClient } from './admin-clients.ts';
import { addModule, changeModule, listAllModules } from './admin-modules.ts';
import { changeSettings, readSettings } from './admin-organisation.ts';
import { addRole, changeRole, listProfiles, listRoles } from './admin-roles.ts';
import { addToken, listTokens, revokeTokenOf } from './admin-tokens.ts';
import { addUser, changeUser, listManagedUsers, resetUserPassword } from './admin-users.ts';
import { giveConsent, listScopes, readConsent } from './consent.ts';
import { createFilteredExport, listFilteredExports, previewExport, readFilteredExport } from './console-exports.ts';
import { downloadResult } from './download.ts';
import { recordEntries } from './entries.ts';
import { readHistogram } from './entry-histogram.ts';
import { readEntries, readEntry } from './entry-views.ts';
import { streamExports } from './export-events.ts';
import { createExport, listExports, readExport } from './exports.ts';
import { listModules } from './modules.ts';
import { issueToken, revokeToken } from './oauth.ts';
import { openApiRoute } from './openapi.ts';
import { readOrganisation } from './org.ts';
import type { Route } from './route.ts';
import { changePassword, logIn, logOut, readSession } from './session.ts';
import { suggestActions, suggestPeople } from './suggestions.ts';
import { listUsers, readUser } from './users.ts';

export const routes: readonly Route[] = [
  createExport,
  listExports,
  readExport,
  downloadResult,
  previewExport,
  createFilteredExport,
  listFilteredExports,
  readFilteredExport,
  streamExports,
  listUsers,
  readUser,
  listModules,
  readOrganisation,
  issueToken,
  revokeToken,
  recordEntries,
  readEntries,
  readHistogram,
  readEntry,
  suggestPeople,
  suggestActions,
  logIn,
  readSession,
  logOut,
  changePassword,
  readConsent,
  giveConsent,
  listScopes,
  listManagedUsers,
  addUser,
  changeUser,
  resetUserPassword,
  listRoles,
  addRole,
  changeRole,
  listProfiles,
  listClients,
  addClient,
  revokeClient,
  listTokens,
  addToken,
  revokeTokenOf,
  listAllModules,
  addModule,
  changeModule,
  readSettings,
  changeSettings,
  openApiRoute(() => routes),
];
