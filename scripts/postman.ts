/** Writes the Postman collection and its environment. Run it after a change of the routes; a test holds them to it. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openApiDocument } from '../src/http/openapi.ts';
import { routes } from '../src/http/routes.ts';
import { collectionOf, environmentOf } from './postman/collection.ts';
import type { OpenApiDocument } from './postman/document.ts';

// What a client gets is JSON, so that is what the collection is made of.
const document: OpenApiDocument = JSON.parse(JSON.stringify(openApiDocument(routes, 'http://127.0.0.1:8080')));
const folder = join(import.meta.dirname, '..', 'postman');
await write('annals.postman_collection.json', collectionOf(document));
await write('annals.postman_environment.json', environmentOf(document));

function write(name: string, value: object): Promise<void> {
  return writeFile(join(folder, name), `${JSON.stringify(value, null, 2)}\n`);
}
