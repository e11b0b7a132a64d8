/** The worker that all tabs of a browser share. */

import { Leader } from "./leader";

declare const self: SharedWorkerGlobalScope;

const leader = new Leader(self);
self.onconnect = (event) => {
  for (const port of event.ports) leader.join(port);
};
