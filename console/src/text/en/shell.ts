/** What every page shares, and the log-in. */

export const ui = {
  close: 'Close',
  cancel: 'Cancel',
  save: 'Save',
  retry: 'Try again',
  copy: 'Copy',
  copied: 'Copied',
  loading: 'Loading',
  dismiss: 'Dismiss',
  show: 'Show',
  hide: 'Hide',
  required: 'Please fill this in.',
  /** Behind a time in the viewer's zone, on hover: the same moment in the organisation's zone. */
  timeInZone: (time: string, zone: string) => `${time} ${zone}`,
} as const;

export const shell = {
  product: 'Annals',
  skip: 'Skip to the content',
  navigation: 'Main',
  log: 'Log',
  exports: 'Exports',
  administration: 'Administration',
  administrationShort: 'Admin',
  account: 'Account',
  accountMenu: (name: string) => `Account menu of ${name}`,
  docs: 'API reference',
  logOut: 'Log out',
  theme: 'Theme',
  themes: { system: 'As the system', light: 'Light', dark: 'Dark' },
  notFoundTitle: 'There is no such page',
  notFoundText: 'The address may be mistyped, or the page has moved.',
  toLog: 'Go to the log',
  noAuditLogTitle: 'Your profile has no access to the audit log',
  noAuditLogText: 'An administrator of your organisation can give you a profile that may use it.',
  notAdministratorTitle: 'Only administrators may see this page',
  notAdministratorText: 'Ask an administrator of your organisation.',
  crashTitle: 'Something went wrong on this page',
  crashText:
    'Nothing is lost: the log is as it was. Load the page again; if it happens once more, tell who runs this server.',
  reload: 'Load the page again',
} as const;

/** What to tell a person, by the API's code; what stands not here is told in the server's own words. */
const byCode: Readonly<Record<string, string>> = {
  AUTHENTICATION_FAILURE: 'You are not logged in any more.',
  INVALID_CREDENTIALS: 'E-mail or password is wrong.',
  PASSWORD_CHANGE_REQUIRED: 'Choose a password of your own first.',
  NO_PERMISSION: 'Your profile may not do this. An administrator can change that.',
  OAUTH_SCOPE_MISMATCH: 'Your profile may not do this. An administrator can change that.',
  INVALID_URL_PATTERN: 'It is not there (any more), or not for you to see.',
  SERVICE_UNAVAILABLE: 'The server is busy just now. Try again in a moment.',
};

export const errors = {
  byCode,
  title: 'That did not work',
  network: 'The server cannot be reached. Check your connection, then try again.',
  timeout: 'The server took too long to answer. Try again.',
  server: 'The server could not do this. It has noted why; try again, or tell who runs it.',
  refused: (status: number) => `The server refused this (status ${status}).`,
  tooMany: (seconds: number | null) =>
    seconds === null
      ? 'Too many attempts. Wait a moment, then try again.'
      : `Too many attempts. Try again in ${waitOf(seconds)}.`,
} as const;

function waitOf(seconds: number): string {
  if (seconds < 90) return seconds === 1 ? '1 second' : `${seconds} seconds`;
  return `${Math.ceil(seconds / 60)} minutes`;
}

export const logIn = {
  title: 'Log in',
  email: 'E-mail',
  password: 'Password',
  submit: 'Log in',
  busy: 'Logging in …',
  forgotten: 'Forgotten the password? An administrator of your organisation can give you a new one.',
  forDownload: 'Log in, and your download starts.',
  chooseTitle: 'Choose a password',
  chooseText: 'You logged in with a one-time password. From now on, use one that only you know.',
  current: 'One-time password',
  next: 'New password',
  nextHint: '12 characters or more. Several words are easy to remember and hard to guess.',
  repeat: 'New password, once more',
  repeatWrong: 'The two are not the same.',
  tooShort: 'Use 12 characters or more.',
  chooseSubmit: 'Set the password',
  chooseBusy: 'Setting it …',
  chosen: 'Your password is set.',
} as const;
