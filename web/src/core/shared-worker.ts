/** The worker that all tabs of a browser share. */

import { Host } from "./host";
import { Leader } from "./leader";

declare const self: SharedWorkerGlobalScope;

const leader = new Leader(self, (tell) => new Host(tell));
self.onconnect = (event) => {
  for (const port of event.ports) leader.join(port);
};
