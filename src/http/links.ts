import type { Config } from '../config.ts';

/** Absolute links. They are made of configured origins, never of a request's headers. */
export interface Links {
  /** Annals's own origin: `api_domain` of a token answer. */
  readonly origin: string;
  download(org: string, jobId: string, fileName: string): string;
}

export function makeLinks(publicUrl: string, downloadUrl: string | null): Links {
  const downloadOrigin = downloadUrl ?? publicUrl;
  return {
    origin: publicUrl,
    download: (org, jobId, fileName) => `${downloadOrigin}/v2/crm/${org}/auditlog/${jobId}/${fileName}`,
  };
}

/** Where a server of these settings is reached: one that listens at every address is at loopback, too. */
export function addressOf({ host, tls }: Pick<Config, 'host' | 'tls'>, port: number): string {
  return `${tls === null ? 'http' : 'https'}://${nameOf(host)}:${port}`;
}

/** As a URL has it: IPv6 stands in brackets. */
function nameOf(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  if (host === '::') return '[::1]';
  return host.includes(':') ? `[${host}]` : host;
}
