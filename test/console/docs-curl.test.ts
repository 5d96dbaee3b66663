import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { type ApiDocument, curlOf } from '../../console/src/pages/docs/curl.ts';
import { sampleOf } from '../../console/src/pages/docs/sample.ts';
import { openApiDocument } from '../../src/http/openapi.ts';
import { routes } from '../../src/http/routes.ts';

// What a client gets is JSON.
const document: ApiDocument = JSON.parse(JSON.stringify(openApiDocument(routes, 'https://annals.example')));

suite('the lines for the shell', () => {
  test('there is one for every operation, with every part of the path filled in', () => {
    for (const [path, operations] of Object.entries(document.paths)) {
      for (const method of Object.keys(operations)) {
        const [first = ''] = curlOf(document, path, method, {}).split(' \\\n');
        assert.match(first, /^curl (-X [A-Z]+ )?'https:\/\/annals\.example\/[^{}']+'$/, `${method} ${path}`);
      }
    }
  });

  test('what is known of the reader stands in the address, and a file is kept under its name', () => {
    const line = curlOf(document, '/v2/crm/{org}/auditlog/{job}/{file}', 'get', { org: '77062815' });
    assert.match(line, /\/v2\/crm\/77062815\/auditlog\/[0-9]+\/AuditLog\.zip'/);
    assert.match(line, /--remote-name$/);
  });

  test('the token stays in a variable of the shell, and an open operation asks for none', () => {
    assert.match(curlOf(document, '/api/v1/entries', 'get', {}), /-H "Authorization: Bearer \$ANNALS_TOKEN"/);
    assert.doesNotMatch(curlOf(document, '/openapi.json', 'get', {}), /Authorization/);
  });

  test('a body of JSON is one that the endpoint would take', () => {
    const line = curlOf(document, '/api/v1/entries', 'post', {});
    const body = JSON.parse(/-d '(.*)'$/.exec(line)?.[1] ?? 'null');
    assert.deepEqual(Object.keys(body), ['action', 'done_by', 'module', 'record', 'changes']);
  });

  test('a log-in keeps the cookie, and what only a session may do shows it, with the origin on a write', () => {
    assert.match(curlOf(document, '/api/v1/session', 'post', {}), / -c annals-cookies\.txt /);
    assert.match(curlOf(document, '/api/v1/session', 'get', {}), / -b annals-cookies\.txt$/);
    const change = curlOf(document, '/api/v1/session/password', 'put', {});
    assert.match(change, / -b annals-cookies\.txt \\\n {2}-H 'Origin: https:\/\/annals\.example' /);
  });

  test('a body in which nothing is required shows what may be said', () => {
    const line = curlOf(document, '/api/v1/exports', 'post', {});
    assert.deepEqual(Object.keys(JSON.parse(/-d '(.*)'$/.exec(line)?.[1] ?? '{}')), ['from', 'to']);
  });

  test('a form is sent field by field', () => {
    const line = curlOf(document, '/oauth/v2/token', 'post', {});
    assert.match(line, /--data-urlencode 'grant_type=refresh_token'/);
    assert.match(line, /--data-urlencode 'client_id=your-client-id'/);
  });

  test("a quote in a value does not end the shell's word", () => {
    const schema = {
      type: 'object',
      properties: { name: { type: 'string', examples: ["O'Neil"] } },
      required: ['name'],
    };
    const one: ApiDocument = {
      servers: [{ url: 'https://a.example' }],
      paths: { '/x': { post: { requestBody: { content: { 'application/json': { schema } } } } } },
    };
    assert.match(curlOf(one, '/x', 'post', {}), /-d '\{"name":"O'\\''Neil"\}'$/);
  });

  test('an operation that is not there is an error', () => {
    assert.throws(() => curlOf(document, '/nothing', 'get', {}), /no get \/nothing/);
  });
});

suite('samples of schemas', () => {
  const sample = (schema: object) => sampleOf(schema as Record<string, unknown>, {});

  test('an example wins over the type, and the first alternative that is not null over null', () => {
    assert.equal(sample({ type: 'string', examples: ['Leads'] }), 'Leads');
    assert.equal(sample({ anyOf: [{ type: 'null' }, { const: 'v8' }] }), 'v8');
  });

  test('an object has what is required, and as many properties as it must', () => {
    const properties = { a: { type: 'string' }, b: { type: 'integer', minimum: 3 }, c: { type: 'boolean' } };
    assert.deepEqual(sample({ type: 'object', properties, required: ['b'] }), { b: 3 });
    assert.deepEqual(sample({ type: 'object', properties, minProperties: 1 }), { a: 'text' });
  });

  test('a schema that contains itself comes to an end', () => {
    const node = { type: 'object', properties: { next: { $ref: '#/components/schemas/Node' } }, required: ['next'] };
    assert.equal(typeof sampleOf({ $ref: '#/components/schemas/Node' }, { Node: node }), 'object');
  });
});
