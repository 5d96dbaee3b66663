import { wrongField } from '../audit/failure.ts';

export const maxRedirectUris = 20;
export const maxRedirectUriLength = 2_000;

/** As they came. Throws INVALID_DATA. */
export function checkedRedirectUris(uris: readonly string[]): readonly string[] {
  if (uris.length > maxRedirectUris) {
    throw wrongField('redirect_uris', `a client has at most ${maxRedirectUris} redirect URIs`);
  }
  for (const uri of uris) {
    const url = uri.length <= maxRedirectUriLength ? URL.parse(uri) : null;
    if (
      !url ||
      !uri.isWellFormed() ||
      !/^https?:$/.test(url.protocol) ||
      uri.includes('#') ||
      /[\s\p{Cc}]/u.test(uri)
    ) {
      throw wrongField('redirect_uris', 'a redirect URI is an absolute http or https address without a fragment');
    }
  }
  return uris;
}
