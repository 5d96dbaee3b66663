import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { acceptedForms } from '../../src/http/file-forms.ts';

const plainOnly = { name: 'AuditLog.csv', bytes: 100, sha256: 'aa', entries: 1 };
const both = { ...plainOnly, gzip: { bytes: 10, sha256: 'bb' } };

function codings(acceptEncoding: string | undefined, file: typeof plainOnly | typeof both = both): string {
  return acceptedForms(file, acceptEncoding)
    .map(({ coding }) => coding ?? 'plain')
    .join(' ');
}

suite('the forms that a client takes', () => {
  const cases: [string | undefined, string][] = [
    [undefined, 'plain'],
    ['', 'plain'],
    ['gzip', 'gzip plain'],
    ['GZip', 'gzip plain'],
    ['x-gzip', 'gzip plain'],
    ['gzip, deflate, br', 'gzip plain'],
    ['br;q=1.0, gzip;q=0.8, *;q=0.1', 'gzip plain'],
    ['deflate, br', 'plain'],
    ['*', 'gzip plain'],
    ['*;q=0.1', 'gzip plain'],
    ['*;q=0', 'plain'],
    ['gzip;q=0', 'plain'],
    ['gzip;q=0.000', 'plain'],
    ['gzip;q=0, *', 'plain'],
    ['gzip; q=0.001', 'gzip plain'],
    ['gzip ; Q=1.000 ', 'gzip plain'],
    ['identity', 'plain'],
    ['identity, gzip', 'gzip plain'],
    ['identity, gzip;q=0.5', 'plain gzip'],
    ['gzip;q=0.5, *', 'plain gzip'],
    ['identity;q=0.5, gzip;q=0.6', 'gzip plain'],
    ['gzip, identity;q=0', 'gzip'],
    ['gzip, *;q=0', 'gzip'],
    // Nothing that is there would do: then the file as it is, rather than none.
    ['identity;q=0', 'plain'],
    ['br, identity;q=0', 'plain'],
    // No weight, no say.
    ['gzip;q=2', 'plain'],
    ['gzip;q=-1, identity', 'plain'],
    ['gzip;level=9', 'plain'],
    [',, ,gzip,', 'gzip plain'],
    ['gzip/9', 'plain'],
  ];
  for (const [header, expected] of cases) {
    test(`${header === undefined ? 'no Accept-Encoding' : JSON.stringify(header)}: ${expected}`, () => {
      assert.equal(codings(header), expected);
      assert.equal(codings(header, plainOnly), 'plain');
    });
  }

  test('whatever the header says, there is a form, and it is gzip only for who named it or a star', () => {
    const text = fc.oneof(
      fc.string({ maxLength: 60 }),
      fc
        .array(fc.constantFrom('gzip', 'x-gzip', 'identity', '*', 'br', ';q=0', ';q=0.5', ';q=1', ',', ' '))
        .map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(text, (header) => {
        const found = codings(header);
        assert.ok(['plain', 'gzip', 'gzip plain', 'plain gzip'].includes(found), found);
        if (found.includes('gzip')) assert.match(header, /gzip|\*/i);
      }),
    );
  });

  test('each form says where it lies, how long it is, and has a strong ETag of its own', () => {
    assert.deepEqual(acceptedForms(both, 'gzip'), [
      { storedName: 'AuditLog.csv.gz', coding: 'gzip', bytes: 10, sha256: 'bb', etag: '"bb"' },
      { storedName: 'AuditLog.csv', coding: null, bytes: 100, sha256: 'aa', etag: '"aa"' },
    ]);
  });
});
