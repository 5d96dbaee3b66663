/** Answers that are no failures. */
import type { FastifyReply } from 'fastify';
import { stringifyJson } from '../audit/json.ts';
import { jsonType } from './errors.ts';

/** Compact JSON without a trailing newline. Ids in it are strings already. */
export function sendJson(reply: FastifyReply, value: unknown, status = 200): void {
  reply.code(status).header('content-type', jsonType).send(stringifyJson(value));
}

/** 204, with no body and no content type. */
export function sendNothing(reply: FastifyReply): void {
  reply.code(204).removeHeader('content-type').send();
}
