import { describe, expect, it } from "vitest";
import { between, itself, nearestPair, strongest } from "./kin";

const [cat, cup, eye] = [itself("cat"), itself("cup"), itself("eye")];

describe("the field that fits two pictures", () => {
  it("is their own for two photographs", () => {
    expect(nearestPair(cat, cup)).toEqual(["cat", "cup"]);
  });

  it("is that of the nearer end for a picture cut out of an edge", () => {
    expect(nearestPair(between(cat, cup, 0.3), eye)).toEqual(["cat", "eye"]);
    expect(nearestPair(between(cat, cup, 0.7), eye)).toEqual(["cup", "eye"]);
  });

  it("is never from a photograph to itself", () => {
    const early = between(cat, cup, 0.1);
    expect(nearestPair(early, cat)).toEqual(["cup", "cat"]);
    expect(nearestPair(early, between(cat, cup, 0.4))).toEqual(["cat", "cup"]);
    expect(nearestPair(cat, cat)).toBeNull();
  });

  it("knows a picture cut out twice by all it comes from", () => {
    const twice = between(between(cat, cup, 0.5), eye, 0.4);
    expect(strongest(twice)).toEqual(["eye", "cat"]);
    expect([...twice.values()].reduce((sum, share) => sum + share)).toBeCloseTo(1);
  });
});
