import { describe, expect, it } from "vitest";
import { bestFits, fit } from "./fuzzy";

const names = ["Margaret Hamilton", "Grace Hopper", "Marie Curie", "Émile Zola", "Katherine Johnson", "أَحْمَد"];

describe("a search that forgives", () => {
  it.each([
    ["mc", "Marie Curie"],
    ["hmlton", "Margaret Hamilton"],
    ["emile", "Émile Zola"],
    ["GRACE", "Grace Hopper"],
    ["kath j", "Katherine Johnson"],
    ["احمد", "أَحْمَد"],
  ])("finds for %j first %j", (typed, name) => {
    expect(bestFits(typed, names, (one) => one)[0]).toBe(name);
  });

  it("does not find letters in another order", () => {
    expect(fit("ecarg", "Grace")).toBeNull();
  });

  it("keeps the order where nothing was typed", () => {
    expect(bestFits(" ", names, (one) => one)).toEqual(names);
  });
});
