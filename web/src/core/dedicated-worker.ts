/** The worker of one tab, where browsers cannot share one: the leader among them hosts the core for all. */

import { Host } from "./host";
import { Leader } from "./leader";

declare const self: DedicatedWorkerGlobalScope;

const leader = new Leader(self, (tell) => new Host(tell));
leader.join(self);
