import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { failureCodes } from '../../src/audit/failure.ts';
import { statusOf } from '../../src/http/errors.ts';
import { errorsOf, openApiDocument } from '../../src/http/openapi.ts';
import { routes } from '../../src/http/routes.ts';
import { Fixture } from './fixture.ts';

interface Document {
  readonly openapi: string;
  readonly paths: Record<string, Record<string, { responses: Record<string, { 'x-codes'?: string[] }> }>>;
}

const document = JSON.parse(JSON.stringify(openApiDocument(routes, 'http://audit.test'))) as Document;

suite('the OpenAPI document', () => {
  test('is served to anybody', async () => {
    await using fixture = await Fixture.open();
    const answer = await fixture.inject({ url: '/openapi.json', token: null });
    assert.equal(answer.statusCode, 200);
    assert.deepEqual(answer.json(), document);
    assert.equal(document.openapi, '3.1.0');
  });

  test('has every route that the server has, and no other', async () => {
    await using fixture = await Fixture.open();
    const documented = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    for (const each of documented) {
      const [method = '', path = ''] = each.split(' ');
      assert.ok(fixture.server.hasRoute({ method, url: path.replace(/\{(\w+)\}/g, ':$1') }), each);
    }
    const printed = fixture.server.printRoutes({ commonPrefix: false });
    const registered = printed
      .split('\n')
      .filter((line) => /\([A-Z, ]+\)$/.test(line))
      .flatMap((line) => {
        const methods = /\(([A-Z, ]+)\)/.exec(line)?.[1]?.split(', ') ?? [];
        return methods.filter((method) => method !== 'HEAD');
      });
    assert.equal(registered.length, documented.length);
  });

  test('points at nothing that it does not hold', () => {
    const text = JSON.stringify(document);
    for (const [, name = ''] of text.matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)) {
      assert.match(text, new RegExp(`"${name}":\\{`));
    }
    assert.doesNotMatch(text, /"\$(id|defs)"/);
    for (const [, target = ''] of text.matchAll(/"\$ref":"([^"]+)"/g))
      assert.match(target, /^#\/components\/schemas\//);
  });

  test('lists under each status the codes of that status', () => {
    for (const route of routes) {
      const responses = document.paths[route.path]?.[route.method.toLowerCase()]?.responses ?? {};
      const listed = Object.entries(responses).flatMap(([status, { 'x-codes': codes = [] }]) =>
        codes.map((code) => `${status} ${code}`),
      );
      assert.deepEqual(
        listed.sort(),
        errorsOf(route)
          .map((code) => `${statusOf[code]} ${code}`)
          .sort(),
      );
    }
  });

  test('keeps every answer of a route, also where a refusal has the same status', () => {
    for (const route of routes) {
      const responses = document.paths[route.path]?.[route.method.toLowerCase()]?.responses ?? {};
      for (const [status, { description, content }] of Object.entries(route.answers)) {
        const text = JSON.stringify(responses[status]);
        assert.ok(text.includes(description), `${route.operationId} ${status}`);
        for (const type of Object.keys(content ?? {})) assert.ok(text.includes(type));
      }
    }
    assert.match(JSON.stringify(document.paths['/oauth/v2/token']), /"400":.*invalid_code/);
  });

  test('every failure that the code knows is documented for some route', () => {
    const documented = new Set<string>(routes.flatMap(errorsOf));
    assert.deepEqual(
      failureCodes.filter((code) => !documented.has(code)),
      [],
    );
  });
});
