/**
 * Two scalarsets: interchangeable clients, each connected to one of several interchangeable servers or to none. Every
 * combination is reachable, so the number of states is (servers + 1)^clients × 3^servers.
 */
import { action, type Model, sometimes, sometimesStep } from "../../explore/model/model.ts";
import { array, at, int, ref, type StructField, self, struct } from "../../explore/model/schema.ts";

/** Loads that a server can report: 0, 1 or 2. */
const LEVELS = 3;

const schemaOf = (clients: number, servers: number): StructField<ClientsAndServers> =>
  struct({
    clients: array(struct({ server: ref("server", servers) }), clients, { symmetric: "client" }),
    servers: array(struct({ number: self(), level: int(0, LEVELS - 1) }), servers, { symmetric: "server" }),
  });

export interface ClientsAndServers {
  readonly clients: readonly { server: number }[];
  readonly servers: readonly { readonly number: number; level: number }[];
}

export function clientsAndServers(clients: number, servers: number): Model<ClientsAndServers, null> {
  const client = Array.from({ length: clients }, (_, i) => i);
  const server = Array.from({ length: servers }, (_, i) => i);
  return {
    name: `${clients} clients and ${servers} servers`,
    schema: schemaOf(clients, servers),
    context: null,
    view: (state) => state,
    actions: [
      action("connect", { client, server }, (state: ClientsAndServers, _, parameters) => {
        const who = at(state.clients, parameters.client);
        if (who.server !== 0) {
          return false;
        }
        who.server = at(state.servers, parameters.server).number;
        return true;
      }),
      action("disconnect", { client }, (state: ClientsAndServers, _, parameters) => {
        const who = at(state.clients, parameters.client);
        if (who.server === 0) {
          return false;
        }
        who.server = 0;
        return true;
      }),
      action("report", { server }, (state: ClientsAndServers, _, parameters) => {
        const which = at(state.servers, parameters.server);
        which.level = (which.level + 1) % LEVELS;
        return true;
      }),
    ],
    properties: [
      sometimes({
        id: "crowd",
        claim: "All clients can be at one server that reports level 2",
        source: "the model's author",
        reached: (state) =>
          state.servers.some(
            (each) => each.level === 2 && state.clients.every((client) => client.server === each.number),
          ),
      }),
      sometimesStep({
        id: "last-leaves",
        claim: "The last client can leave a server that reports level 1",
        source: "the model's author",
        reached: (before, after) =>
          before.servers.some(
            (each) =>
              each.level === 1 &&
              before.clients.some((client) => client.server === each.number) &&
              !after.clients.some((client) => client.server === each.number),
          ),
      }),
    ],
  };
}

/**
 * The number of states up to renaming of clients and servers: the multisets of servers, each server being its level and
 * its number of clients, whose numbers of clients sum up to `clients` at most.
 */
export function clientServerOrbits(clients: number, servers: number): number {
  const kinds: { readonly load: number }[] = [];
  for (let level = 0; level < LEVELS; level++) {
    for (let load = 0; load <= clients; load++) {
      kinds.push({ load });
    }
  }
  const multisets = (from: number, left: number, room: number): number => {
    if (left === 0) {
      return 1;
    }
    let sum = 0;
    for (let kind = from; kind < kinds.length; kind++) {
      const { load } = at(kinds, kind);
      if (load <= room) {
        sum += multisets(kind, left - 1, room - load);
      }
    }
    return sum;
  };
  return multisets(0, servers, clients);
}
