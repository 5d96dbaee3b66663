/**
 * Which connections carry a request at the moment. Node can close those that wait for their next request; it does not
 * close one on which the first few bytes of a request have come and nothing more.
 */
import type { Server } from 'node:http';
import type { Socket } from 'node:net';

const requestsOn = new WeakMap<Server, Map<Socket, number>>();

export function watchUse(server: Server, isSecure: boolean): void {
  const requests = new Map<Socket, number>();
  requestsOn.set(server, requests);
  const add = (socket: Socket) => {
    requests.set(socket, 0);
    socket.once('close', () => requests.delete(socket));
  };
  // Over TLS a request's socket is the secure one, and the bare one below it carries none of its own.
  server.on(isSecure ? 'secureConnection' : 'connection', add);
  server.on('request', ({ socket }, response) => {
    requests.set(socket, (requests.get(socket) ?? 0) + 1);
    response.once('close', () => {
      const count = requests.get(socket);
      if (count !== undefined) requests.set(socket, count - 1);
    });
  });
}

/** Closes every connection that carries no request, whether it waits for one or is in the middle of sending its head. */
export function endUnused(server: Server): void {
  const requests = requestsOn.get(server) ?? new Map<Socket, number>();
  for (const [socket, count] of requests) if (count === 0) socket.destroy();
}
