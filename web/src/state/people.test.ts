import type { Me, Person, Update } from "@kith/client";
import { expect, it } from "vitest";

import { person, tellPeople } from "./people";
import { me, tellSession } from "./session";

it("forgets what is no longer known of a person, and nothing of oneself", () => {
  const anna: Person = { user_id: "a", name: "Anna", online: true };
  const own: Me = { ...anna, email: "anna@example.org", operator: true, session_id: "s" };
  const tell = (update: Update) => {
    tellSession(update);
    tellPeople(update);
  };
  tell({ kind: "me", me: own });
  tell({ kind: "people", people: [{ user_id: "a", name: "Anna" }] });
  expect(person("a")).toEqual({ user_id: "a", name: "Anna" });
  expect(me()).toEqual({ ...anna, email: "anna@example.org", operator: true, session_id: "s" });
});
