/**
 * The one place that reads settings. Everything is read once; all problems are collected into one error that names each
 * bad setting, never its value; what does not parse never turns into the default.
 */
import { accessSync, constants } from 'node:fs';
import { isIP } from 'node:net';
import { resolve } from 'node:path';

export const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

export interface Limits {
  /** The body of an export request. */
  readonly jsonBodyBytes: number;
  /** A JSON body of entries (NDJSON has no such limit: it is a stream). */
  readonly entriesBodyBytes: number;
  /** Entries in one JSON array. */
  readonly entriesPerArray: number;
  readonly ndjsonLineBytes: number;
  /** Bad lines of one NDJSON stream before it is stopped. */
  readonly rejectedLines: number;
  /** NDJSON streams that are taken at once. */
  readonly ingestStreams: number;
  /** Bytes of bodies that are read whole, of all requests together. */
  readonly bodyBytesAtOnce: number;
  /** The request target. */
  readonly urlBytes: number;
  readonly headerBytes: number;
  readonly jsonDepth: number;
  /** How long a body may pause. */
  readonly bodyIdleMs: number;
  /** How long a JSON body may take in all. */
  readonly bodyTotalMs: number;
  /** A connection on which nothing moves is closed. */
  readonly connectionIdleMs: number;
  readonly connections: number;
  readonly openJobsPerOrganisation: number;
  readonly entriesPerPage: number;
  readonly usersPerPage: number;
}

export interface Config {
  readonly dataDir: string;
  readonly host: string;
  readonly port: number;
  /** The origin that links and `api_domain` are made of; null: the address that is listened on. */
  readonly publicUrl: string | null;
  /** The origin of download links; null: as publicUrl. */
  readonly downloadUrl: string | null;
  readonly tls: { readonly certFile: string; readonly keyFile: string } | null;
  /** Addresses or CIDR ranges whose X-Forwarded-For counts, for the client address in the log and at the log-in. */
  readonly trustedProxies: readonly string[];
  /** Export jobs that run at once; 0 leaves jobs scheduled. */
  readonly workers: number;
  readonly resultDays: number;
  readonly shutdownMs: number;
  readonly logLevel: LogLevel;
  readonly limits: Limits;
}

export interface Setting {
  /** The environment variable. */
  readonly name: string;
  /** The flag of `annals serve`, where there is one. */
  readonly flag?: string;
  readonly default: string;
  readonly meaning: string;
}

const integerSettings = {
  ANNALS_PORT: { flag: '--port', min: 0, max: 65_535, default: 8080, meaning: 'The port; 0 takes a free one.' },
  ANNALS_WORKERS: { min: 0, max: 16, default: 2, meaning: 'Export jobs that run at once; 0 leaves jobs scheduled.' },
  ANNALS_RESULT_DAYS: { min: 1, max: 3650, default: 7, meaning: 'Days until a finished result is removed.' },
  ANNALS_SHUTDOWN_SECONDS: { min: 0, max: 3600, default: 10, meaning: 'Seconds that running work gets at a stop.' },
  ANNALS_MAX_JSON_BODY_BYTES: { min: 1024, max: 2 ** 26, default: 2 ** 20, meaning: 'Bytes of an export request.' },
  ANNALS_MAX_ENTRIES_BODY_BYTES: { min: 2 ** 18, max: 2 ** 28, default: 2 ** 23, meaning: 'Bytes of entries as JSON.' },
  ANNALS_MAX_ENTRIES_PER_ARRAY: { min: 1, max: 100_000, default: 10_000, meaning: 'Entries in one JSON array.' },
  ANNALS_MAX_NDJSON_LINE_BYTES: { min: 2 ** 10, max: 2 ** 24, default: 2 ** 20, meaning: 'Bytes of one NDJSON line.' },
  ANNALS_MAX_REJECTED_LINES: { min: 0, max: 100_000, default: 1000, meaning: 'Bad lines before a stream is stopped.' },
  ANNALS_MAX_INGEST_STREAMS: { min: 1, max: 10_000, default: 16, meaning: 'NDJSON streams taken at once.' },
  ANNALS_MAX_BODY_BYTES_AT_ONCE: {
    min: 2 ** 20,
    max: 2 ** 36,
    default: 2 ** 25,
    meaning: 'Bytes of all bodies read whole.',
  },
  ANNALS_MAX_URL_BYTES: { min: 1024, max: 2 ** 16, default: 8192, meaning: 'Bytes of a path with its query.' },
  ANNALS_MAX_HEADER_BYTES: { min: 4096, max: 2 ** 18, default: 16_384, meaning: 'Bytes of all headers together.' },
  ANNALS_MAX_JSON_DEPTH: { min: 8, max: 1000, default: 32, meaning: 'How deep JSON may nest.' },
  ANNALS_BODY_IDLE_SECONDS: { min: 1, max: 3600, default: 30, meaning: 'Seconds that a body may pause.' },
  ANNALS_BODY_TOTAL_SECONDS: { min: 1, max: 3600, default: 60, meaning: 'Seconds that a JSON body may take in all.' },
  ANNALS_CONNECTION_IDLE_SECONDS: { min: 5, max: 3600, default: 120, meaning: 'Seconds without a byte, either way.' },
  ANNALS_MAX_CONNECTIONS: { min: 1, max: 1_000_000, default: 10_000, meaning: 'Connections at once.' },
  ANNALS_MAX_OPEN_JOBS: { min: 1, max: 10_000, default: 50, meaning: 'Open export jobs of one organisation.' },
  ANNALS_MAX_ENTRIES_PER_PAGE: { min: 1, max: 10_000, default: 1000, meaning: 'Entries on one page.' },
  ANNALS_MAX_USERS_PER_PAGE: { min: 1, max: 10_000, default: 200, meaning: 'Users on one page.' },
} as const satisfies Record<string, { flag?: string; min: number; max: number; default: number; meaning: string }>;
type IntegerName = keyof typeof integerSettings;

const textSettings = {
  ANNALS_DATA: { flag: '--data', default: './annals-data', meaning: 'The data folder.' },
  ANNALS_HOST: { flag: '--host', default: '127.0.0.1', meaning: 'The address to listen on.' },
  ANNALS_PUBLIC_URL: { flag: '--public-url', default: '', meaning: 'Origin of links, as clients reach this server.' },
  ANNALS_DOWNLOAD_URL: { flag: '--download-url', default: '', meaning: 'Origin of download links, if another.' },
  ANNALS_TLS_CERT: { flag: '--tls-cert', default: '', meaning: 'File of the certificate chain (PEM).' },
  ANNALS_TLS_KEY: { flag: '--tls-key', default: '', meaning: 'File of the private key (PEM).' },
  ANNALS_TRUSTED_PROXIES: { default: '', meaning: 'Addresses or CIDR ranges, separated by commas.' },
  ANNALS_LOG_LEVEL: { default: 'info', meaning: `One of ${logLevels.join(', ')}.` },
} as const satisfies Record<string, { flag?: string; default: string; meaning: string }>;
type TextName = keyof typeof textSettings;

export type SettingName = IntegerName | TextName;

/** Every setting there is, for the documents and their test. */
export const settings: readonly Setting[] = [
  ...Object.entries(textSettings).map(([name, setting]) => ({ name, ...setting })),
  ...Object.entries(integerSettings).map(([name, { min, max, meaning, ...rest }]) => ({
    name,
    ...('flag' in rest ? { flag: rest.flag } : {}),
    default: String(rest.default),
    meaning: `${meaning} ${min} to ${max}.`,
  })),
];

export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** Flags win over the environment. Throws one ConfigError that names every bad setting. */
export function loadConfig(
  env: Readonly<Record<string, string | undefined>>,
  flags: Readonly<Partial<Record<SettingName, string>>> = {},
): Config {
  const problems: string[] = [];
  for (const name of Object.keys(env)) {
    if (name.startsWith('ANNALS_') && !(name in integerSettings) && !(name in textSettings)) {
      problems.push(`${name} is not a setting of Annals`);
    }
  }
  const text = (name: TextName): string => flags[name] ?? env[name] ?? textSettings[name].default;
  const integer = (name: IntegerName): number => {
    const setting: { min: number; max: number; default: number } = integerSettings[name];
    const given = flags[name] ?? env[name];
    if (given === undefined) return setting.default;
    const value = /^[0-9]{1,11}$/.test(given) ? Number(given) : Number.NaN;
    if (value >= setting.min && value <= setting.max) return value;
    problems.push(`${labelOf(name)} must be a whole number from ${setting.min} to ${setting.max}`);
    return setting.default;
  };
  const config = readConfig(text, integer, problems);
  if (problems.length > 0) throw new ConfigError(problems.join('\n'));
  return config;
}

function labelOf(name: SettingName): string {
  const flag = settings.find((setting) => setting.name === name)?.flag;
  return flag === undefined ? name : `${name} (${flag})`;
}

function readConfig(
  text: (name: TextName) => string,
  integer: (name: IntegerName) => number,
  problems: string[],
): Config {
  const certFile = text('ANNALS_TLS_CERT');
  const keyFile = text('ANNALS_TLS_KEY');
  if ((certFile === '') !== (keyFile === '')) {
    problems.push(`${labelOf('ANNALS_TLS_CERT')} and ${labelOf('ANNALS_TLS_KEY')} belong together`);
  }
  for (const name of ['ANNALS_TLS_CERT', 'ANNALS_TLS_KEY'] as const) {
    if (text(name) !== '' && !isReadable(text(name)))
      problems.push(`${labelOf(name)} names a file that cannot be read`);
  }
  const trustedProxies = text('ANNALS_TRUSTED_PROXIES')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
  if (!trustedProxies.every(isAddressOrRange)) {
    problems.push('ANNALS_TRUSTED_PROXIES must be addresses or CIDR ranges, separated by commas');
  }
  for (const name of ['ANNALS_DATA', 'ANNALS_HOST'] as const) {
    if (text(name) === '') problems.push(`${labelOf(name)} must not be empty`);
  }
  const level = text('ANNALS_LOG_LEVEL');
  const logLevel = logLevels.find((known) => known === level);
  if (logLevel === undefined) problems.push(`ANNALS_LOG_LEVEL must be one of ${logLevels.join(', ')}`);
  return Object.freeze({
    dataDir: resolve(text('ANNALS_DATA')),
    host: text('ANNALS_HOST'),
    port: integer('ANNALS_PORT'),
    publicUrl: originOf(text('ANNALS_PUBLIC_URL'), 'ANNALS_PUBLIC_URL', problems),
    downloadUrl: originOf(text('ANNALS_DOWNLOAD_URL'), 'ANNALS_DOWNLOAD_URL', problems),
    tls:
      certFile === '' || keyFile === ''
        ? null
        : Object.freeze({ certFile: resolve(certFile), keyFile: resolve(keyFile) }),
    trustedProxies: Object.freeze(trustedProxies),
    workers: integer('ANNALS_WORKERS'),
    resultDays: integer('ANNALS_RESULT_DAYS'),
    shutdownMs: integer('ANNALS_SHUTDOWN_SECONDS') * 1000,
    logLevel: logLevel ?? 'info',
    limits: readLimits(integer),
  });
}

function readLimits(integer: (name: IntegerName) => number): Limits {
  return Object.freeze({
    jsonBodyBytes: integer('ANNALS_MAX_JSON_BODY_BYTES'),
    entriesBodyBytes: integer('ANNALS_MAX_ENTRIES_BODY_BYTES'),
    entriesPerArray: integer('ANNALS_MAX_ENTRIES_PER_ARRAY'),
    ndjsonLineBytes: integer('ANNALS_MAX_NDJSON_LINE_BYTES'),
    rejectedLines: integer('ANNALS_MAX_REJECTED_LINES'),
    ingestStreams: integer('ANNALS_MAX_INGEST_STREAMS'),
    bodyBytesAtOnce: integer('ANNALS_MAX_BODY_BYTES_AT_ONCE'),
    urlBytes: integer('ANNALS_MAX_URL_BYTES'),
    headerBytes: integer('ANNALS_MAX_HEADER_BYTES'),
    jsonDepth: integer('ANNALS_MAX_JSON_DEPTH'),
    bodyIdleMs: integer('ANNALS_BODY_IDLE_SECONDS') * 1000,
    bodyTotalMs: integer('ANNALS_BODY_TOTAL_SECONDS') * 1000,
    connectionIdleMs: integer('ANNALS_CONNECTION_IDLE_SECONDS') * 1000,
    connections: integer('ANNALS_MAX_CONNECTIONS'),
    openJobsPerOrganisation: integer('ANNALS_MAX_OPEN_JOBS'),
    entriesPerPage: integer('ANNALS_MAX_ENTRIES_PER_PAGE'),
    usersPerPage: integer('ANNALS_MAX_USERS_PER_PAGE'),
  });
}

function isReadable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK);
    return true;
  } catch {
    return false; // for whatever reason: the server could not start with it
  }
}

function isAddressOrRange(text: string): boolean {
  const [address = '', bits, ...rest] = text.split('/');
  const family = isIP(address);
  if (family === 0 || rest.length > 0) return false;
  return bits === undefined || (/^[0-9]{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128));
}

/** An origin without a trailing slash, or null when the text is empty. A path, query or user in it is a mistake. */
function originOf(text: string, name: TextName, problems: string[]): string | null {
  if (text === '') return null;
  const url = URL.parse(text);
  const isOrigin =
    url !== null &&
    (url.protocol === 'http:' || url.protocol === 'https:') &&
    (url.pathname === '/' || url.pathname === '') &&
    url.search === '' &&
    url.hash === '' &&
    url.username === '' &&
    url.password === '';
  if (isOrigin) return url.origin;
  problems.push(`${labelOf(name)} must be an origin such as https://audit.example.com, without a path`);
  return null;
}
