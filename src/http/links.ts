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
