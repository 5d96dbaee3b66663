/** The API reference. What the document itself says comes from the server. */
export const docs = {
  title: 'API reference',
  subtitle: 'Everything that this console does, and more, can be done by a program.',
  document: 'The OpenAPI document',
  tokenTitle: 'Before the first line',
  tokenText: 'The lines take an access token from the variable ANNALS_TOKEN of your shell:',
  tokenAdmin: 'An administrator makes tokens under Administration, Tokens.',
  endpoints: 'Endpoints',
  loading: 'Loading the API reference',
  failed: 'The API reference could not be shown.',
  curl: 'As a line for the shell',
  curlOf: (method: string, path: string) => `Line for the shell: ${method} ${path}`,
  responsesOf: (method: string, path: string) => `Answers of ${method} ${path}`,
  copy: 'Copy',
  copied: 'Copied',
  notCopied: 'Mark it to copy it',
} as const;
