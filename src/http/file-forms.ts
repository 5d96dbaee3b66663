/** The forms that a file can be sent in, and which of them a client takes (RFC 9110 §12.5.3). */
import { gzipName, type JobFile } from '../export/jobs.ts';

export interface FileForm {
  /** What it is called in the results store. */
  readonly storedName: string;
  /** `Content-Encoding`; null: the file as it is. */
  readonly coding: 'gzip' | null;
  readonly bytes: number;
  /** Of what is sent, lower-case hex. */
  readonly sha256: string;
  /** Strong: no two forms share one. */
  readonly etag: string;
}

/**
 * What may be sent, the best first. Who takes gzip gets it, for it is about a tenth of the bytes, unless the plain file has
 * the greater weight. Without the header, and when nothing that it names is there, the file is sent as it is.
 */
export function acceptedForms(file: JobFile, acceptEncoding: string | undefined): readonly [FileForm, ...FileForm[]] {
  const plain = formOf(file.name, null, file);
  if (file.gzip === undefined || acceptEncoding === undefined) return [plain];
  const gzip = formOf(gzipName(file.name), 'gzip', file.gzip);
  const weights = weightsOf(acceptEncoding);
  const star = weights.get('*');
  const gzipWeight = weights.get('gzip') ?? star ?? 0;
  const plainWeight = weights.get('identity') ?? star;
  if (gzipWeight === 0) return [plain];
  if (plainWeight === 0) return [gzip];
  // What is not spoken of is taken, but never preferred.
  return gzipWeight >= (plainWeight ?? 0) ? [gzip, plain] : [plain, gzip];
}

function formOf(
  storedName: string,
  coding: FileForm['coding'],
  { bytes, sha256 }: Pick<FileForm, 'bytes' | 'sha256'>,
): FileForm {
  return { storedName, coding, bytes, sha256, etag: `"${sha256}"` };
}

/** By coding, in lower case; what is no list of weighted codings has no say. */
function weightsOf(acceptEncoding: string): ReadonlyMap<string, number> {
  const weights = new Map<string, number>();
  for (const item of acceptEncoding.toLowerCase().split(',')) {
    const [, coding, weight = '1'] =
      /^[ \t]*([!#$%&'*+.^_`|~a-z0-9-]+)[ \t]*(?:;[ \t]*q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?))?[ \t]*$/.exec(item) ?? [];
    if (coding !== undefined) weights.set(coding === 'x-gzip' ? 'gzip' : coding, Number(weight));
  }
  return weights;
}
