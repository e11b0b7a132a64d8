/** What every test builds on: a server, people, and browsers that complain about nothing. */

import { test as base, expect, type BrowserContextOptions } from "@playwright/test";

import { Device } from "./device";
import { Kith } from "./kith";
import { Person } from "./person";

interface Fixtures {
  /** Somebody new on the shared server. */
  person: (name: string) => Promise<Person>;
  /** A browser of somebody who is signed in, at `path`. */
  browse: (person: Person, path?: string, options?: BrowserContextOptions) => Promise<Device>;
  /** A browser in which nobody is signed in. */
  stranger: (kith?: Kith, options?: BrowserContextOptions) => Promise<Device>;
  /** A server of this test's own, for those that stop it or count what it has. */
  own: (story?: unknown) => Promise<Kith>;
}

interface WorkerFixtures {
  kith: Kith;
}

export const test = base.extend<Fixtures & { devices: Device[] }, WorkerFixtures>({
  kith: [
    async ({}, use) => {
      const kith = await Kith.start();
      // The first account runs the server; the others are ordinary people.
      await Person.register(kith, "Operator");
      await use(kith);
      await kith.dispose();
    },
    { scope: "worker" },
  ],
  person: async ({ kith }, use) => {
    await use((name) => Person.register(kith, name));
  },
  own: async ({}, use) => {
    const servers: Kith[] = [];
    await use(async (story) => {
      const kith = await Kith.start(story);
      servers.push(kith);
      return kith;
    });
    for (const kith of servers) await kith.dispose();
  },
  devices: async ({}, use) => {
    const devices: Device[] = [];
    await use(devices);
    const complaints = devices.flatMap((device) => device.watch.complaints);
    for (const device of devices) await device.dispose();
    expect(complaints, "no browser may complain").toEqual([]);
  },
  stranger: async ({ browser, kith, devices }, use) => {
    await use(async (other, options) => {
      const device = await Device.make(browser, other ?? kith, options);
      devices.push(device);
      return device;
    });
  },
  browse: async ({ stranger }, use) => {
    await use(async (person, path, options) => {
      const device = await stranger(person.kith, options);
      await device.signIn(person);
      await device.open(path);
      return device;
    });
  },
});

export { expect };
